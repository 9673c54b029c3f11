"""Where people are: residents and people present per cell, and what lies in a block."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from siquan.demo.derivation import datum
from siquan.demo.derivation.cells import Tiling
from siquan.demo.derivation.frame import Floats, rows
from siquan.demo.derivation.places import Site
from siquan.demo.derivation.roads import Road

HOURS = [f"{hour:02d}:00" for hour in range(24)]
_ORGAN = re.compile(
    r"局|部|委员会|政协|档案|税务|监察|行政|机关|工商联|检察|法院|衙门|外务|海关总署|人才市场|建设管理办公室"
)
_AXIS = {"东长安街", "建国门内大街", "前门东大街", "前门西大街", "正义路", "台基厂大街", "人民大会堂西路"}


def residents(folder: Path, tiling: Tiling) -> Floats:
    """Return residents per cell; the sum of the grid is kept."""
    grid = rows(folder / "resident_population_grid.csv")
    points = datum.flat(
        datum.from_gcj02(np.array([(float(r["lng_gcj02"]), float(r["lat_gcj02"])) for r in grid]))
    )
    return _spread(points, np.array([[float(r["value"])] for r in grid]), tiling)[:, 0]


def presence(folder: Path, tiling: Tiling) -> Floats:
    """Return people present per cell and hour of day (cells x 24)."""
    grid = rows(folder / "hourly_activity_grid_wgs84.csv")
    points = datum.flat(np.array([(float(r["LON"]), float(r["LAT"])) for r in grid]))
    return _spread(points, np.array([[float(r[hour]) for hour in HOURS] for r in grid]), tiling)


def _spread(points: Floats, values: Floats, tiling: Tiling) -> Floats:
    """Return the values of grid points shared out to the cells nearest to each point, by area.

    A point that is nearest to no cell gives its value to the cell nearest to it, so that nothing is lost.
    """
    centres = np.array([(p.centroid.x, p.centroid.y) for p in tiling.pieces])
    area = np.array([p.area for p in tiling.pieces])
    nearest = np.argmin(((centres[:, None] - points[None]) ** 2).sum(2), axis=1)
    total = np.bincount(nearest, weights=area, minlength=len(points))
    out = values[nearest] * (area / total[nearest])[:, None]
    for point in np.flatnonzero(total == 0):
        out[np.argmin(((centres - points[point]) ** 2).sum(1))] += values[point]
    return np.asarray(out)


def evidence(
    blocks: Sequence[shapely.Geometry],
    sites: Sequence[Site],
    roads: Sequence[Road],
    residents: Floats,
    presence: Floats,
) -> dict[str, Floats]:
    """Return, per kind of block, the evidence inside each block; residents and presence are per block.

    government: organs named by a car park or monument, and kilometres of the streets of the central organs;
    culture: monuments, protected courtyards, culture centres, parks; residential: residents by thousands;
    industry: by how many thousands people by day exceed those by night, and car parks of shops and offices.
    """
    tree = shapely.STRtree(list(blocks))
    found = tree.query(shapely.points([(s.x, s.y) for s in sites]), predicate="intersects")
    out = {kind: np.zeros(len(blocks)) for kind in ("government", "culture", "residential", "industry")}
    for index, block in zip(*found.tolist(), strict=True):
        site = sites[index]
        if site.kind in {"heritage", "courtyard", "culture", "park", "ancient_tree"}:
            out["culture"][block] += 1
        if site.kind in {"parking", "heritage"} and _ORGAN.search(site.name):
            out["government"][block] += 2
        if site.kind == "parking" and "大厦" in site.name:
            out["industry"][block] += 1
    for road in roads:
        if road.name in _AXIS:
            out["government"] += np.array([shapely.intersection(road.line, b).length for b in blocks]) / 300
    day, night = presence[:, 9:17].mean(1), presence[:, 1:5].mean(1)
    out["industry"] += np.maximum(0.0, day - night) / 1_000
    out["residential"] += residents / 1_000
    return out
