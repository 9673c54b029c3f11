"""What the pages show of a pack: its categories, its tables, and which rule would apply to what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from siquan.base.kernel.errors import Words
from siquan.base.kernel.explanations import amount_words
from siquan.city.places import queries as places
from siquan.city.places.models import BlockKind, Division, Level
from siquan.city.rules.models import CaseKind, Clock, Pack, RoadClass
from siquan.city.rules.queries.in_force import rulebook
from siquan.city.rules.rulebook import (
    CategoryEntry,
    LimitLine,
    Named,
    Responsibility,
    ResponsibilityLine,
    Rulebook,
)
from siquan.city.units.queries import unit_by_id


@dataclass(frozen=True)
class LimitEntry:
    """A line of the limits in words; `category` is the one the line names."""

    rule: LimitLine
    category: CategoryEntry
    clock: Words
    road: Words
    amount: str


@dataclass(frozen=True)
class ResponsibilityEntry:
    """A line of the responsibility list in words."""

    rule: ResponsibilityLine
    category: CategoryEntry
    where: Sequence[object]
    lead: Named
    assists: Sequence[Named]


@dataclass(frozen=True)
class CategoryView:
    """A category with what is above and below it, and the limits that apply to it."""

    entry: CategoryEntry
    path: Sequence[CategoryEntry]
    below: Sequence[CategoryEntry]
    limits: Sequence[LimitEntry]
    responsibilities: Sequence[ResponsibilityEntry]


@dataclass(frozen=True)
class Group:
    """A large class with its middle classes, for a list on the side."""

    entry: CategoryEntry
    below: Sequence[CategoryEntry]


def category_groups(pack: Pack, kind: str = "") -> list[Group]:
    """Return the two upper levels of a pack, of one kind if given."""
    book = rulebook(pack)
    return [
        Group(entry, children_of(book, entry.id))
        for entry in children_of(book, None)
        if kind in ("", entry.kind)
    ]


def children_of(book: Rulebook, category_id: int | None) -> list[CategoryEntry]:
    """Return the categories directly below one, or the largest ones."""
    found = (entry for entry in book.categories.values() if entry.parent_id == category_id)
    return sorted(found, key=lambda entry: entry.code)


def categories_found(pack: Pack, words: str, kind: str = "") -> list[CategoryEntry]:
    """Return the categories whose code, name or conditions hold every word."""
    asked = words.casefold().split()
    return [
        entry
        for entry in sorted(rulebook(pack).categories.values(), key=lambda entry: entry.code)
        if kind in ("", entry.kind) and all(word in _text_of(entry) for word in asked)
    ]


def _text_of(entry: CategoryEntry) -> str:
    parts = (entry.code, entry.name, entry.name_en, entry.filing_condition, entry.closing_condition)
    return "\n".join(parts).casefold()


def category_view(pack: Pack, code: str) -> CategoryView | None:
    """Return a category with everything that applies to it; None if the pack has no such code."""
    book = rulebook(pack)
    entry = book.categories.get(code)
    if entry is None:
        return None
    path = book.path(entry.id)
    above = {each.id for each in path}
    return CategoryView(
        entry=entry,
        path=path,
        below=children_of(book, entry.id),
        limits=list(_limits_of(book, entry)),
        responsibilities=[
            _responsibility_entry(book, rule) for rule in book.responsibilities if rule.category_id in above
        ],
    )


def _limits_of(book: Rulebook, entry: CategoryEntry) -> Iterator[LimitEntry]:
    """Yield the limits that apply: for any road, then where a class of road makes a difference."""
    for clock in Clock:
        usual = book.limit_for(entry.id, clock)
        if usual:
            yield _limit_entry(book, usual)
        for road in RoadClass:
            special = book.limit_for(entry.id, clock, road)
            if special and special != usual:
                yield _limit_entry(book, special)


def limits_found(pack: Pack, words: str = "", clock: str = "", road: str = "") -> list[LimitEntry]:
    """Return the lines of the limits, filtered."""
    book = rulebook(pack)
    return [
        entry
        for rule in book.limits
        if clock in ("", rule.clock) and road in ("", rule.road_class)
        if _holds(words, entry := _limit_entry(book, rule), rule.source)
    ]


def responsibilities_found(
    pack: Pack, words: str = "", unit_id: int | None = None, on: date | None = None
) -> list[ResponsibilityEntry]:
    """Return the lines of the responsibility list, filtered; with `unit_id`, where it leads or assists."""
    book = rulebook(pack)
    return [
        entry
        for rule in book.responsibilities
        if unit_id is None or unit_id in (rule.lead_id, *rule.assist_ids)
        if on is None or rule.holds_on(on)
        if _holds(words, entry := _responsibility_entry(book, rule), rule.source)
    ]


def _holds(words: str, entry: LimitEntry | ResponsibilityEntry, source: str) -> bool:
    parts = [entry.category.code, entry.category.name, entry.category.name_en, source]
    if isinstance(entry, ResponsibilityEntry):
        parts += [text for named in (entry.lead, *entry.assists) for text in (named.name, named.name_en)]
        parts += map(str, entry.where)
    text = "\n".join(parts).casefold()
    return all(word in text for word in words.casefold().split())


def _limit_entry(book: Rulebook, rule: LimitLine) -> LimitEntry:
    return LimitEntry(
        rule=rule,
        category=book.by_id[rule.category_id],
        clock=rule.clock.label,
        road=RoadClass(rule.road_class).label if rule.road_class else "",
        amount=amount_words(rule.limit, get_language() or ""),
    )


def _responsibility_entry(book: Rulebook, rule: ResponsibilityLine) -> ResponsibilityEntry:
    where: list[object] = [book.division_name(rule.division)] if rule.division else []
    if rule.block_kind:
        where.append(BlockKind(rule.block_kind).label)
    return ResponsibilityEntry(
        rule=rule,
        category=book.by_id[rule.category_id],
        where=where,
        lead=book.unit_name(rule.lead_id),
        assists=[book.unit_name(key) for key in rule.assist_ids],
    )


def leading_units(pack: Pack) -> list[tuple[int, str]]:
    """Return the units that lead or assist anywhere in a pack, by name, for a list of choices."""
    book = rulebook(pack)
    keys = {key for rule in book.responsibilities for key in (rule.lead_id, *rule.assist_ids)}
    return sorted(((key, str(book.unit_name(key))) for key in keys), key=lambda found: found[1])


def category_choices(pack: Pack) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the leaf categories by the class above them, for a list of choices."""
    book = rulebook(pack)
    leaves = sorted(book.leaf_categories, key=lambda entry: entry.code)
    return [
        (_path_words(book, parent), [(entry.code, f"{entry} {entry.code}") for entry in group])
        for parent, group in groupby(leaves, key=lambda entry: entry.parent_id)
    ]


def _path_words(book: Rulebook, category_id: int | None) -> str:
    return " › ".join(map(str, book.path(category_id))) if category_id else ""


@dataclass(frozen=True)
class Where:
    """The place of an imagined case, as it is asked for."""

    division_ids: tuple[int | None, ...] = ()
    block_kind: str = ""
    road_class: str = ""
    words: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Verdict:
    """Which rules would apply to an imagined case; `others` are those that were less specific."""

    category: CategoryEntry
    path: Sequence[CategoryEntry]
    where: Where
    on: date
    limits: Sequence[LimitEntry]
    missing: Sequence[Words]
    answer: Responsibility | None
    lead_name: str
    assist_names: Sequence[str]
    others: Sequence[ResponsibilityEntry]


def where_asked(said: Mapping[str, Any]) -> Where:
    """Return the place of an imagined case as it was typed: a name, or a street and a kind of block."""
    if said["place"]:
        where = where_named(said["place"], said["on"])
        return replace(where, road_class=said["road_class"] or where.road_class)
    street = Division.objects.filter(pk=said["street"]).defer("boundary").first() if said["street"] else None
    kind, road = said["block_kind"], said["road_class"]
    words = [str(street)] if street else []
    words += [str(BlockKind(kind).label)] if kind else []
    return Where(
        division_ids=(street.pk, street.parent_id) if street else (),
        block_kind=kind,
        road_class=road,
        words=tuple(words),
    )


def where_named(text: str, on: date) -> Where:
    """Return the place that a text names, with every division it lies in on a day."""
    reading = places.read_place(text)
    found = reading.place
    if found is None or found.lon is None or found.lat is None:
        return Where(unknown=_("没有认出“%(text)s”：%(reason)s") % {"text": text, "reason": reading.reason})
    location = places.locate(found.lon, found.lat, on=on)
    areas = [location.street, location.community, location.block, location.cell, location.district]
    known = [area for area in areas if area]
    return Where(
        division_ids=tuple(area.id for area in known),
        block_kind=location.block.kind if location.block else "",
        road_class=found.road_class,
        words=(found.name, *(area.name for area in known if area.level != Level.CELL)),
    )


def verdict(pack: Pack, code: str, where: Where, on: date) -> Verdict | None:
    """Return which rules of a pack would apply; None if it has no such category."""
    book = rulebook(pack)
    entry = book.categories.get(code)
    if entry is None:
        return None
    answer = book.responsibility_for(
        entry.id, division_ids=where.division_ids, block_kind=where.block_kind, on=on
    )
    limits = {clock: book.limit_for(entry.id, clock, where.road_class) for clock in Clock}
    return Verdict(
        category=entry,
        path=book.path(entry.id),
        where=where,
        on=on,
        limits=[_limit_entry(book, rule) for rule in limits.values() if rule],
        missing=[clock.label for clock, rule in limits.items() if rule is None],
        answer=answer,
        lead_name=unit_by_id(answer.lead_id).name if answer else "",
        assist_names=[str(book.unit_name(key)) for key in answer.assist_ids] if answer else [],
        others=[
            _responsibility_entry(book, rule)
            for rule in book.candidates(entry.id, _codes(book, where), where.block_kind, on)
            if answer is None or rule.rule_id != answer.rule_id
        ],
    )


def _codes(book: Rulebook, where: Where) -> list[str]:
    return [book.code_of(key) for key in where.division_ids if key is not None]


def streets(on: date) -> list[tuple[int, str]]:
    """Return the streets on a day, for a list of choices."""
    rows = Division.objects.as_of(on).filter(level=Level.STREET).order_by("code").defer("boundary")
    return [(row.pk, capfirst(str(row))) for row in rows]


def kinds() -> list[tuple[str, Words]]:
    """Return the kinds of case, for a list of choices."""
    return [(kind.value, kind.label) for kind in CaseKind]
