"""Roads as lines one can walk along, the crossings between them and the house numbers on them."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from siquan.base.kernel.coordinates import distance_m

Point = tuple[float, float]  # longitude, latitude, WGS-84
Line = Sequence[Sequence[Sequence[float]]]

_METRES: Final = 111_195.0  # of a degree of latitude
_DIRECTIONS: Final = {
    "北": (0, 1), "南": (0, -1), "东": (1, 0), "西": (-1, 0),
    "东北": (1, 1), "西北": (-1, 1), "东南": (1, -1), "西南": (-1, -1),
    "北东": (1, 1), "北西": (-1, 1), "南东": (1, -1), "南西": (-1, -1),
}  # fmt: skip
_NEIGHBOURS_APART: Final = 40  # house numbers between which one may be guessed
_NEXT_DOOR: Final = 6
_NEARLY_MET_M: Final = 60.0
_LONGEST_BETWEEN_M: Final = 500.0
_SIDEWAYS: Final = 0.35  # how far a road may bend away over the distance walked
_PLAIN_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Spot:
    """A point and how far from it the place may be."""

    at: Point
    accuracy_m: float


@dataclass
class Ways:
    """The named roads of a district."""

    lines: Mapping[str, Line]
    crossings: dict[frozenset[str], list[Point]] = field(default_factory=lambda: defaultdict(list))
    doors: dict[str, dict[str, Point]] = field(default_factory=lambda: defaultdict(dict))

    def meet(self, one: str, other: str) -> list[Point]:
        """Return where two roads cross."""
        return self.crossings.get(frozenset((one, other)), [])

    def end(self, name: str, direction: str) -> Point | None:
        """Return the end of a road in a direction; None when it does not run that way."""
        points = [(x, y) for part in self.lines.get(name, ()) for x, y, *_ in part]
        if not points:
            return None
        east, north = _DIRECTIONS[direction]
        wide = math.cos(math.radians(points[0][1]))
        reach = [east * x * wide + north * y for x, y in points]
        along = max(reach) - min(reach)
        across = [north * x * wide - east * y for x, y in points]
        if along < max(across) - min(across):
            return None
        return points[reach.index(max(reach))]

    def walk(self, start: Point, direction: str, metres: float, along: Iterable[str]) -> Spot:
        """Return the point so far from a start in a direction, on one of the roads if one goes there."""
        east, north = _DIRECTIONS[direction]
        length = metres / math.hypot(east, north)
        wide = math.cos(math.radians(start[1]))
        aim = (start[0] + east * length / (_METRES * wide), start[1] + north * length / _METRES)
        near = [spot for name in along if (spot := self.nearest(name, aim))]
        best = min(near, key=lambda spot: spot.accuracy_m, default=None)
        if best and best.accuracy_m <= 15 + _SIDEWAYS * metres:
            return Spot(best.at, 20 + metres / 10)
        return Spot(aim, 40 + metres / 4)

    def nearest(self, name: str, to: Point) -> Spot | None:
        """Return the point of a road nearest to a point, with the distance as accuracy."""
        wide = math.cos(math.radians(to[1]))
        best: tuple[float, Point] | None = None
        for part in self.lines.get(name, ()):
            for one, other in pairwise(part):
                at = _on_segment(one, other, to, wide)
                apart = ((at[0] - to[0]) * wide) ** 2 + (at[1] - to[1]) ** 2
                if best is None or apart < best[0]:
                    best = apart, at
        return Spot(best[1], math.sqrt(best[0]) * _METRES) if best else None

    def closest(self, one: str, other: str) -> Spot | None:
        """Return the point between two roads that come near each other without meeting on the map."""
        best: Spot | None = None
        for part in self.lines.get(one, ()):
            for x, y, *_ in part:
                spot = self.nearest(other, (x, y))
                if spot and (best is None or spot.accuracy_m < best.accuracy_m):
                    best = spot
        return Spot(best.at, 60.0) if best and best.accuracy_m <= _NEARLY_MET_M else None

    def middle(self, road: str, one: Point, other: Point) -> Spot:
        """Return the middle of a stretch of a road, as inexact as half its length."""
        half = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
        on_road = self.nearest(road, half)
        length = distance_m(*one, *other)
        return Spot(on_road.at if on_road and on_road.accuracy_m < length / 2 else half, 30 + length / 2)

    def door(self, road: str, number: str) -> tuple[Spot, bool] | None:
        """Return where a house number is, and whether it is known or reckoned from its neighbours."""
        known = self.doors.get(road, {})
        plain = _PLAIN_NUMBER.search(number)
        if number in known:
            return Spot(known[number], 20.0), True
        if plain is None:
            return None
        if plain[0] in known:
            return Spot(known[plain[0]], 30.0), True
        spot = _between(known, int(plain[0]))
        return (spot, False) if spot else None


def _between(known: Mapping[str, Point], wanted: int) -> Spot | None:
    """Reckon a number from the nearest known ones on the same side of the road."""
    numbers = {int(number): at for number, at in known.items() if number.isdecimal()}
    side = sorted(n for n in numbers if n % 2 == wanted % 2)
    below, above = [n for n in side if n < wanted], [n for n in side if n > wanted]
    if below and above and above[0] - below[-1] <= _NEIGHBOURS_APART:
        low, high = below[-1], above[0]
        one, other = numbers[low], numbers[high]
        length = distance_m(*one, *other)
        if length <= _LONGEST_BETWEEN_M:
            share = (wanted - low) / (high - low)
            at = (one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1]))
            return Spot(at, 25 + length / 3)
    nearest = min(numbers, key=lambda n: abs(n - wanted), default=None)
    if nearest is not None and abs(nearest - wanted) <= _NEXT_DOOR:
        return Spot(numbers[nearest], 60.0)
    return None


def _on_segment(one: Sequence[float], other: Sequence[float], to: Point, wide: float) -> Point:
    x, y = (other[0] - one[0]) * wide, other[1] - one[1]
    length = x * x + y * y
    share = ((to[0] - one[0]) * wide * x + (to[1] - one[1]) * y) / length if length else 0.0
    share = min(1.0, max(0.0, share))
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])
