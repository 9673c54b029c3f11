"""Cells of about 10,000 m² that follow roads and alleys and tile each street exactly.

Roads and street boundaries cut the district into faces; faces that are too thin (the strip between two
carriageways) or too large (parks, compounds) are divided, and pieces that are too small are joined to the
neighbour with which they share most of their border, across an alley rather than across a main road.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from siquan.demo.derivation.frame import ORIGIN, SCALE, Floats, Geometries, cleaned
from siquan.demo.derivation.roads import Road

Edge = tuple[tuple[float, float], tuple[float, float]]

TARGET_M2 = 10_000.0
SMALLEST_M2 = 5_000.0
LARGEST_M2 = 14_000.0
_THIN_M = 17.0  # a face of this mean width is the strip between two carriageways
_STRIP_M = 55.0
_GRID_M = 0.1
# how willingly a border along such a road is given up when pieces are joined
GIVE_UP = {"main": 0.05, "secondary": 0.25, "branch": 0.8, "alley": 1.0, "": 1.0}


@dataclass
class Tiling:
    """Pieces that tile the district: the street of each, and what each pair of neighbours shares."""

    pieces: list[Polygon]
    street: list[int]
    shared: dict[int, dict[int, float]] = field(default_factory=dict)
    kept: dict[int, dict[int, float]] = field(default_factory=dict)


def tile(streets: Sequence[BaseGeometry], roads: Sequence[Road]) -> Tiling:
    """Return cells that tile the streets exactly, simplified together so that borders stay shared."""
    faces = _divide(_noded([street.boundary for street in streets] + [road.line for road in roads]), streets)
    tiling = _described(_noded([face.boundary for face in faces]), streets, roads)
    groups = _join(tiling)
    cells = [shapely.union_all([tiling.pieces[i] for i in group], grid_size=_GRID_M) for group in groups]
    clean = cleaned(cells, gap_width=0.5)
    return _described(_on_grid(shapely.coverage_simplify(clean, 3.0)), streets, roads)


def _on_grid(cells: Geometries) -> list[Polygon]:
    """Return the cells with corners on whole millionths of a degree, so that written files still fit exactly.

    Rounding may pinch off slivers: they go to the neighbour with which they share most of their border.
    """
    micro = shapely.transform(cells, lambda flat: (flat / SCALE + ORIGIN) * 1e6)
    faces = _noded([cell.boundary for cell in micro], grid=1.0)
    owner = dict(_inside(faces, list(micro)))
    shared = _neighbours({face: faces[face] for face in owner})
    for _round in range(3):
        for part in _detached(owner, shared):
            border: dict[int, float] = defaultdict(float)
            for face in part:
                for other, length in shared[face].items():
                    if owner[other] != owner[face]:
                        border[owner[other]] += length
            target = max(border, key=lambda cell: (border[cell], -cell))
            owner.update(dict.fromkeys(part, target))
    members: dict[int, list[Polygon]] = defaultdict(list)
    for face, cell in sorted(owner.items()):
        members[cell].append(faces[face])
    whole = [shapely.coverage_union_all(members[cell]) for cell in sorted(members)]
    flat = [shapely.transform(cell, lambda micro: (micro / 1e6 - ORIGIN) * SCALE) for cell in whole]
    return [cell for cell in flat if isinstance(cell, Polygon)]


def _detached(owner: Mapping[int, int], shared: Mapping[int, Mapping[int, float]]) -> list[list[int]]:
    """Return the groups of faces cut off from the main part of their cell."""
    parts: dict[int, list[list[int]]] = defaultdict(list)
    seen: set[int] = set()
    for start in sorted(owner):
        if start in seen:
            continue
        seen.add(start)
        part, queue = [], [start]
        while queue:
            face = queue.pop()
            part.append(face)
            fresh = [o for o in shared.get(face, {}) if o not in seen and owner[o] == owner[face]]
            seen.update(fresh)
            queue += fresh
        parts[owner[start]].append(part)
    return [part for group in parts.values() for part in sorted(group, key=len)[:-1]]


def _noded(lines: Sequence[BaseGeometry], grid: float = _GRID_M) -> list[Polygon]:
    """Return the faces between lines, cut wherever two lines meet, with corners on a grid."""
    noded = shapely.union_all(list(lines), grid_size=grid)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return sorted(faces, key=lambda face: face.bounds)


def _inside(pieces: Sequence[Polygon], streets: Sequence[BaseGeometry]) -> list[tuple[int, int]]:
    """Return (piece, street) for every piece that lies in a street."""
    tree = shapely.STRtree(list(streets))
    points = shapely.point_on_surface(np.array(pieces, dtype=object))
    found = tree.query(points, predicate="intersects")
    first: dict[int, int] = {}
    for piece, street in zip(*found.tolist(), strict=True):
        first.setdefault(piece, street)
    return sorted(first.items())


def _divide(faces: list[Polygon], streets: Sequence[BaseGeometry]) -> list[Polygon]:
    pieces: list[Polygon] = []
    for index, _street in _inside(faces, streets):
        face = faces[index]
        width = 2 * face.area / face.length
        if width < _THIN_M and face.length > 3 * _STRIP_M:
            pieces += _parts(face, round(face.length / 2 / _STRIP_M))
        elif face.area > LARGEST_M2:
            pieces += _parts(face, max(2, round(face.area / TARGET_M2)))
        else:
            pieces.append(face)
    return pieces


def _parts(face: Polygon, count: int) -> list[Polygon]:
    """Return the face divided into about `count` compact parts of like size (Lloyd's rounds)."""
    sample = _grid_points(face, count)
    rng = np.random.default_rng(int(face.area) + count)
    centres = sample[rng.choice(len(sample), size=count, replace=False)]
    for _round in range(40):
        nearest = np.argmin(((sample[:, None] - centres[None]) ** 2).sum(2), axis=1)
        moved = np.array(
            [sample[nearest == i].mean(0) if (nearest == i).any() else centres[i] for i in range(count)]
        )
        if np.allclose(moved, centres, atol=0.05):
            break
        centres = moved
    regions = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(centres), extend_to=face.envelope))
    parts = shapely.get_parts(shapely.intersection(np.array(regions, dtype=object), face, grid_size=_GRID_M))
    return [part for part in parts if isinstance(part, Polygon) and part.area > 0]


def _grid_points(face: Polygon, count: int) -> Floats:
    step = max(1.0, float(np.sqrt(face.area / (count * 60))))
    west, south, east, north = face.bounds
    lon, lat = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
    inside = shapely.contains_xy(face, lon.ravel(), lat.ravel())
    return np.column_stack([lon.ravel()[inside], lat.ravel()[inside]])


def _described(pieces: list[Polygon], streets: Sequence[BaseGeometry], roads: Sequence[Road]) -> Tiling:
    """Return the pieces inside the streets with the length each pair shares (all, and weighted by road)."""
    located = _inside(pieces, streets)
    tiling = Tiling([pieces[i] for i, _ in located], [street for _, street in located])
    borders = _borders(dict(enumerate(tiling.pieces)))
    kinds = _road_kinds([edge for edge, _ in borders], roads)
    shared: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    kept: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for (edge, owners), kind in zip(borders, kinds, strict=True):
        for a, b in (owners, owners[::-1]):
            shared[a][b] += _length(edge)
            kept[a][b] += _length(edge) * GIVE_UP[kind]
    tiling.shared = {a: dict(sorted(b.items())) for a, b in sorted(shared.items())}
    tiling.kept = {a: dict(sorted(b.items())) for a, b in sorted(kept.items())}
    return tiling


def _borders(pieces: Mapping[int, Polygon]) -> list[tuple[Edge, tuple[int, int]]]:
    """Return every edge between two pieces, with the two."""
    edges: dict[Edge, list[int]] = defaultdict(list)
    for index, piece in pieces.items():
        for ring in (piece.exterior, *piece.interiors):
            points = [(round(x, 2), round(y, 2)) for x, y in ring.coords]
            for a, b in pairwise(points):
                edges[(a, b) if a < b else (b, a)].append(index)
    return [(edge, (owners[0], owners[1])) for edge, owners in sorted(edges.items()) if len(set(owners)) == 2]


def _neighbours(pieces: Mapping[int, Polygon]) -> dict[int, dict[int, float]]:
    """Return the length each piece shares with each of its neighbours."""
    shared: dict[int, dict[int, float]] = {index: defaultdict(float) for index in pieces}
    for edge, (a, b) in _borders(pieces):
        shared[a][b] += _length(edge)
        shared[b][a] += _length(edge)
    return shared


def _length(edge: Edge) -> float:
    return float(np.hypot(edge[0][0] - edge[1][0], edge[0][1] - edge[1][1]))


def _road_kinds(edges: list[Edge], roads: Sequence[Road]) -> list[str]:
    """Return the class of the road each edge runs along, or nothing."""
    middles = shapely.points([((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in edges])
    kinds = [""] * len(edges)
    for kind in ("alley", "branch", "secondary", "main"):  # the widest wins
        parts = [part for road in roads if road.kind == kind for part in road.line.geoms]
        tree = shapely.STRtree(parts)
        for index in np.unique(tree.query(middles, predicate="dwithin", distance=3.0)[0]).tolist():
            kinds[index] = kind
    return kinds


def _join(tiling: Tiling) -> list[list[int]]:
    """Return groups of pieces: the smallest is joined to its best neighbour until none is too small."""
    area = {i: piece.area for i, piece in enumerate(tiling.pieces)}
    members = {i: [i] for i in area}
    links = {
        i: {j: w for j, w in tiling.kept.get(i, {}).items() if tiling.street[i] == tiling.street[j]}
        for i in area
    }
    heap = [(a, i) for i, a in area.items() if a < SMALLEST_M2]
    heapq.heapify(heap)
    while heap:
        size, i = heapq.heappop(heap)
        if i not in area or area[i] != size or not links[i]:
            continue
        j = max(links[i], key=lambda other: (_gain(links[i][other], size + area[other]), -other))
        area[j] += area.pop(i)
        members[j] += members.pop(i)
        for other, weight in links.pop(i).items():
            links[other].pop(i, None)
            if other != j:
                links[j][other] = links[j].get(other, 0.0) + weight
                links[other][j] = links[other].get(j, 0.0) + weight
        if area[j] < SMALLEST_M2:
            heapq.heappush(heap, (area[j], j))
    return [sorted(group) for _, group in sorted(members.items())]


def _gain(weight: float, joined: float) -> float:
    """Return how good a join is: a long border, and a result that is not too large."""
    return weight / (1.0 + max(0.0, joined - TARGET_M2) / 1_500.0)
