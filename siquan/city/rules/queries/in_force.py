"""Which rules and which calendar are in force, held in memory for as long as the process lives.

Rows of a pack and of a calendar never change once they are loaded (a trigger sees to it), so what was read
once stays true; which of them is in force is remembered too, and compared with the tables every few seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.limits import Unit as Measure
from siquan.base.kernel.remembered import Remembered
from siquan.base.kernel.workcalendar import DayKind, WorkCalendar
from siquan.city.places.models import Division
from siquan.city.rules.calendars import hours_from_json, is_swapped
from siquan.city.rules.models import Calendar, Category, Clock, LimitRule, Pack, ResponsibilityRule
from siquan.city.rules.rulebook import (
    CategoryEntry,
    LimitLine,
    Named,
    Question,
    Responsibility,
    ResponsibilityLine,
    Rulebook,
)
from siquan.city.units.models import Unit


def pack_in_force(on: date, district: int | None = None) -> Pack:
    """Return the newest pack that is valid on a day. Raises NotFound."""
    packs = _packs.of(district or current_district())
    pack = next((each for each in packs if _holds(each.valid_from, each.valid_to, on)), None)
    if pack is None:
        raise NotFound(_("这一天没有生效的规则包。请先装入规则包：siquan rules load 文件夹。"))
    return pack


def _holds(valid_from: date, valid_to: date | None, day: date) -> bool:
    return valid_from <= day and (valid_to is None or valid_to > day)


def _newest_packs(district: int) -> list[Pack]:
    return list(Pack.objects.filter(district_id=district).order_by("-valid_from", "-id"))


def _newest_calendars(district: int) -> list[Calendar]:
    return list(Calendar.objects.filter(district_id=district).order_by("-valid_from", "-id"))


_packs = Remembered(_newest_packs, [Pack])
_calendars = Remembered(_newest_calendars, [Calendar])


def forget() -> None:
    """Notice a newly loaded pack or calendar at the next question."""
    _packs.forget()
    _calendars.forget()
    _categories.forget()


def rulebook(pack: Pack) -> Rulebook:
    """Return the rules of a pack, from memory after the first time."""
    return _rulebook(pack.pk)


@lru_cache(maxsize=16)
def _rulebook(pack_id: int) -> Rulebook:
    responsibilities = list(
        ResponsibilityRule.objects.filter(pack=pack_id).select_related("division").prefetch_related("assists")
    )
    return Rulebook(
        pack_id=pack_id,
        categories=map(_category_entry, Category.objects.filter(pack=pack_id).order_by("code")),
        limits=_limit_lines(pack_id),
        responsibilities=map(_responsibility_line, responsibilities),
        division_code=_DivisionCodes(Division.objects.values_list("id", "code")).__getitem__,
        divisions={
            rule.division.code: Named(rule.division.name, rule.division.name_en)
            for rule in responsibilities
            if rule.division
        },
        units=_unit_names(responsibilities),
    )


class _DivisionCodes(dict[int, str]):
    """The code of each division; one that is newer than this index is looked up once."""

    def __missing__(self, key: int) -> str:
        self[key] = Division.objects.filter(pk=key).values_list("code", flat=True).first() or ""
        return self[key]


def _category_entry(row: Category) -> CategoryEntry:
    return CategoryEntry(
        name=row.name,
        name_en=row.name_en,
        id=row.pk,
        code=row.code,
        parent_id=row.parent_id,
        level=row.level,
        kind=row.kind,
        is_urgent=row.is_urgent,
        is_private=row.is_private,
        filing_condition=row.filing_condition,
        closing_condition=row.closing_condition,
        source=row.source,
    )


def _limit_lines(pack_id: int) -> Iterable[LimitLine]:
    for row in LimitRule.objects.filter(pack=pack_id):
        yield LimitLine(
            rule_id=row.pk,
            line=row.line,
            category_id=row.category_id,
            road_class=row.road_class,
            clock=Clock(row.clock),
            amount=row.amount,
            measure=Measure(row.measure),
            source=row.source,
        )


def _responsibility_line(row: ResponsibilityRule) -> ResponsibilityLine:
    return ResponsibilityLine(
        rule_id=row.pk,
        line=row.line,
        category_id=row.category_id,
        division=row.division.code if row.division else "",
        level=row.division.level if row.division else "",
        block_kind=row.block_kind,
        lead_id=row.lead_id,
        assist_ids=tuple(sorted(unit.pk for unit in row.assists.all())),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
    )


def _unit_names(responsibilities: Iterable[ResponsibilityRule]) -> dict[int, Named]:
    keys = {rule.lead_id for rule in responsibilities}
    keys |= {unit.pk for rule in responsibilities for unit in rule.assists.all()}
    return {unit.pk: Named(unit.name, unit.name_en) for unit in Unit.objects.filter(pk__in=keys)}


def category_ids_below(code: str, on: date | None = None) -> list[int]:
    """Return the keys of a category and of all below it, in every pack; empty for an unknown code."""
    book = rulebook(pack_in_force(on or timezone.localdate()))
    codes = book.codes_below(code)
    return [key for key, row in categories_by_id().items() if row.code in codes]


def categories_by_id() -> Mapping[int, Category]:
    """Return the categories of all packs, from memory; not to be changed."""
    return _categories.of(current_district())


def _by_id(district: int) -> dict[int, Category]:
    return Category.objects.filter(district_id=district).in_bulk()


_categories = Remembered(_by_id, [Pack])  # categories come with their pack and never change


def resolve_many(pack: Pack, questions: Iterable[Question]) -> list[Responsibility | None]:
    """Return who answers for each of many cases, None where no rule applies."""
    return list(rulebook(pack).resolve_many(questions))


def calendar_row_in_force(on: date, name: str = "cn", district: int | None = None) -> Calendar:
    """Return the newest version of a working calendar that counts on a day. Raises NotFound."""
    calendars = _calendars.of(district or current_district())
    calendar = next((each for each in calendars if each.name == name and each.valid_from <= on), None)
    if calendar is None:
        raise NotFound(_("这一天没有生效的工作日历。请先装入规则包：siquan rules load 文件夹。"))
    return calendar


def calendar_in_force(on: date, name: str = "cn", district: int | None = None) -> WorkCalendar:
    """Return the working calendar that counts on a day, from memory after the first time. Raises NotFound."""
    return calendar_by_id(calendar_row_in_force(on, name, district).pk)


@lru_cache(maxsize=64)
def calendar_by_id(calendar_id: int) -> WorkCalendar:
    """Return one version of the working calendar, from memory after the first time. Raises DoesNotExist."""
    row = Calendar.objects.get(pk=calendar_id)
    days = row.days.values_list("date", "is_working", "name")
    return WorkCalendar(
        version=row.version,
        first_year=row.first_year,
        last_year=row.last_year,
        hours=hours_from_json(row.office_hours),
        urgent_hours=hours_from_json(row.urgent_hours),
        days={
            day: DayKind(is_working, name, is_swapped(day, is_working=is_working))
            for day, is_working, name in days
        },
        provisional=frozenset(row.provisional_years),
    )
