"""What is wrong with a pack, or missing in it: errors keep it from being loaded, gaps are told.

Pure: what the pack speaks of outside itself (divisions, units already known) is handed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Final, TypeVar

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import Words
from siquan.base.kernel.limits import Unit as Measure
from siquan.city.places.models import BlockKind, Level
from siquan.city.rules.files import MAX_LEVELS, Parsed
from siquan.city.rules.models import Clock
from siquan.city.rules.rows import CategoryRow, LimitRow, PackFile, ResponsibilityRow
from siquan.city.rules.rulebook import CategoryEntry, LimitLine, Named, ResponsibilityLine, Rulebook
from siquan.city.rules.tables import Fault, Weight
from siquan.city.units.models import Kind

_NAMES_SHOWN: Final = 5
R = TypeVar("R", CategoryRow, LimitRow, ResponsibilityRow)


@dataclass(frozen=True, slots=True)
class Place:
    """A division as far as the checks need it."""

    code: str
    level: str
    name: str


@dataclass(frozen=True)
class Around:
    """What a pack may speak of outside its own files; `places` None is not known."""

    places: Mapping[str, Place] | None = None
    units: Collection[str] = field(default_factory=frozenset)
    district: str = ""


def check(parsed: Parsed, around: Around | None = None) -> list[Fault]:
    """Return every fault of a pack as it was read: in its words, its references, its answers."""
    found = list(parsed.faults)
    if parsed.pack:
        found += check_pack(parsed.pack, around or Around())
    return sorted(set(found), key=lambda fault: (fault.weight, fault.file, fault.line, fault.column))


def check_pack(pack: PackFile, around: Around) -> Iterator[Fault]:
    """Yield what is wrong with a pack whose rows could be read."""
    if pack.district and around.district and pack.district != around.district:
        words = format_lazy(
            _("这个规则包属于 {other}，这里是 {here}。"), other=pack.district, here=around.district
        )
        yield Fault(pack.file("pack"), 0, "district", words)
    broken = list(_categories(pack))
    yield from broken
    yield from _units(pack, around)
    yield from _limits(pack)
    yield from _responsibilities(pack, around)
    yield from _calendar(pack)
    if not broken:  # among broken categories every answer would be a guess
        book = rulebook_of(pack, around)
        yield from _limit_gaps(pack, book)
        yield from _responsibility_gaps(pack, book, around)


def errors(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults that must be put right first."""
    return [fault for fault in faults if fault.weight == Weight.ERROR]


def _categories(pack: PackFile) -> Iterator[Fault]:
    file = pack.file("categories")
    for first, *others in _alike(pack.categories, lambda row: row.code):
        for second in others:
            yield Fault(file, second.line, "code", _also_on(second.code, first.line))
    by_code = {row.code: row for row in pack.categories}
    if not by_code:
        yield Fault(file, 0, "", _("一个类别也没有。"))
    for row in pack.categories:
        if row.parent and row.parent not in by_code:
            yield Fault(file, row.line, "parent", _unknown(row.parent, by_code))
        else:
            yield from _level(file, row, _way_up(row, by_code))


def _level(file: str, row: CategoryRow, way: list[CategoryRow] | None) -> Iterator[Fault]:
    if way is None:
        yield Fault(file, row.line, "parent", _("上级类别绕成了圈，请改正上级代码。"))
    elif len(way) > MAX_LEVELS:
        words = _("类别最多 {most} 级，这一条在第 {level} 级。")
        yield Fault(file, row.line, "parent", format_lazy(words, most=MAX_LEVELS, level=len(way)))
    elif row.level and int(row.level) != len(way):
        words = format_lazy(_("按上级类别，这一条在第 {level} 级。"), level=len(way))
        yield Fault(file, row.line, "level", words)


def _way_up(row: CategoryRow, by_code: Mapping[str, CategoryRow]) -> list[CategoryRow] | None:
    """Return a category and those above it, None if they go round in a circle."""
    way = [row]
    while way[-1].parent in by_code:
        above = by_code[way[-1].parent]
        if above in way:
            return None
        way.append(above)
    return way


def _units(pack: PackFile, around: Around) -> Iterator[Fault]:
    file = pack.file("units")
    seen: dict[str, int] = {}
    for row in pack.units:
        if row["code"] in seen:
            yield Fault(file, row.line, "code", _also_on(row["code"], seen[row["code"]]))
        seen.setdefault(row["code"], row.line)
        if row["kind"] and row["kind"] not in Kind.values:
            words = format_lazy(
                _("“{value}”不在可选值里：{choices}。"), value=row["kind"], choices=", ".join(Kind.values)
            )
            yield Fault(file, row.line, "kind", words)
        if row["division"] and around.places is not None and row["division"] not in around.places:
            yield Fault(file, row.line, "division", _unknown(row["division"], ()))


def _limits(pack: PackFile) -> Iterator[Fault]:
    file = pack.file("limits")
    known = {row.code for row in pack.categories}
    for row in pack.limits:
        if row.category not in known:
            yield Fault(file, row.line, "category", _unknown(row.category, known))
    for first, *others in _alike(pack.limits, lambda row: (row.category, row.clock, row.road_class)):
        for second in others:
            yield Fault(file, second.line, "", _ambiguous(first.line, second.line))


def _responsibilities(pack: PackFile, around: Around) -> Iterator[Fault]:
    file = pack.file("responsibilities")
    known = {row.code for row in pack.categories}
    units = {row["code"] for row in pack.units} | set(around.units)
    for row in pack.responsibilities:
        if row.category not in known:
            yield Fault(file, row.line, "category", _unknown(row.category, known))
        if row.division and around.places is not None and row.division not in around.places:
            yield Fault(file, row.line, "division", _unknown(row.division, ()))
        if row.lead not in units:
            yield Fault(file, row.line, "lead", _unknown(row.lead, units))
        for unit in row.assists:
            if unit not in units:
                yield Fault(file, row.line, "assists", _unknown(unit, units))
        if row.lead in row.assists:
            yield Fault(file, row.line, "assists", _("牵头单位不必再写成协办单位。"))
    yield from _overlaps(file, pack.responsibilities)


def _overlaps(file: str, rows: Sequence[ResponsibilityRow]) -> Iterator[Fault]:
    """Yield the lines with the same conditions that are in force on the same day."""
    for first, *others in _alike(rows, lambda row: (*_conditions(row), row.valid_from)):
        for second in others:
            yield Fault(file, second.line, "", _ambiguous(first.line, second.line))
    for group in _alike(rows, _conditions):
        group.sort(key=lambda row: (row.valid_from, row.line))
        standing = group[0]
        for row in group[1:]:
            ends = standing.valid_to
            if row.valid_from > standing.valid_from and (ends is None or row.valid_from < ends):
                words = _overlapping(standing.line, row)
                yield Fault(file, row.line, "valid_from", words, Weight.NOTE)
            if ends is not None and (row.valid_to is None or row.valid_to > ends):
                standing = row


def _conditions(row: ResponsibilityRow) -> tuple[str, str, str]:
    return row.category, row.division, row.block_kind


def _calendar(pack: PackFile) -> Iterator[Fault]:
    calendar, file = pack.calendar, pack.file("calendar")
    if calendar is None:
        return
    if not calendar.first_year <= pack.valid_from.year <= calendar.last_year:
        yield Fault(file, 0, "first_year", _("规则包施行的年份不在工作日历之内。"))
    years = calendar.frozen().provisional
    if years:
        words = _("{years} 年还没有放假通知，暂按周一至周五上班。")
        # Notices come year by year, so the years without one follow each other.
        shown = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
        yield Fault(file, 0, "", format_lazy(words, years=shown), Weight.NOTE)


def _limit_gaps(pack: PackFile, book: Rulebook) -> Iterator[Fault]:
    lines = {row.code: row.line for row in pack.categories}
    for entry in book.leaf_categories:
        for clock in Clock:
            if book.limit_for(entry.id, clock) is None:
                words = format_lazy(
                    _("“{category}”没有{clock}时限。"), category=entry.name, clock=clock.label
                )
                yield Fault(pack.file("categories"), lines[entry.code], "", words, Weight.GAP)


def _responsibility_gaps(pack: PackFile, book: Rulebook, around: Around) -> Iterator[Fault]:
    lines = {row.code: row.line for row in pack.categories}
    streets, days = _streets(pack, around), _days_to_ask(pack)
    for entry in book.leaf_categories:
        for day in days:
            if _somebody(book, entry.id, "", "", day):  # for the whole district, so in every street
                continue
            missing = [place for place in streets if not _covered(book, entry.id, place.code, day)]
            if missing:
                whole = len(missing) == len(streets)
                words = _no_unit(entry.name, [] if whole else [place.name for place in missing], day)
                yield Fault(pack.file("categories"), lines[entry.code], "", words, Weight.GAP)
                break


def _covered(book: Rulebook, category: int, street: str, day: date) -> bool:
    """Tell whether somebody answers for the category in a street, whatever kind of block it is in."""
    return _somebody(book, category, street, "", day) or all(
        _somebody(book, category, street, kind, day) for kind in BlockKind
    )


def _somebody(book: Rulebook, category: int, place: str, kind: str, day: date) -> bool:
    return next(book.candidates(category, (place,), kind, day), None) is not None


def _streets(pack: PackFile, around: Around) -> list[Place]:
    """Return the streets: those of the city if known, else those whose offices the pack names."""
    if around.places is not None:
        found = [place for place in around.places.values() if place.level == Level.STREET]
    else:
        found = [
            Place(row["division"], Level.STREET, row["name_zh"])
            for row in pack.units
            if row["kind"] == Kind.STREET_OFFICE and row["division"]
        ]
    return found or [Place("", "", "")]


def _days_to_ask(pack: PackFile) -> list[date]:
    """Return the days of the pack's validity on which an answer may change."""
    days = {pack.valid_from}
    for row in pack.responsibilities:
        days |= {day for day in (row.valid_from, row.valid_to) if day}
    return sorted(
        day for day in days if pack.valid_from <= day and (pack.valid_to is None or day < pack.valid_to)
    )


def rulebook_of(pack: PackFile, around: Around | None = None) -> Rulebook:
    """Return the rulebook of a pack that is not loaded; keys are positions, divisions have none."""
    places = (around.places if around else None) or {}
    keys = {row.code: key for key, row in enumerate(pack.categories, start=1)}
    units = {code: key for key, code in enumerate(sorted(_unit_codes(pack)), start=1)}
    return Rulebook(
        pack_id=0,
        categories=[_entry(row, keys) for row in pack.categories],
        limits=[_limit(row, keys) for row in pack.limits if row.category in keys],
        responsibilities=[
            _responsibility(row, keys, units, places) for row in pack.responsibilities if row.category in keys
        ],
        division_code=str,  # keys of divisions are not asked for here
        divisions={code: Named(place.name) for code, place in places.items()},
        units={key: Named(code) for code, key in units.items()},
    )


def _unit_codes(pack: PackFile) -> set[str]:
    return {code for row in pack.responsibilities for code in (row.lead, *row.assists)}


def _entry(row: CategoryRow, keys: Mapping[str, int]) -> CategoryEntry:
    return CategoryEntry(
        name=row.name, id=keys[row.code], code=row.code, parent_id=keys.get(row.parent), kind=row.kind
    )


def _limit(row: LimitRow, keys: Mapping[str, int]) -> LimitLine:
    return LimitLine(
        rule_id=row.line,
        line=row.line,
        category_id=keys[row.category],
        road_class=row.road_class,
        clock=Clock(row.clock),
        amount=row.amount,
        measure=Measure(row.measure),
        source=row.source,
    )


def _responsibility(
    row: ResponsibilityRow, keys: Mapping[str, int], units: Mapping[str, int], places: Mapping[str, Place]
) -> ResponsibilityLine:
    level = places[row.division].level if row.division in places else Level.STREET
    return ResponsibilityLine(
        rule_id=row.line,
        line=row.line,
        category_id=keys[row.category],
        division=row.division,
        level=level if row.division else "",
        block_kind=row.block_kind,
        lead_id=units[row.lead],
        assist_ids=tuple(units[code] for code in row.assists),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
    )


def _alike(rows: Iterable[R], key: Callable[[R], Hashable]) -> Iterator[list[R]]:
    """Yield the rows that share a key with another row, in the order of their lines."""
    groups: defaultdict[Hashable, list[R]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    yield from (group for group in groups.values() if len(group) > 1)


def _unknown(value: str, known: Collection[str]) -> Words:
    close = get_close_matches(value, list(known)[:2000], n=1)
    if close:
        return format_lazy(_("没有“{value}”。是不是“{close}”？"), value=value, close=close[0])
    return format_lazy(_("没有“{value}”。请核对代码，或先把它加进来。"), value=value)


def _also_on(code: str, line: int) -> Words:
    return format_lazy(_("代码“{code}”在第 {line} 行已经用过。"), code=code, line=line)


def _ambiguous(first: int, second: int) -> Words:
    words = _("第 {first} 行和第 {second} 行条件相同，分不出用哪一条。请删去一条，或写得更具体。")
    return format_lazy(words, first=first, second=second)


def _overlapping(first: int, second: ResponsibilityRow) -> Words:
    if second.valid_to:
        words = _("与第 {first} 行条件相同：自 {begins} 至 {ends} 前按这一行，其余时间按第 {first} 行。")
        return format_lazy(words, first=first, begins=second.valid_from, ends=second.valid_to)
    words = _("与第 {first} 行条件相同：自 {begins} 起按这一行。第 {first} 行最好写上 valid_to。")
    return format_lazy(words, first=first, begins=second.valid_from)


def _no_unit(category: str, places: Sequence[str], day: date) -> Words:
    if not places:
        words = _("“{category}”自 {day} 起没有责任单位。")
        return format_lazy(words, category=category, day=day)
    words = _("“{category}”自 {day} 起在这 {count} 个街道没有责任单位：{places}。")
    shown = _("、").join(places[:_NAMES_SHOWN]) + ("…" if len(places) > _NAMES_SHOWN else "")
    return format_lazy(words, category=category, day=day, count=len(places), places=shown)
