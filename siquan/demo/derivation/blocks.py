"""81 blocks made for the demonstration by dividing the 17 streets; they are not the official 81.

Each street gets a number of blocks by its share of area and residents; its cells are grouped around weighted
centres (k-means), with borders pulled onto main roads; the kind comes from what lies inside.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from siquan.demo.derivation.cells import Tiling
from siquan.demo.derivation.frame import Floats
from siquan.demo.derivation.roads import Road

BLOCKS = 81
KINDS = ("government", "culture", "residential", "industry")
KIND_ZH = {"government": "政务", "culture": "文化", "residential": "居住", "industry": "产业"}
_FEWEST = 2
_PULL = 0.09  # how strongly a border is pulled onto a main road, against distance to the centre


def numbers(area: Floats, residents: Floats) -> list[int]:
    """Return how many blocks each street gets, summing to 81 (largest remainders, at least two each)."""
    share = 0.5 * area / area.sum() + 0.5 * residents / residents.sum()
    exact = np.maximum(share * BLOCKS, _FEWEST)
    exact = _FEWEST + (exact - _FEWEST) * (BLOCKS - _FEWEST * len(exact)) / (exact - _FEWEST).sum()
    count = np.floor(exact).astype(int)
    for index in np.argsort(-(exact - count), kind="stable")[: BLOCKS - int(count.sum())]:
        count[index] += 1
    return [int(n) for n in count]


def group(tiling: Tiling, residents: Floats) -> list[int]:
    """Return the block of each cell, numbered from north-west to south-east, street by street."""
    area = np.array([piece.area for piece in tiling.pieces])
    street = np.array(tiling.street)
    per_street = range(max(tiling.street) + 1)
    wanted = numbers(
        np.array([area[street == s].sum() for s in per_street]),
        np.array([residents[street == s].sum() for s in per_street]),
    )
    points = np.array([(piece.centroid.x, piece.centroid.y) for piece in tiling.pieces])
    weight = area / area.sum() + residents / residents.sum()
    block = [-1] * len(area)
    first = 0
    for s in per_street:
        mine = np.flatnonzero(street == s)
        local = _clusters(points[mine], weight[mine], wanted[s])
        local = _settle(tiling, mine.tolist(), points, local, wanted[s])
        order = _reading_order(points[mine], np.array(local), wanted[s])
        for cell, cluster in zip(mine.tolist(), local, strict=True):
            block[cell] = first + order[cluster]
        first += wanted[s]
    return block


def _clusters(points: Floats, weight: Floats, count: int) -> list[int]:
    """Return clusters by weighted k-means from the best of a few seeded starts."""
    best: tuple[float, list[int]] | None = None
    for seed in range(12):
        rng = np.random.default_rng(seed)
        centres = points[rng.choice(len(points), size=count, replace=False, p=weight / weight.sum())]
        for _round in range(60):
            distance = ((points[:, None] - centres[None]) ** 2).sum(2)
            nearest = distance.argmin(1)
            moved = np.array(
                [
                    np.average(points[nearest == i], axis=0, weights=weight[nearest == i])
                    if (nearest == i).any()
                    else centres[i]
                    for i in range(count)
                ]
            )
            if np.allclose(moved, centres):
                break
            centres = moved
        cost = float((distance.min(1) * weight).sum())
        if best is None or cost < best[0]:
            best = (cost, [int(n) for n in nearest])
    assert best is not None
    return best[1]


def _settle(tiling: Tiling, cells: list[int], points: Floats, local: list[int], count: int) -> list[int]:
    """Return the clusters with borders moved onto main roads, and each in one piece."""
    of = dict(zip(cells, local, strict=True))
    centres = np.array([points[[c for c in cells if of[c] == i]].mean(0) for i in range(count)])
    scale = np.sqrt(len(cells) * 10_000.0 / count)
    for _round in range(30):
        moved = 0
        for cell in cells:
            pull: dict[int, float] = defaultdict(float)
            for other, weight in tiling.kept[cell].items():
                if other in of:
                    pull[of[other]] += weight
            cost = {
                i: float(np.hypot(*(points[cell] - centres[i]))) / scale - _PULL * pull[i] / 100.0 * 2
                for i in sorted({*pull, of[cell]})
            }
            best = min(cost, key=lambda i: (cost[i], i))
            if best != of[cell]:
                of[cell], moved = best, moved + 1
        if not moved:
            break
    for _round in range(5):
        _one_piece(tiling, of)
    return [of[cell] for cell in cells]


def _one_piece(tiling: Tiling, of: dict[int, int]) -> None:
    """Give every detached part of a cluster to the neighbour it borders most."""
    parts = _parts(tiling, of)
    largest = {of[part[0]]: part for part in sorted(parts, key=len)}
    for part in parts:
        if part is largest[of[part[0]]]:
            continue
        border: Counter[int] = Counter()
        for cell in part:
            for other, length in tiling.shared[cell].items():
                if other in of and of[other] != of[cell]:
                    border[of[other]] += int(length)
        if border:
            target = max(border, key=lambda i: (border[i], -i))
            for cell in part:
                of[cell] = target


def _parts(tiling: Tiling, of: Mapping[int, int]) -> list[list[int]]:
    seen: set[int] = set()
    parts = []
    for start in sorted(of):
        if start in seen:
            continue
        seen.add(start)
        part, queue = [], [start]
        while queue:
            cell = queue.pop()
            part.append(cell)
            for other in tiling.shared[cell]:
                if other in of and other not in seen and of[other] == of[cell]:
                    seen.add(other)
                    queue.append(other)
        parts.append(part)
    return parts


def _reading_order(points: Floats, local: Floats, count: int) -> dict[int, int]:
    """Return the number of each cluster, counted from north to south, then west to east."""
    centres = {i: points[local == i].mean(0) for i in range(count)}
    order = sorted(centres, key=lambda i: (-round(float(centres[i][1]) / 500), float(centres[i][0])))
    return {cluster: number for number, cluster in enumerate(order)}


def kinds(evidence: Mapping[str, Floats], area: Floats) -> list[str]:
    """Return the kind of each block: that whose evidence per area stands out most from the other blocks.

    Evidence is counted per block and kind, made into log densities and standardised over the 81 blocks; the
    largest standard score wins, in a tie the kind named first. Government needs evidence of at least 4.
    """
    scores = []
    for kind in KINDS:
        density = np.log1p(evidence[kind] / (area / 1e6))
        score = (density - density.mean()) / density.std()
        scores.append(np.where(evidence[kind] >= 4, score, -9.0) if kind == "government" else score)
    return [KINDS[int(i)] for i in np.argmax(np.array(scores), axis=0)]


def names(blocks: Sequence[BaseGeometry], roads: Sequence[Road], street_names: Sequence[str]) -> list[str]:
    """Return a name for each block from the best known road inside that no other block took.

    Long roads of a high class choose first; ring and river-side roads name nothing. A block without a road of
    its own is named after its street and where it lies in it.
    """
    inner = [block.buffer(-15) for block in blocks]
    choices = []
    for road in roads:
        stem = _stem(road.name)
        rank = {"main": 3.0, "secondary": 2.0, "alley": 1.5, "branch": 1.0}[road.kind]
        lengths = shapely.intersection(road.line, np.array(inner, dtype=object))
        choices += [
            (-rank * part.length, stem, i) for i, part in enumerate(lengths) if stem and part.length > 120
        ]
    taken: dict[int, str] = {}
    for _rank, stem, index in sorted(choices):
        if index not in taken and stem not in taken.values():
            taken[index] = stem
    for index in range(len(blocks)):
        if index not in taken:
            taken[index] = _by_direction(index, blocks, street_names)
    return [taken[i] for i in range(len(blocks))]


def _by_direction(index: int, blocks: Sequence[BaseGeometry], street_names: Sequence[str]) -> str:
    """Return the block's name by its direction from the middle of its street: 天坛东北街区."""
    street = shapely.union_all(
        [b for b, name in zip(blocks, street_names, strict=True) if name == street_names[index]]
    )
    east = blocks[index].centroid.x - street.centroid.x
    north = blocks[index].centroid.y - street.centroid.y
    reach = np.sqrt(street.area) / 8
    word = ("东" if east > reach else "西" if east < -reach else "") + (
        "北" if north > reach else "南" if north < -reach else ""
    )
    return f"{street_names[index].removesuffix('街道')}{word or '中'}片街区"


def _stem(name: str) -> str:
    """Return the block's name by a road: 王府井大街 -> 王府井街区, 国子监街 -> 国子监街区."""
    if len(name) < 3 or any(word in name for word in ("环", "滨河", "侧路", "高架", "桥", "辅路")):
        return ""
    stem = name.removesuffix("大街") if name.endswith("大街") else name.removesuffix("街")
    return f"{stem}街区" if len(stem) >= 2 else ""
