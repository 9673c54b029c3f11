"""How places are told: where roads cross, known house numbers, what else a place is called."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from siquan.demo.derivation.oldnames import CALLED, NEIGHBOURS, OLD, STAND_FOR
from siquan.demo.derivation.places import Site
from siquan.demo.derivation.roads import Road

_TOUCH_M = 15.0  # an alley's line often ends at the kerb of the road, not on its middle line
_WIDE_M = 25.0  # a main road is drawn as two carriageways
_ONE_CROSSING_M = 90.0  # the corners of one large crossing
_BESIDE_M = 170.0  # what runs side by side for longer does not cross
_NUMBER = re.compile(r"^(?:（[^）]*）)?((?:甲|乙|丙|丁)?\d{1,4})(?:号|$|[、，,～\-－—])")
_NAMED_BY_PARKING = re.compile(
    r"(大厦|饭店|酒店|宾馆|医院|广场|家园|公寓|中心|商场|百货|小区|剧院|剧场|写字楼|购物中心|市场|国际|花园|大楼|商厦|书店)$"
)
_FAR_FROM_ROAD_M = 120.0


class Crossing(NamedTuple):
    """Two roads and a point where they meet, in metres; `one` sorts before `other`."""

    one: str
    other: str
    x: float
    y: float


class Door(NamedTuple):
    """A house number of a road and the site that carries it, in metres."""

    road: str
    number: str
    x: float
    y: float
    source: str


class Alias(NamedTuple):
    """Another name of a place: what it is called, what is meant, of which sort, who says so."""

    alias: str
    name: str
    sort: str
    source: str


def crossings(roads: Sequence[Road]) -> list[Crossing]:
    """Return where named roads meet, one point per crossing, by name."""
    named = [road for road in roads if road.name]
    lines = np.array([road.line for road in named], dtype=object)
    left, right = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=_WIDE_M)
    found = []
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        one, other = named[i], named[j]
        if one.name < other.name:
            found += [Crossing(one.name, other.name, x, y) for x, y in _meetings(one, other)]
    return sorted(found)


def _meetings(one: Road, other: Road) -> Iterator[tuple[float, float]]:
    """Give the points where two roads meet: the middle of each heap of places where they come close."""
    reach = _WIDE_M if "main" in (one.kind, other.kind) else _TOUCH_M
    if one.line.distance(other.line) > reach:
        return
    near = one.line.intersection(other.line.buffer(reach))
    far = other.line.intersection(one.line.buffer(reach))
    both = shapely.union_all([near, far]).buffer(_ONE_CROSSING_M / 2)
    for heap in getattr(both, "geoms", [both]):
        inside = shapely.union_all([near, far]).intersection(heap)
        west, south, east, north = inside.bounds
        if max(east - west, north - south) <= _BESIDE_M:
            exact = one.line.intersection(other.line).intersection(heap)
            middle = (exact if not exact.is_empty else inside).centroid
            yield round(middle.x, 1), round(middle.y, 1)


def doors(sites: Iterable[Site], roads: Sequence[Road]) -> list[Door]:
    """Return the house numbers that addresses of sites tell, one point per road and number."""
    lines = {road.name: road.line for road in roads if road.name}
    longest_first = sorted(lines, key=len, reverse=True)
    told: dict[tuple[str, str], list[Site]] = defaultdict(list)
    for site in sites:
        road = next((name for name in longest_first if name in site.address), "")
        number = _NUMBER.match(site.address.partition(road)[2]) if road else None
        if number and _is_at(site, lines[road]):
            told[road, number[1]].append(site)
    return [
        Door(
            road,
            number,
            float(np.median([s.x for s in at])),
            float(np.median([s.y for s in at])),
            at[0].source,
        )
        for (road, number), at in sorted(told.items())
    ]


def _is_at(site: Site, line: BaseGeometry) -> bool:
    return bool(line.distance(shapely.Point(site.x, site.y)) <= _FAR_FROM_ROAD_M)


def aliases(sites: Sequence[Site], roads: Sequence[Road], meet: Iterable[Crossing]) -> list[Alias]:
    """Return other names of places: short forms by rule, old and everyday names from a list."""
    pairs = {frozenset((crossing.one, crossing.other)) for crossing in meet}
    known = {site.name for site in sites} | {road.name for road in roads}
    made = [*_short_roads(roads), *_stations(sites), *_of_car_parks(sites)]
    made += [Alias(old, name, "old", source) for old, name, source in OLD]
    made += [Alias(called, name, "short", source) for called, name, source in CALLED]
    made += [
        Alias(called, f"{one}×{other}", "crossing", source)
        for called, one, other, source in STAND_FOR
        if frozenset((one, other)) in pairs
    ]
    made += [
        Alias(name, "", "outside", "administrative divisions of Beijing and around") for name in NEIGHBOURS
    ]
    fits = {
        one
        for one in made
        if one.alias not in known and all(part in known or not part for part in one.name.split("×"))
    }
    return sorted(fits)


def _short_roads(roads: Sequence[Road]) -> Iterator[Alias]:
    for road in roads:
        gate = re.match(r"(.)(?:定|直|阳|文|渠|安|国|胜)门([内外])(.*)$", road.name)
        if gate and gate[3]:
            yield Alias(
                f"{gate[1]}{gate[2]}{gate[3]}", road.name, "short", "rule: X门内大街 is called X内大街"
            )
        if "黄城根" in road.name:
            yield Alias(
                road.name.replace("黄城根", "皇城根"), road.name, "short", "rule: both spellings are used"
            )
        if "竹竿" in road.name:
            yield Alias(
                road.name.replace("竹竿", "竹杆"), road.name, "short", "rule: both spellings are used"
            )


def _stations(sites: Sequence[Site]) -> Iterator[Alias]:
    for site in sites:
        if site.kind == "metro_station":
            stem = site.name.removesuffix("地铁站")
            stop = f"{stem.removesuffix('站')}站"
            for alias in (f"地铁{stop}", f"地铁{stem}", f"{stem}地铁", stop):
                yield Alias(alias, site.name, "short", "rule: ways to say a metro station")


def _of_car_parks(sites: Sequence[Site]) -> Iterator[Alias]:
    for site in sites:
        stem = re.sub(r"(地下|地上)?(停车场|车库)$", "", site.name)
        if site.kind == "parking" and stem != site.name and _NAMED_BY_PARKING.search(stem) and len(stem) >= 4:
            yield Alias(stem, site.name, "short", "rule: the car park named after it stands at it")
            brief = re.sub(r"^北京市?", "", stem)
            if brief != stem and len(brief) >= 4 and not brief.startswith("第"):
                yield Alias(brief, site.name, "short", "rule: said without the city before it")
