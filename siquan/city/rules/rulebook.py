"""The rules of one pack, indexed in memory: what applies to a case, and why that rule and no other.

No SQL, no clock. The most specific rule wins: the nearest category, then the smallest division, then a given
kind of block, then the rule that came into force last; of two that are still equal, the earlier line
(`siquan rules check` reports those).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import dropwhile
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from siquan.base.kernel.limits import Limit
from siquan.base.kernel.limits import Unit as Measure
from siquan.city.places.models import BlockKind, Level
from siquan.city.rules.models import Clock

DEPTH: Final = {
    "": 0,
    Level.DISTRICT: 1,
    Level.STREET: 2,
    Level.COMMUNITY: 3,
    Level.BLOCK: 4,
    Level.CELL: 5,
}
_BY_LEVEL: Final[Mapping[str, str | Promise]] = {
    Level.DISTRICT: pgettext_lazy("更具体", "按区"),
    Level.STREET: pgettext_lazy("更具体", "按街道"),
    Level.COMMUNITY: pgettext_lazy("更具体", "按社区"),
    Level.BLOCK: pgettext_lazy("更具体", "按街区"),
    Level.CELL: pgettext_lazy("更具体", "按单元网格"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages of the screens."""

    name: str
    name_en: str = ""

    def __str__(self) -> str:
        """Return the name in the reader's language."""
        return self.name_en if self.name_en and get_language() == "en" else self.name


@dataclass(frozen=True, slots=True)
class CategoryEntry(Named):
    """A category (类别) as the rulebook holds it; the same names as the model's."""

    id: int = 0
    code: str = ""
    parent_id: int | None = None
    level: int = 1
    kind: str = ""
    is_urgent: bool = False
    is_private: bool = False
    filing_condition: str = ""
    closing_condition: str = ""
    source: str = ""

    def __str__(self) -> str:
        """Return the name in the reader's language."""
        return Named.__str__(self)


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A line of limits.csv (时限), which is also the answer to "how long may this take?"."""

    rule_id: int
    line: int
    category_id: int
    road_class: str
    clock: Clock
    amount: int
    measure: Measure
    source: str

    @property
    def limit(self) -> Limit:
        """The limit as the kernel reckons with it."""
        return Limit(self.amount, self.measure)


@dataclass(frozen=True, slots=True)
class ResponsibilityLine:
    """A line of responsibilities.csv (责任清单). `division` is a code, empty for the whole district."""

    rule_id: int
    line: int
    category_id: int
    division: str
    level: str
    block_kind: str
    lead_id: int
    assist_ids: tuple[int, ...]
    valid_from: date
    valid_to: date | None
    source: str

    def holds_on(self, day: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who answers, by which line; `over` is the line that would apply if this one did not exist."""

    rule: ResponsibilityLine
    over: ResponsibilityLine | None
    book: Rulebook = field(repr=False, compare=False)

    @property
    def rule_id(self) -> int:
        """The key of the rule, for foreign keys."""
        return self.rule.rule_id

    @property
    def line(self) -> int:
        """The line in responsibilities.csv."""
        return self.rule.line

    @property
    def lead_id(self) -> int:
        """The unit that answers (牵头)."""
        return self.rule.lead_id

    @property
    def assist_ids(self) -> tuple[int, ...]:
        """The units that assist (协办)."""
        return self.rule.assist_ids

    @property
    def source(self) -> str:
        """Where the rule is written."""
        return self.rule.source

    @property
    def why(self) -> str:
        """Which rule sent it where and why, in the reader's language."""
        return self.book.words_for(self.rule, self.over)


@dataclass(frozen=True, slots=True)
class Question:
    """One case as `resolve_many` takes it."""

    category_id: int
    division_ids: tuple[int | None, ...]
    block_kind: str
    on: date


class Rulebook:
    """The rules of one pack. Nothing in it changes once it is made; answers are kept by what they depend on.

    `division_code` gives the code of a division by its key: a division whose boundary changed is a new row
    with the same code, and its rules still apply.
    """

    def __init__(
        self,
        *,
        pack_id: int,
        categories: Iterable[CategoryEntry],
        limits: Iterable[LimitLine],
        responsibilities: Iterable[ResponsibilityLine],
        division_code: Callable[[int], str],
        divisions: Mapping[str, Named],
        units: Mapping[int, Named],
    ) -> None:
        """Index the rules."""
        self.pack_id = pack_id
        self.categories: dict[str, CategoryEntry] = {entry.code: entry for entry in categories}
        self.by_id: dict[int, CategoryEntry] = {entry.id: entry for entry in self.categories.values()}
        self._paths = {key: tuple(_upwards(key, self.by_id)) for key in self.by_id}
        parents = {entry.parent_id for entry in self.by_id.values()}
        self.leaf_categories = tuple(entry for entry in self.by_id.values() if entry.id not in parents)
        self.limits = tuple(sorted(limits, key=lambda rule: rule.line))
        self.responsibilities = tuple(sorted(responsibilities, key=lambda rule: rule.line))
        self._divisions, self._units, self._division_code = divisions, units, division_code
        self._index()

    def _index(self) -> None:
        self._limits: dict[tuple[int, str, str], LimitLine] = {}
        for limit in self.limits:
            self._limits.setdefault((limit.category_id, limit.clock, limit.road_class), limit)
        self._rules: dict[tuple[int, str, str], list[ResponsibilityLine]] = {}
        for rule in sorted(self.responsibilities, key=lambda rule: (-rule.valid_from.toordinal(), rule.line)):
            self._rules.setdefault((rule.category_id, rule.division, rule.block_kind), []).append(rule)
        self._depth = {rule.division: DEPTH[rule.level] for rule in self.responsibilities}
        days = {rule.valid_from for rule in self.responsibilities}
        days |= {rule.valid_to for rule in self.responsibilities if rule.valid_to}
        self._turns = sorted(days)  # between two of these days no answer changes
        self._answers: dict[tuple[int, frozenset[str], str, int], Responsibility | None] = {}
        self._below: dict[str, frozenset[str]] = {}
        self._limit_answers: dict[tuple[int, str, str], LimitLine | None] = {}

    def path(self, category_id: int) -> tuple[CategoryEntry, ...]:
        """Return the category and those above it, the largest first. Raises KeyError."""
        return tuple(self.by_id[key] for key in reversed(self._paths[category_id]))

    def codes_below(self, code: str) -> frozenset[str]:
        """Return the codes of a category and of all below it; empty for an unknown code."""
        if code not in self.categories:
            return frozenset()
        if code not in self._below:
            top = self.categories[code].id
            held = (each.code for each in self.by_id.values() if top in self._paths[each.id])
            self._below[code] = frozenset(held)
        return self._below[code]

    def limit_for(self, category_id: int, clock: str, road_class: str = "") -> LimitLine | None:
        """Return the limit for a step: the nearest category first, then the given class of road.

        None if the pack says nothing. Raises KeyError for a category of another pack.
        """
        key = (category_id, clock, road_class)
        if key not in self._limit_answers:
            found = (
                self._limits.get((category, clock, road))
                for category in self._paths[category_id]
                for road in dict.fromkeys((road_class, ""))
            )
            self._limit_answers[key] = next((rule for rule in found if rule), None)
        return self._limit_answers[key]

    def responsibility_for(
        self, category_id: int, *, division_ids: Sequence[int | None], block_kind: str = "", on: date
    ) -> Responsibility | None:
        """Return who answers for a case in these divisions on a day; the order of the divisions is free.

        None if no rule applies. Raises KeyError for a category of another pack.
        """
        codes = {self._division_code(key) for key in division_ids if key is not None}
        where = frozenset(code for code in codes if code in self._depth)
        key = (category_id, where, block_kind, bisect_right(self._turns, on))
        try:
            return self._answers[key]
        except KeyError:
            answer = self._answers[key] = self._resolve(category_id, where, block_kind, on)
            return answer

    def resolve_many(self, questions: Iterable[Question]) -> Iterator[Responsibility | None]:
        """Yield who answers for each case."""
        for asked in questions:
            yield self.responsibility_for(
                asked.category_id, division_ids=asked.division_ids, block_kind=asked.block_kind, on=asked.on
            )

    def explanation_of(self, rule_id: int, asked: Question | None = None) -> Responsibility | None:
        """Return a rule that was applied as an answer; None for another pack's rule.

        With the case, the line it went before is told too, if the rule still applies to it.
        """
        rule = next((rule for rule in self.responsibilities if rule.rule_id == rule_id), None)
        if rule is None:
            return None
        over = None
        if asked and asked.category_id in self.by_id:
            where = {self._division_code(key) for key in asked.division_ids if key is not None}
            found = self.candidates(asked.category_id, where, asked.block_kind, asked.on)
            over = next(dropwhile(lambda each: each is not rule, found), None) and next(found, None)
        return Responsibility(rule, over, self)

    def candidates(
        self, category_id: int, where: Iterable[str], block_kind: str, on: date
    ) -> Iterator[ResponsibilityLine]:
        """Yield every rule that applies on a day in the divisions with these codes, most specific first."""
        places = sorted({*where, ""}, key=lambda code: (-self._depth.get(code, 0), code))
        for category in self._paths[category_id]:
            for place in places:
                for kind in dict.fromkeys((block_kind, "")):
                    for rule in self._rules.get((category, place, kind), ()):
                        if rule.holds_on(on):
                            yield rule

    def _resolve(
        self, category_id: int, where: Iterable[str], block_kind: str, on: date
    ) -> Responsibility | None:
        found = self.candidates(category_id, where, block_kind, on)
        rule = next(found, None)
        return Responsibility(rule, next(found, None), self) if rule else None

    def code_of(self, division_id: int) -> str:
        """Return the code of a division."""
        return self._division_code(division_id)

    def words_for(self, rule: ResponsibilityLine, over: ResponsibilityLine | None) -> str:
        """Return which line sends a case where, and why it goes before the next one."""
        words = _("责任清单第 %(line)d 行：%(what)s → %(lead)s") % {
            "line": rule.line,
            "what": " × ".join(map(str, self._conditions(rule))),
            "lead": self.unit_name(rule.lead_id),
        }
        if rule.assist_ids:
            words += _("（协办：%(units)s）") % {
                "units": _("、").join(str(self.unit_name(key)) for key in rule.assist_ids)
            }
        if over:
            words += _("；%(reason)s") % {"reason": self._reason(rule, over)}
        return words

    def unit_name(self, unit_id: int) -> Named:
        """Return the name of a unit in this pack."""
        return self._units.get(unit_id) or Named(str(unit_id))

    def division_name(self, code: str) -> Named:
        """Return the name of a division in this pack."""
        return self._divisions.get(code) or Named(code)

    def _conditions(self, rule: ResponsibilityLine) -> Iterator[object]:
        yield self.by_id[rule.category_id]
        if rule.division:
            yield self.division_name(rule.division)
        if rule.block_kind:
            yield _("%(kind)s街区") % {"kind": BlockKind(rule.block_kind).label}
        if not rule.division and not rule.block_kind:
            yield _("全区")

    def _reason(self, rule: ResponsibilityLine, over: ResponsibilityLine) -> str:
        """Return by what the rule goes before the other."""
        more: str | Promise = ""
        if rule.category_id != over.category_id:
            more = pgettext_lazy("更具体", "按类别")
        elif DEPTH[rule.level] != DEPTH[over.level]:
            more = _BY_LEVEL[rule.level]
        elif rule.block_kind != over.block_kind:
            more = pgettext_lazy("更具体", "按街区类型")
        if more:
            return _("比第 %(line)d 行更具体（%(by)s）") % {"line": over.line, "by": more}
        if rule.valid_from != over.valid_from:
            return _("比第 %(line)d 行施行得晚") % {"line": over.line}
        return _("与第 %(line)d 行同样具体，取排在前面的") % {"line": over.line}


def _upwards(key: int, categories: Mapping[int, CategoryEntry]) -> Iterator[int]:
    """Yield a category and those above it; a circle, which `checks` reports, ends the way."""
    seen: set[int] = set()
    at: int | None = key
    while at is not None and at in categories and at not in seen:
        seen.add(at)
        yield at
        at = categories[at].parent_id
