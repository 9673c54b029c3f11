"""A formula pack: how the hotline's three rates are counted, read from YAML and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from siquan.insight.scoring.conditions import ALWAYS, Condition, facts_in, holds
from siquan.insight.scoring.outcomes import Outcome

RATES: Final = ("response", "resolution", "satisfaction")
WINDOWS: Final = ("closed", "reported")
PUBLIC: Final = ("none", "district", "streets")
BY_APPEAL: Final = "appeal:"  # before the code of a reason for which an appeal was granted


@dataclass(frozen=True)
class Named:
    """Words in Chinese and, if given, English."""

    zh: str
    en: str = ""

    def said(self, language: str) -> str:
        """Return the words in a language."""
        return self.en if self.en and language.lower().startswith("en") else self.zh


@dataclass(frozen=True)
class Step:
    """So many points when a condition holds; the first step that fits counts."""

    when: Condition
    points: int


@dataclass(frozen=True)
class RateRule:
    """One rate: which cases are in its denominator, and how many of `full` points each brings."""

    code: str
    title: Named
    of: Condition
    steps: tuple[Step, ...]
    full: int
    source: str

    def points_of(self, outcome: Outcome) -> int:
        """Return the points an outcome brings."""
        return next((step.points for step in self.steps if holds(step.when, outcome)), 0)


@dataclass(frozen=True)
class Exclusion:
    """A recorded reason not to count a case: by a condition, or by an appeal of the unit."""

    code: str
    title: Named
    when: Condition | None
    may_appeal: bool
    source: str


@dataclass(frozen=True)
class Ground:
    """A recorded reason for which a decision on an appeal may be revised."""

    code: str
    title: Named
    source: str


@dataclass(frozen=True)
class Seen:
    """A formula seen elsewhere: shown beside ours, not used."""

    text: str
    source: str


@dataclass(frozen=True)
class Verdict:
    """How one case counts in one rate; `reason` says why it is left out."""

    rate: str
    points: int
    full: int
    reason: str = ""


@dataclass(frozen=True)
class Formula:
    """One version of the formula."""

    name: str
    version: str
    title: Named
    note: Named
    source: str
    valid_from: date
    rates: Mapping[str, RateRule]
    counts: Condition = ALWAYS
    window: str = "closed"
    exclusions: tuple[Exclusion, ...] = ()
    composite: Mapping[str, int] = field(default_factory=dict)
    confidence: int = 95
    least: int = 30
    appeal_days: int = 15
    revision_days: int = 0
    revision_grounds: tuple[Ground, ...] = ()
    public: str = "none"
    seen: tuple[Seen, ...] = ()

    @property
    def facts(self) -> set[str]:
        """The facts this formula asks for."""
        asked = [self.counts, *(each.when for each in self.exclusions if each.when)]
        for rule in self.rates.values():
            asked += [rule.of, *(step.when for step in rule.steps)]
        return set().union(*map(facts_in, asked))

    @property
    def reasons(self) -> dict[str, Exclusion]:
        """The reasons for which a unit may appeal, by code."""
        return {each.code: each for each in self.exclusions if each.may_appeal}

    @property
    def grounds(self) -> dict[str, Ground]:
        """The grounds on which a decision may be revised, by code."""
        return {each.code: each for each in self.revision_grounds}

    def title_of_reason(self, reason: str, language: str) -> str:
        """Return a reason as it is kept with a case, in words."""
        code = reason.removeprefix(BY_APPEAL)
        known = {each.code: each.title for each in self.exclusions}
        return known[code].said(language) if code in known else code

    def title_of_ground(self, code: str, language: str) -> str:
        """Return a ground of a revision in words; none of none."""
        return self.grounds[code].title.said(language) if code in self.grounds else code

    def judge(self, outcome: Outcome, appeals: Mapping[str, str] | None = None) -> list[Verdict]:
        """Return how a case counts, one verdict for each rate whose denominator it belongs to.

        `appeals` are reasons granted, by rate ("" for all). The recorded rules come before an appeal.
        """
        if not holds(self.counts, outcome):
            return []
        by_rule = (each.code for each in self.exclusions if each.when and holds(each.when, outcome))
        rule_says = next(by_rule, "")
        granted = appeals or {}
        verdicts = []
        for rule in self.rates.values():
            if holds(rule.of, outcome):
                code = granted.get(rule.code) or granted.get("")
                reason = rule_says or (f"{BY_APPEAL}{code}" if code else "")
                verdicts.append(Verdict(rule.code, rule.points_of(outcome), rule.full, reason))
        return verdicts
