"""Which known names stand in a text, also with one slip; fast where there is none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from siquan.city.places.wording.letters import KIND_AT_END, STOP, TELLING, likeness

SHORT_TEXT: Final = 80  # an address or what somebody typed: there a slip is sought everywhere
_SHORTEST: Final = 3
_BRIEF: Final = 2
_LONGEST: Final = 12
_WAY_ENDS: Final = re.compile(r"胡同|大街|夹道|河沿|小区|地铁站|家园|[街路巷条]")
_NAME_ENDS: Final = re.compile(
    r"胡同|大街|夹道|河沿|小区|地铁站|家园|公园|大院|[街路巷条里站园苑]"
    rf"|(?=[甲乙丙丁]?\d|[与和跟同]|交叉|路口|附近|[往向朝以]|[东南西北]侧|对面|旁|门口|[{STOP}、/\-]|$)"
)
_SURE: Final = 0.7
_SAID_ALIKE: Final = 0.85
_RIVAL: Final = 0.45
_RIVAL_OF_HEARD: Final = 0.04
_SEARCHED_WHOLLY: Final = 40
_BEFORE_ANOTHER_NAME: Final = frozenset("东西南北大小新前后上下中内外")
_GOES_ON: Final = re.compile(
    r"[东西南北中前后内外新上下]?(?:[大小]街|街(?![道边上口坊])|胡同|巷(?![口子里])|路(?![口边上南北东西灯面旁段])|桥(?!头|下|上)|里(?=[\d一二三四五六七八九十号区社小东西南北|]|$))"
)
_NAME_CHARACTERS: Final = TELLING | frozenset("街路巷条里站园桥口门")
_DOUBTED: Final = 0.6
_TOWARDS: Final = frozenset("往向朝路街口侧面在到从")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, from `start` to `end`; `likeness` is 1 for the name itself, less for a slip."""

    start: int
    end: int
    name: str
    written: str
    likeness: float = 1.0


class Lexicon:
    """The names to be found."""

    def __init__(
        self, names: Iterable[str], *, ways: Iterable[str], slips: Iterable[str], called: Iterable[str] = ()
    ) -> None:
        """Index the names.

        `ways` are roads and alleys, `slips` the names that are found with a slip too, `called` other names:
        with a slip only when it sounds alike, and in an address also those of two characters.
        """
        other_names = set(called)
        self._short = sorted(name for name in other_names if len(name) == _BRIEF)
        self._places = set(slips)
        self._names = set(names)
        self._ways = set(ways)
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._names, key=len, reverse=True):
            if len(name) >= _SHORTEST:
                self._by_start[name[:_SHORTEST]].append(name)
        self._slips: dict[str, list[str]] = defaultdict(list)
        self._edges: set[str] = set()  # what one slip leaves of a name: its beginning or its end
        for name in sorted(self._places | other_names):
            if len(KIND_AT_END.sub("", name)) >= 2 and _SHORTEST <= len(name) <= _LONGEST:
                for shorter in _without_one(name):
                    self._slips[shorter].append(name)
                self._slips[name].append(name)
                self._edges.update((name[:2], f"_{name[-3:]}", f"{name[0]}_{name[-2:]}"))

    def find(self, even: str) -> list[Mention]:
        """Return the names in a text made even, in order, none over another."""
        exact = list(self._exact(even))
        is_short = len(even) <= SHORT_TEXT
        if is_short and not exact:
            exact = list(self._brief(even))
        slips = self._with_slips(even, exact, is_short=is_short)
        if not slips:
            return exact
        kept = [m for m in exact if not any(s.start < m.end and m.start < s.end for s in slips)]
        return sorted([*kept, *slips], key=lambda m: (m.start, -m.likeness, m.name))

    def _exact(self, even: str) -> Iterator[Mention]:
        free, starts = 0, self._by_start
        # Most places of a letter begin no name at all; a list made in one go is ten times as fast as steps.
        for at in [at for at in range(len(even) - 2) if even[at : at + _SHORTEST] in starts]:
            if at < free:
                continue
            name = next((n for n in starts[even[at : at + _SHORTEST]] if even.startswith(n, at)), "")
            if name:
                free = at + len(name)
                yield Mention(at, free, name, name, self._doubted(even, at, name))

    def _doubted(self, even: str, at: int, name: str) -> float:
        """Return less than 1 for a part of another name, as 苏州胡同 in 小苏州胡同."""
        if name in self._ways and at and even[at - 1] in _BEFORE_ANOTHER_NAME:
            return 1.0 if at > 1 and even[at - 2] in _TOWARDS else _DOUBTED
        if name not in self._ways and _GOES_ON.match(even, at + len(name)):
            return _DOUBTED
        return 1.0

    def _brief(self, even: str) -> Iterator[Mention]:
        """Give names of two characters: known short forms, and what stands alone."""
        for name in self._short:
            at = even.find(name)
            if at >= 0:
                yield Mention(at, at + 2, name, name, self._doubted(even, at, name))
        at = 0
        for part in even.split(STOP):
            if len(part) == 2 and part in self._names and part not in self._short:
                yield Mention(at, at + 2, part, part)
            at += len(part) + 1

    def _with_slips(self, even: str, exact: list[Mention], *, is_short: bool) -> list[Mention]:
        """Return the likeliest slips that do not overlap, the longer ones first among equals."""
        best = [
            same
            for end in self._ends(even, is_short=is_short)
            if not any(m.start < end <= m.end for m in exact)
            for same in [self._best_slip(even, end, exact, is_short=is_short)]
            if same
        ]
        found: list[Mention] = []
        for same in sorted(best, key=lambda s: (-s[0].likeness, s[0].start - s[0].end, s[0].start)):
            if not any(f.start < same[0].end and same[0].start < f.end for f in found):
                found += same
        return found

    @staticmethod
    def _ends(even: str, *, is_short: bool) -> Iterator[int]:
        """Give the places where a name written with a slip may end."""
        if len(even) <= _SEARCHED_WHOLLY:
            yield from range(_SHORTEST, len(even) + 1)
        else:
            yield from (found.end() for found in (_NAME_ENDS if is_short else _WAY_ENDS).finditer(even))

    def _best_slip(self, even: str, end: int, exact: list[Mention], *, is_short: bool) -> list[Mention]:
        """Return what was meant by the words that end here: one name, or several that are as likely."""
        found: list[Mention] = []
        for start in self._starts(even, end):
            typed = even[start:end]
            inside = [m for m in exact if m.start < end and start < m.end]
            if STOP in typed or any(m.start < start or m.end > end for m in inside):
                continue
            begins = not start or even[start - 1] == STOP
            goes_on = even[end : end + 1] in _NAME_CHARACTERS
            for name in self._near(typed):
                is_cut = (typed == name[1:] and not begins) or (typed == name[:-1] and goes_on)
                like = 0.0 if is_cut else likeness(typed, name)
                if self._is_likely(name, like, inside, is_short=is_short):
                    found.append(Mention(start, end, name, typed, like))
        return _likeliest(found)

    def _is_likely(self, name: str, like: float, inside: list[Mention], *, is_short: bool) -> bool:
        if any(len(name) < len(m.name) + 2 or m.name == name for m in inside):
            return False
        if inside and like < _SURE:
            return False
        if is_short and name in self._places:
            return like > 0
        return like >= _SAID_ALIKE and (is_short or name in self._ways)

    def _starts(self, even: str, end: int) -> list[int]:
        """Return where a name written with a slip may begin, if it ends here: one edge of it is whole."""
        edges, starts = self._edges, range(max(0, end - _LONGEST), end - _SHORTEST + 1)
        if f"_{even[end - 3 : end]}" in edges:
            return [*starts]
        last = f"_{even[end - 2 : end]}"
        return [at for at in starts if even[at : at + 2] in edges or even[at] + last in edges]

    def _near(self, typed: str) -> set[str]:
        near = set(self._slips.get(typed, ()))
        for shorter in _without_one(typed):
            near.update(self._slips.get(shorter, ()))
        near.discard(typed)
        return {name for name in near if name not in typed}


def _without_one(name: str) -> set[str]:
    return {name[:i] + name[i + 1 :] for i in range(len(name))}


def _likeliest(found: list[Mention]) -> list[Mention]:
    """Return the likeliest mention, with its rivals: a chance slip has more of them than a heard one."""
    if not found:
        return []
    best = max(found, key=lambda m: (m.likeness, m.end - m.start))
    margin = _RIVAL_OF_HEARD if best.likeness >= _SAID_ALIKE else _RIVAL
    rivals = {
        m.name: replace(m, start=best.start)
        for m in sorted(found, key=lambda m: m.likeness)
        if m.name != best.name
        and m.likeness >= best.likeness - (margin if m.start == best.start else 0.0)
        and m.start <= best.start
    }
    return [best, *rivals.values()]
