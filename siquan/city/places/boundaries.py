"""Which area a point lies in: the boundaries in force between two changes, held in memory.

The finest area decides and the larger ones follow from it, so that a point never lies in a block of one
street and in the cell of another. Where no cell covers the point, the block is looked up by itself, then the
street. A point on a shared border belongs to the area with the lowest code; so does one within `TOLERANCE` of
areas that it misses by a hair, because files round to six decimals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from django.utils.translation import get_language

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]

TOLERANCE: Final = 1e-6  # degrees, about 0.1 m
LEVELS: Final = ("district", "street", "community", "block", "cell")
CHAIN: Final = ("cell", "block", "street", "district")  # finest first; communities lie across it
NOWHERE: Final = -1
_PREPARE_FROM: Final = 80  # corners; an index pays for itself only in larger outlines


@dataclass(frozen=True, slots=True)
class Area:
    """One division as the lookup knows it; `parent` is the code of the one above."""

    id: int
    code: str
    level: str
    name: str
    name_en: str = ""
    kind: str = ""
    parent: str = ""

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


@dataclass(frozen=True, slots=True)
class Found:
    """Where many points lie: the division id per point and level, 0 where there is none."""

    district: Ids
    street: Ids
    community: Ids
    block: Ids
    cell: Ids

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Tell for each point whether it lies in the district."""
        return np.asarray(self.district > 0)


class _Layer:
    """The outlines of one level, lowest code first, with their index."""

    def __init__(self, members: Positions, shapes: npt.NDArray[np.object_]) -> None:
        self.members = members
        self.shapes = shapes[members]
        shapely.prepare(self.shapes[shapely.get_num_coordinates(self.shapes) >= _PREPARE_FROM])
        west, south, east, north = shapely.bounds(self.shapes).T
        # the tree holds boxes a hair larger, so that one query also finds what is nearly touched
        self.tree = shapely.STRtree(
            shapely.box(west - TOLERANCE, south - TOLERANCE, east + TOLERANCE, north + TOLERANCE)
        )

    def hits(
        self, lons: Floats, lats: Floats, points: npt.NDArray[np.object_]
    ) -> tuple[Positions, Positions]:
        """Return pairs (point, member): the areas that hold or touch each point, or else nearly touch it."""
        at, which = self.tree.query(points)
        held = shapely.intersects_xy(self.shapes[which], lons[at], lats[at])
        missed = np.ones(len(points), dtype=np.bool_)
        missed[at[held]] = False
        rest = np.flatnonzero(missed[at])
        if rest.size:
            held[rest] = shapely.dwithin(self.shapes[which[rest]], points[at[rest]], TOLERANCE)
        return at[held], which[held]


class Boundaries:
    """The areas in force on some day; `version` names their set and outlines, the same in every process."""

    def __init__(self, areas: Sequence[Area], shapes: Sequence[Any] | npt.NDArray[np.object_]) -> None:
        """Index the areas; `shapes` are shapely (multi)polygons in WGS-84, None where there is no outline."""
        order = sorted(range(len(areas)), key=lambda i: (LEVELS.index(areas[i].level), areas[i].code))
        self.areas = tuple(areas[i] for i in order)
        self.by_id = {area.id: area for area in self.areas}
        outlines = np.empty(len(order), dtype=object)
        outlines[:] = [shapes[i] for i in order]
        self._ids = np.array([area.id for area in self.areas] + [0], dtype=np.int64)  # [NOWHERE] is 0
        by_code = {(area.level, area.code): i for i, area in enumerate(self.areas)}
        self._above = {
            level: self._parents(level, by_code) for level in ("street", "community", "block", "cell")
        }
        self._layers = {
            level: _Layer(members, outlines)
            for level in LEVELS
            if (members := self._outlined(level, outlines)).size
        }
        self.version = _version(self.areas, outlines)

    def find(self, lons: Floats, lats: Floats) -> Found:
        """Return where WGS-84 points lie; points that are not finite lie nowhere."""
        size = len(lons)
        at = {level: np.full(size, NOWHERE, dtype=np.intp) for level in LEVELS}
        finite = np.isfinite(lons) & np.isfinite(lats)
        points = np.asarray(shapely.points(np.where(finite, lons, 0.0), np.where(finite, lats, 0.0)))
        for level, above in zip(CHAIN, (*CHAIN[1:], ""), strict=True):
            open_ = np.flatnonzero((at[level] == NOWHERE) & finite)
            if open_.size and level in self._layers:
                at[level][open_] = self._lowest(level, lons[open_], lats[open_], points[open_])
            if above:
                known = at[level] != NOWHERE
                at[above][known] = self._above[level][at[level][known]]
        if "community" in self._layers:
            at["community"] = self._community(lons, lats, points, at["street"])
        return Found(**{level: self._ids[at[level]] for level in LEVELS})

    def area(self, division_id: int) -> Area | None:
        """Return the area of an id that `find` gave; None for 0."""
        return self.by_id.get(division_id)

    def of_level(self, level: str) -> list[Area]:
        """Return the areas of one level, by code."""
        return [area for area in self.areas if area.level == level]

    def middles(self, level: str) -> dict[int, tuple[float, float]]:
        """Return for each outlined area of a level a point well inside it, as (lon, lat)."""
        layer = self._layers.get(level)
        if layer is None:
            return {}
        points = shapely.get_coordinates(shapely.point_on_surface(layer.shapes)).round(6).tolist()
        return {int(self._ids[i]): (lon, lat) for i, (lon, lat) in zip(layer.members, points, strict=True)}

    def _lowest(self, level: str, lons: Floats, lats: Floats, points: npt.NDArray[np.object_]) -> Positions:
        layer = self._layers[level]
        return _first(layer, len(points), *layer.hits(lons, lats, points))

    def _community(
        self, lons: Floats, lats: Floats, points: npt.NDArray[np.object_], street: Positions
    ) -> Positions:
        """Return the community of each point, only ever one of the street the point lies in."""
        layer = self._layers["community"]
        at, which = layer.hits(lons, lats, points)
        parent = self._above["community"][layer.members[which]]
        fits = (street[at] != NOWHERE) & ((parent == street[at]) | (parent == NOWHERE))
        return _first(layer, len(points), at[fits], which[fits])

    def _outlined(self, level: str, outlines: npt.NDArray[np.object_]) -> Positions:
        return np.array(
            [i for i, area in enumerate(self.areas) if area.level == level and outlines[i] is not None],
            dtype=np.intp,
        )

    def _parents(self, level: str, by_code: dict[tuple[str, str], int]) -> Positions:
        """Return, for each area of a level, the area above it that is in force today, by its code."""
        above = {"cell": "block", "block": "street", "community": "street", "street": "district"}[level]
        return np.array(
            [
                by_code.get((above, area.parent), NOWHERE) if area.level == level else NOWHERE
                for area in self.areas
            ],
            dtype=np.intp,
        )


def _first(layer: _Layer, size: int, at: Positions, which: Positions) -> Positions:
    """Return the area of lowest code per point."""
    lowest = np.full(size, len(layer.members), dtype=np.intp)
    np.minimum.at(lowest, at, which)
    return np.append(layer.members, NOWHERE)[lowest]


def _version(areas: Iterable[Area], outlines: npt.NDArray[np.object_]) -> str:
    digest = hashlib.sha256()
    for area, raw in zip(areas, shapely.to_wkb(outlines), strict=True):
        digest.update(f"{area.level}|{area.code}|{area.parent}|{area.name}|{area.kind}\n".encode())
        digest.update(raw or b"")
    return digest.hexdigest()[:12]
