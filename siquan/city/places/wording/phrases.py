"""What the words around names say: a crossing, a house number, the end of an alley, so many metres south."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Final

from siquan.city.places.wording.letters import STOP, number
from siquan.city.places.wording.ways import Spot, Ways

_WAY: Final = "东北|西北|东南|西南|北东|北西|南东|南西|东|南|西|北"
_COUNT: Final = r"(\d+(?:\.\d+)?|[一二三四五六七八九十百千两]+)(?:来|多|余|几)?(米|m|公里|千米|km)"
_JOINS: Final = re.compile(r"(?:与|和|跟|同|及|、|/|x|×|-|的|(?:靠近|临近|挨着|紧邻|邻近|把着))?")
_SAID_JOIN: Final = re.compile(r"[与和跟同及、/x×-]")
_CLOSE_BY: Final = re.compile(r"靠近|临近|挨着|紧邻|邻近|把着")
_MEETS: Final = re.compile(
    r"(?:的|相|之间的?)*(?:十字|丁字|三岔)?(?:交叉路?口|交叉[处点]|交[汇会接界]处?|相?交处?|路口|交口|街口|把口|口|拐角|拐弯处?|转角)"
)
_CORNER: Final = re.compile(
    rf"(?:的|处)?(?:(?:{_WAY})[角侧边面]|附近|旁|$|{re.escape(STOP)}|以?[往向朝](?:{_WAY}))"
)
_END: Final = re.compile(r"(?:的)?([东南西北])(?:路)?[口头端]")
_DOOR: Final = re.compile(
    r"(?:的|门牌)?([甲乙丙丁]?)(\d{1,4}|[一二三四五六七八九十百]{1,5})(?:-\d+)?(?:号(?!楼|线|院?\d+号楼)|(?=对面|旁|附近|门口|$|\|))"
)
_OFFSET: Final = re.compile(
    rf"(?:的|处|那里|那儿|这儿|{re.escape(STOP)})?(?:再)?(?:[以往向朝偏]|路)?(?:的)?({_WAY})(?:方向|侧|边|面|方|行|走|去|约|大约|大概|大致|差不多)*{_COUNT}"
)
_OFFSET_AFTER: Final = re.compile(
    rf"(?:的|处)?(?:约|大约|大概)?{_COUNT}(?:处|左右|的|远)*(?:的)?(?:以|往|向|偏)?({_WAY})[侧边面方]?"
)
_ABOUT: Final = re.compile(rf"(?:的|处)?(?:附近|旁边)?(?:约|大约|大概|不到)?{_COUNT}")
_FROM_TO: Final = re.compile(r"[至到~-]")
_BETWEEN_AFTER: Final = re.compile(r"之间的?|(?:的)?中间的?")
_HALF_BEFORE: Final = re.compile(r"[\u4e00-\u9fff]{2}[与和跟]$")
_HALF_AFTER: Final = re.compile(r"[与和跟][\u4e00-\u9fff]{2,8}?(?:交叉|路口|交汇|十字|口)")
_LONGEST_WALK_M: Final = 1500.0
_TAIL: Final = 32
PRECISION: Final = {"crossing": 0.95, "end": 0.92, "between": 0.85, "door": 0.97, "near-door": 0.88}


@dataclass(frozen=True, slots=True)
class Option:
    """One name that may be meant where a name stands: `likeness` 1 unless it was written otherwise."""

    name: str
    likeness: float
    written: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The names that may be meant at one place of the text."""

    start: int
    end: int
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """So many metres in a direction; without a direction only how far."""

    direction: str
    metres: float


@dataclass(frozen=True, slots=True)
class Claim:
    """A point that the text tells: which kind, the names it is made of, where, how likely it is meant."""

    start: int
    end: int
    kind: str
    names: tuple[str, ...]
    spot: Spot | None
    likeness: float
    options: tuple[Option, ...]
    detail: str = ""
    walk: Walk | None = None


class Phrases:
    """Reads what stands between and behind the names of a text."""

    def __init__(
        self, ways: Ways, *, is_way: Callable[[str], bool], pairs: Callable[[str], tuple[str, str] | None]
    ) -> None:
        """Keep the roads; `pairs` tells the two roads of a named crossing."""
        self._ways, self._is_way, self._pairs = ways, is_way, pairs

    def read(self, even: str, groups: Sequence[Group]) -> tuple[list[Claim], set[int]]:
        """Return what the text claims, and which groups are used up by it."""
        claims: list[Claim] = []
        used: set[int] = set()
        for i in range(len(groups)):
            if i in used:
                continue
            found, taken = self._at(even, groups, i)
            if found:
                claims += [self._moved(even, claim) for claim in found]
                used.update(taken)
        return claims, used

    def _at(self, even: str, groups: Sequence[Group], i: int) -> tuple[list[Claim], Sequence[int]]:
        if i + 2 < len(groups) and (found := self._between(even, groups[i : i + 3])):
            return found, (i, i + 1, i + 2)
        if i + 1 < len(groups) and (found := self._crossing(even, groups[i], groups[i + 1])):
            return found, (i, i + 1)
        one = groups[i]
        found = [*self._named_crossing(one), *self._door(even, one), *self._end(even, one)]
        return found, (i,)

    def _crossing(self, even: str, one: Group, other: Group) -> list[Claim]:
        """Return the crossings of two roads named side by side, as 甲街与乙胡同交叉口 or 甲街乙胡同口."""
        gap, tail = even[one.end : other.start], even[other.end : other.end + _TAIL]
        if not _JOINS.fullmatch(gap):
            return []
        meets = _MEETS.match(tail)
        end = _END.match(tail)
        is_said = _SAID_JOIN.fullmatch(gap) and _CORNER.match(tail)
        if not (meets or end or is_said or _CLOSE_BY.fullmatch(gap)):
            return []
        stop = other.end + max(meets.end() if meets else 0, end.end() if end else 0)
        found = []
        for left, right in itertools.product(one.options, other.options):
            if self._is_way(left.name) and self._is_way(right.name) and left.name != right.name:
                points = self._meetings(left.name, right.name)
                if end and points:
                    points = [self._towards(points, end[1])]
                likeness = min(left.likeness, right.likeness)
                found += [
                    Claim(one.start, stop, "crossing", (left.name, right.name), spot, likeness, (left, right))
                    for spot in points
                ]
        if len(found) == 1 and found[0].likeness < 1:  # that they meet speaks for the slips
            found = [replace(found[0], likeness=max(found[0].likeness, 0.8))]
        if not found and meets and _SAID_JOIN.fullmatch(gap):
            return self._not_met(one, other, stop)
        return found

    def _not_met(self, one: Group, other: Group, stop: int) -> list[Claim]:
        """Return claims without a point: the text names a crossing that is not on the map."""
        left, right = one.options[0], other.options[0]
        if self._is_way(left.name) and self._is_way(right.name):
            return [Claim(one.start, stop, "crossing", (left.name, right.name), None, 0.5, (left, right))]
        return []

    def _meetings(self, one: str, other: str) -> list[Spot]:
        points = self._ways.meet(one, other)
        if points:
            return [Spot(at, 30.0) for at in points]
        near = self._ways.closest(one, other)
        return [near] if near else []

    @staticmethod
    def _towards(spots: Sequence[Spot], direction: str) -> Spot:
        sign = 1 if direction in "东北" else -1
        return max(spots, key=lambda spot: sign * spot.at[direction in "南北"])

    def _named_crossing(self, group: Group) -> list[Claim]:
        return [
            Claim(group.start, group.end, "crossing", pair, Spot(at, 40.0), option.likeness, (option,))
            for option in group.options
            if (pair := self._pairs(option.name))
            for at in self._ways.meet(*pair)
        ]

    def _between(self, even: str, three: Sequence[Group]) -> list[Claim]:
        """Return the middle of a stretch: 甲街从乙巷到丙巷, or 乙巷与丙巷之间的甲街."""
        a, b, c = three
        first, second = even[a.end : b.start], even[b.end : c.start]
        if first in ("", "从", "由", "自", "的") and _FROM_TO.fullmatch(second):
            road, ends = a, (b, c)
        elif _SAID_JOIN.fullmatch(first) and _BETWEEN_AFTER.fullmatch(second):
            road, ends = c, (a, b)
        else:
            return []
        named = road.options[0], ends[0].options[0], ends[1].options[0]
        if not all(self._is_way(option.name) for option in named):
            return []
        points = [self._ways.meet(named[0].name, option.name) for option in named[1:]]
        if not all(points):
            return []
        one, other = points[0][0], points[1][0]
        spot = self._ways.middle(named[0].name, one, other)
        likeness = min(option.likeness for option in named)
        names = tuple(option.name for option in named)
        return [Claim(a.start, c.end, "between", names, spot, likeness, named)]

    def _door(self, even: str, group: Group) -> Iterator[Claim]:
        told, label = _DOOR.match(even, group.end), number_after(even, group.end)
        if told is None or not label:
            return
        for option in group.options:
            found = self._ways.door(option.name, label) if self._is_way(option.name) else None
            if found:
                kind = "door" if found[1] else "near-door"
                yield Claim(
                    group.start, told.end(), kind, (option.name,), found[0], option.likeness, (option,), label
                )

    def _end(self, even: str, group: Group) -> Iterator[Claim]:
        told = _END.match(even, group.end)
        if told is None:
            return
        for option in group.options:
            at = self._ways.end(option.name, told[1]) if self._is_way(option.name) else None
            if at:
                spot = Spot(at, 40.0)
                yield Claim(
                    group.start, told.end(), "end", (option.name,), spot, option.likeness, (option,), told[1]
                )

    def _moved(self, even: str, claim: Claim) -> Claim:
        """Return the claim moved by the distance told behind it."""
        walk, end = walk_after(even, claim.end)
        if walk is None or claim.spot is None:
            return claim
        return replace(claim, end=end, walk=walk, spot=self.walked(claim.spot, walk, claim.names))

    def walked(self, spot: Spot, walk: Walk, along: Sequence[str]) -> Spot:
        """Return where one is after a walk from a spot."""
        if not walk.direction:
            return Spot(spot.at, spot.accuracy_m + walk.metres)
        there = self._ways.walk(spot.at, walk.direction, walk.metres, [n for n in along if self._is_way(n)])
        return Spot(there.at, spot.accuracy_m + there.accuracy_m)


def is_half_a_crossing(even: str, group: Group) -> bool:
    """Tell whether a crossing is told of which only one road is known here."""
    if _HALF_AFTER.match(even, group.end):
        return True
    before = even[max(0, group.start - 8) : group.start]
    return bool(_HALF_BEFORE.search(before) and _MEETS.match(even, group.end))


def number_after(even: str, at: int) -> str:
    """Return the house number told at a place of the text, as 甲23; empty when there is none."""
    told = _DOOR.match(even, at)
    count = number(told[2]) if told else float("nan")
    return f"{told[1]}{int(count)}" if told and isfinite(count) else ""


def walk_after(even: str, at: int) -> tuple[Walk | None, int]:
    """Return the distance told at a place of the text, and where its words end."""
    tail = even[at : at + _TAIL]
    if told := _OFFSET.match(tail):
        direction, count, unit = told[1], told[2], told[3]
    elif told := _OFFSET_AFTER.match(tail):
        count, unit, direction = told[1], told[2], told[3]
    elif told := _ABOUT.match(tail):
        direction, count, unit = "", told[1], told[2]
    else:
        return None, at
    metres = number(count) * (1000 if unit in ("公里", "千米", "km") else 1)
    if not 0 < metres <= _LONGEST_WALK_M:
        return None, at
    return Walk(direction, metres), at + told.end()
