"""Named and unnamed road lines with a class read from the name."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from siquan.demo.derivation import datum
from siquan.demo.derivation.frame import features

CLASSES = ("main", "secondary", "branch", "alley")

_ALLEY = re.compile(r"(胡同|巷|条|夹道|里|大院|河沿|城根|二里庄)$")
_MAIN = re.compile(r"(大街|环路|环东路|环中路|长安街)$")
_SECONDARY_M = 900.0  # a 路 or 街 at least this long is taken for a secondary road
_NOT_NAMES = {"新大陆", "故宫东门外"}  # places, not roads


@dataclass(frozen=True)
class Road:
    """A road of one name: its class and its whole line in metres; unnamed lines have an empty name."""

    name: str
    kind: str
    line: MultiLineString


def classify(name: str, length: float) -> str:
    """Return main, secondary, branch or alley for a road of this name and length in metres."""
    if not name:
        return "branch"
    if _MAIN.search(name) and not name.endswith(("胡同", "巷")):
        return "main"
    if _ALLEY.search(name):
        return "alley"
    return "secondary" if length >= _SECONDARY_M else "branch"


def own_name(raw: str) -> str:
    """Return the road's own name of a label such as 安定门内大街/安定门桥 (the road before the bridge)."""
    first = raw.split("/", maxsplit=1)[0].strip()
    return "" if first in _NOT_NAMES else first


def read(path: Path) -> list[Road]:
    """Return all roads of a GCJ-02 line file, by class and name, the unnamed as one last road."""
    lines: dict[str, list[BaseGeometry]] = defaultdict(list)
    for properties, geometry in features(path):
        lines[own_name(properties["name"])].append(
            shapely.transform(geometry, lambda points: datum.flat(datum.from_gcj02(points)))
        )
    roads = []
    for name, parts in lines.items():
        merged = _merged(parts)
        roads.append(Road(name, classify(name, merged.length), merged))
    return sorted(roads, key=lambda road: (not road.name, CLASSES.index(road.kind), road.name))


def _merged(parts: list[BaseGeometry]) -> MultiLineString:
    joined = shapely.line_merge(shapely.union_all(parts, grid_size=0.1))
    simple = shapely.simplify(joined, 1.5)
    return MultiLineString([simple]) if isinstance(simple, LineString) else MultiLineString(simple)
