"""A pack between its two shapes: the rows of the database and the files of a folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date

import yaml

from siquan.base.kernel.districts import current_district
from siquan.city.places.models import Division, Level
from siquan.city.rules.calendars import CalendarFile, DayRow, calendar_to_mapping, hours_from_json
from siquan.city.rules.checks import Around, Place
from siquan.city.rules.files import CATEGORY_COLUMNS, LIMIT_COLUMNS, RESPONSIBILITY_COLUMNS, UNIT_COLUMNS
from siquan.city.rules.models import (
    Calendar,
    CalendarDay,
    Category,
    LimitRule,
    Pack,
    ResponsibilityRule,
)
from siquan.city.rules.rows import CategoryRow, LimitRow, PackFile, ResponsibilityRow
from siquan.city.rules.tables import Columns, Row
from siquan.city.units import queries as units
from siquan.city.units.models import Unit


def pack_as_file(pack: Pack, calendar: Calendar | None, on: date) -> PackFile:
    """Return a loaded pack as it would stand in files, with the units in force on a day."""
    return PackFile(
        name=pack.name,
        version=pack.version,
        district=str(pack.district_id),
        title=pack.title,
        title_en=pack.title_en,
        note=pack.note,
        note_en=pack.note_en,
        source=pack.source,
        valid_from=pack.valid_from,
        valid_to=pack.valid_to,
        categories=tuple(map(_category, pack.categories.select_related("parent").order_by("line", "id"))),
        limits=tuple(map(_limit, pack.limits.select_related("category").order_by("line"))),
        responsibilities=tuple(map(_responsibility, _responsibilities(pack))),
        units=tuple(
            _unit(line, unit) for line, unit in enumerate(units.units(on).select_related("division"), start=2)
        ),
        calendar=calendar_as_file(calendar) if calendar else None,
    )


def around(on: date, codes: Iterable[str] = ()) -> Around:
    """Return what packs may speak of on a day: the streets, the divisions with these codes, the units."""
    rows = Division.objects.filter(code__in=set(codes)) | Division.objects.as_of(on).filter(
        level=Level.STREET
    )
    return Around(
        places={row.code: Place(row.code, row.level, row.name) for row in rows.defer("boundary")},
        units=frozenset(units.units_by_code(on=on)),
        district=str(current_district()),
    )


def _category(row: Category) -> CategoryRow:
    return CategoryRow(
        line=row.line,
        code=row.code,
        parent=row.parent.code if row.parent else "",
        level=str(row.level),
        kind=row.kind,
        name=row.name,
        name_en=row.name_en,
        is_urgent=row.is_urgent,
        is_private=row.is_private,
        filing_condition=row.filing_condition,
        closing_condition=row.closing_condition,
        source=row.source,
    )


def _limit(row: LimitRule) -> LimitRow:
    return LimitRow(
        row.line, row.category.code, row.road_class, row.clock, row.amount, row.measure, row.source
    )


def _responsibilities(pack: Pack) -> Iterable[ResponsibilityRule]:
    return (
        pack.responsibilities.select_related("category", "division", "lead")
        .prefetch_related("assists")
        .order_by("line")
    )


def _responsibility(row: ResponsibilityRule) -> ResponsibilityRow:
    return ResponsibilityRow(
        line=row.line,
        category=row.category.code,
        division=row.division.code if row.division else "",
        block_kind=row.block_kind,
        lead=row.lead.code,
        assists=tuple(sorted(unit.code for unit in row.assists.all())),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
    )


def _unit(line: int, unit: Unit) -> Row:
    return Row(
        line,
        {
            "code": unit.code,
            "name_zh": unit.name,
            "name_en": unit.name_en,
            "short_zh": unit.short_name,
            "kind": unit.kind,
            "division": unit.division.code if unit.division else "",
            "source": unit.source,
        },
    )


def calendar_as_file(row: Calendar) -> CalendarFile:
    """Return a loaded calendar as it would stand in its file, with the days it froze."""
    days = list(row.days.order_by("date"))
    return CalendarFile(
        name=row.name,
        version=row.version,
        source=row.source,
        valid_from=row.valid_from,
        first_year=row.first_year,
        last_year=row.last_year,
        hours=hours_from_json(row.office_hours),
        urgent_hours=hours_from_json(row.urgent_hours),
        days=tuple(_day(day) for day in days if not day.is_statutory),
        statutory=tuple(_day(day) for day in days if day.is_statutory),
        provisional=tuple(row.provisional_years),
    )


def _day(row: CalendarDay) -> DayRow:
    return DayRow(row.date, row.is_working, row.name, row.name_en, row.source)


def texts(pack: PackFile) -> dict[str, str]:
    """Return the files of a pack as text, by name."""
    head = {
        "name": pack.name,
        "version": pack.version,
        "district": pack.district,
        "title": pack.title,
        "title_en": pack.title_en,
        "note": pack.note,
        "note_en": pack.note_en,
        "source": pack.source,
        "valid_from": pack.valid_from.isoformat(),
        "valid_to": pack.valid_to.isoformat() if pack.valid_to else "",
    }
    found = {
        "pack.yaml": _yaml({key: value for key, value in head.items() if value}),
        "categories.csv": _csv(CATEGORY_COLUMNS, map(_category_cells, pack.categories)),
        "limits.csv": _csv(LIMIT_COLUMNS, map(_limit_cells, pack.limits)),
        "responsibilities.csv": _csv(
            RESPONSIBILITY_COLUMNS, map(_responsibility_cells, pack.responsibilities)
        ),
        "units.csv": _csv(UNIT_COLUMNS, (dict(row.cells) for row in pack.units)),
    }
    if pack.calendar:
        found["calendar.yaml"] = _yaml(calendar_to_mapping(pack.calendar))
    return found


def _category_cells(row: CategoryRow) -> dict[str, str]:
    return {
        "code": row.code,
        "parent": row.parent,
        "level": row.level,
        "kind": row.kind,
        "name_zh": row.name,
        "name_en": row.name_en,
        "urgent": str(int(row.is_urgent)),
        "private": str(int(row.is_private)),
        "filing_condition": row.filing_condition,
        "closing_condition": row.closing_condition,
        "source": row.source,
    }


def _limit_cells(row: LimitRow) -> dict[str, str]:
    return {
        "category": row.category,
        "road_class": row.road_class,
        "clock": row.clock,
        "amount": str(row.amount),
        "unit": row.measure.replace("-", "_"),
        "source": row.source,
    }


def _responsibility_cells(row: ResponsibilityRow) -> dict[str, str]:
    return {
        "category": row.category,
        "division": row.division,
        "block_kind": row.block_kind,
        "lead": row.lead,
        "assists": " ".join(row.assists),
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        "source": row.source,
    }


def _csv(columns: Columns, rows: Iterable[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns.known, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _yaml(content: object) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
