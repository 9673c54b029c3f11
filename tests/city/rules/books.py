"""Small rulebooks for tests, written as lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from siquan.base.kernel.limits import Unit as Measure
from siquan.city.rules.models import Clock
from siquan.city.rules.rulebook import CategoryEntry, LimitLine, Named, ResponsibilityLine, Rulebook

# Two large classes; 11 and 12 below 1; 111 and 112 below 11; 121 below 12; 2 is a leaf on the first level.
PARENTS = {1: None, 11: 1, 12: 1, 111: 11, 112: 11, 121: 12, 2: None}
# key of the division → (code, level); 5 and 55 are two versions of one street
DIVISIONS = {
    1: ("D", "district"),
    5: ("S1", "street"),
    55: ("S1", "street"),
    6: ("S2", "street"),
    7: ("C1", "community"),
    8: ("B1", "block"),
    9: ("K1", "cell"),
}
LEVELS = dict(DIVISIONS.values())
LEVELS[""] = ""


def category(key: int) -> CategoryEntry:
    """Return the category with this key."""
    return CategoryEntry(
        name=f"类{key}",
        name_en=f"Class {key}",
        id=key,
        code=str(key),
        parent_id=PARENTS[key],
        level=len(str(key)),
        kind="event",
    )


def responsibility(
    line: int, category: int, division: str = "", kind: str = "", **more: object
) -> ResponsibilityLine:
    """Return a line of the responsibility list; the lead's key is a hundred times the line."""
    facts: dict[str, object] = {
        "lead_id": line * 100,
        "assist_ids": (),
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
        "source": "assumed",
    }
    return ResponsibilityLine(
        rule_id=line + 1000,
        line=line,
        category_id=category,
        division=division,
        level=LEVELS[division],
        block_kind=kind,
        **(facts | more),  # type: ignore[arg-type]
    )


def limit(line: int, category: int, clock: Clock = Clock.HANDLING, road: str = "") -> LimitLine:
    """Return a line of the limits; the amount is the line."""
    return LimitLine(line + 500, line, category, road, clock, line, Measure.WORKING_HOURS, "assumed")


def book(responsibilities: Iterable[ResponsibilityLine] = (), limits: Iterable[LimitLine] = ()) -> Rulebook:
    """Return a rulebook of these lines."""
    lines = list(responsibilities)
    return Rulebook(
        pack_id=1,
        categories=map(category, PARENTS),
        limits=limits,
        responsibilities=lines,
        division_code=lambda key: DIVISIONS.get(key, ("", ""))[0],
        divisions={"S1": Named("东四街道", "Dongsi"), "B1": Named("东四北街区", "Dongsi North")},
        units={rule.lead_id: Named(f"单位{rule.lead_id}", f"Unit {rule.lead_id}") for rule in lines},
    )
