"""What one can do with units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.journal.models import By, Entry
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput
from siquan.city.places.models import Division
from siquan.city.units.models import Kind, Unit

FIELDS = {  # column of the file → field of the table
    "name_zh": "name",
    "short_zh": "short_name",
    "name_en": "name_en",
    "kind": "kind",
    "source": "source",
}
REQUIRED = ("code", "name_zh", "kind", "source")


@dataclass
class Loaded:
    """What a load did, by code."""

    added: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    unchanged: int = 0


@transaction.atomic
def load_units(
    rows: Iterable[Mapping[str, str]], *, by: User | None, at: datetime, valid_from: date | None = None
) -> Loaded:
    """Add the units of a file, and correct those whose row differs; the same file twice changes nothing.

    Columns: code, name_zh, name_en, short_zh, kind, division (a code, or empty), source; a unit that is new
    holds from `valid_from` (the day of `at`, if none is given). Raises BadInput that names every wrong row.
    """
    listed = list(rows)
    day = valid_from or timezone.localdate(at)
    divisions: dict[str, int] = dict(
        Division.objects.as_of(timezone.localdate(at))
        .filter(
            district_id=current_district(),
            code__in={row["division"] for row in listed if row.get("division")},
        )
        .values_list("code", "id")
    )
    _refuse_wrong(listed, divisions)
    known = {
        unit.code: unit
        for unit in Unit.objects.as_of(timezone.localdate(at)).filter(
            district_id=current_district(), code__in=[row["code"] for row in listed]
        )
    }
    loaded = Loaded()
    added, corrected, entries = [], [], []
    for row in listed:
        values: dict[str, Any] = {name: (row.get(column) or "").strip() for column, name in FIELDS.items()}
        values["division_id"] = divisions[row["division"]] if row.get("division") else None
        unit = known.get(row["code"])
        if unit is None:
            added.append(Unit(code=row["code"], valid_from=day, **values))
            continue
        before = {name: getattr(unit, name) for name in values if getattr(unit, name) != values[name]}
        if not before:
            loaded.unchanged += 1
            continue
        for name, value in values.items():
            setattr(unit, name, value)
        corrected.append(unit)
        entries.append(_entry("unit.corrected", unit, by, at, before=before))
    Unit.objects.bulk_create(added, batch_size=1000)
    Unit.objects.bulk_update(corrected, [*FIELDS.values(), "division_id"], batch_size=500)
    journal.write_many(entries + [_entry("unit.added", unit, by, at, code=unit.code) for unit in added])
    loaded.added = [unit.code for unit in added]
    loaded.corrected = [unit.code for unit in corrected]
    return loaded


def _entry(event: str, unit: Unit, by: User | None, at: datetime, **details: object) -> Entry:
    return Entry(
        event=event,
        about_type="unit",
        about_id=unit.pk,
        by_id=by.pk if by else None,
        by_kind=By.PERSON if by else By.SYSTEM,
        at=at,
        details=details,
    )


def _refuse_wrong(rows: list[Mapping[str, str]], divisions: Mapping[str, int]) -> None:
    """Say everything that is wrong at once: who corrects a file wants one list."""
    wrong = [
        f"{line}: {fault}"
        for line, row in enumerate(rows, start=2)  # the head is line 1
        for fault in _faults(row, divisions)
    ]
    codes = [row.get("code", "") for row in rows]
    wrong += [
        f"code {code} ×{codes.count(code)}" for code in sorted({c for c in codes if codes.count(c) > 1})
    ]
    if wrong:
        raise BadInput(format_lazy(_("单位表有误：{faults}"), faults="; ".join(wrong[:50])), field="units")


def _faults(row: Mapping[str, str], divisions: Mapping[str, int]) -> list[str]:
    faults = [f"no {column}" for column in REQUIRED if not (row.get(column) or "").strip()]
    if row.get("kind") and row["kind"] not in Kind.values:
        faults.append(f"kind {row['kind']!r} is none of {', '.join(Kind.values)}")
    if row.get("division") and row["division"] not in divisions:
        faults.append(f"division {row['division']!r} is not known")
    return faults
