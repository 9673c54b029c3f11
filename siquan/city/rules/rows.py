"""A rule pack as rows: what its files say, line by line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from siquan.city.rules.calendars import CalendarFile
from siquan.city.rules.tables import Row


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A line of categories."""

    line: int
    code: str
    parent: str
    level: str
    kind: str
    name: str
    name_en: str
    is_urgent: bool
    filing_condition: str
    closing_condition: str
    source: str
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A line of limits."""

    line: int
    category: str
    road_class: str
    clock: str
    amount: int
    measure: str
    source: str


@dataclass(frozen=True, slots=True)
class ResponsibilityRow:
    """A line of responsibilities."""

    line: int
    category: str
    division: str
    block_kind: str
    lead: str
    assists: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    source: str


@dataclass(frozen=True)
class PackFile:
    """A rule pack as it stands in its files, or as it would stand there."""

    name: str
    version: str
    title: str
    title_en: str
    note: str
    note_en: str
    source: str
    valid_from: date
    valid_to: date | None
    district: str
    categories: tuple[CategoryRow, ...]
    limits: tuple[LimitRow, ...]
    responsibilities: tuple[ResponsibilityRow, ...]
    units: tuple[Row, ...] = ()
    calendar: CalendarFile | None = None
    names: Mapping[str, str] = field(default_factory=dict)  # table → name of its file

    def file(self, table: str) -> str:
        """Return the name of the file in which a table stands."""
        usual = f"{table}.yaml" if table in ("pack", "calendar") else f"{table}.csv"
        return self.names.get(table, usual)

    @property
    def has_homes(self) -> bool:
        """Tell whether any category is marked as a matter of somebody's home."""
        return any(row.is_private for row in self.categories)

    @property
    def digest(self) -> str:
        """A SHA-256 over the rules themselves; the order of the lines, units and calendar do not count."""
        head = [self.name, self.title, self.title_en, self.note, self.note_en, self.source, self.valid_from]
        tables = (self.categories, self.limits, self.responsibilities)
        content = [head, *(sorted(lines_of(table)) for table in tables)]
        content += [sorted(row.code for row in self.categories if row.is_private)] if self.has_homes else []
        return hashlib.sha256(json.dumps(content, default=str, ensure_ascii=False).encode()).hexdigest()


_UNCOUNTED: Final = {"line", "level"}


def lines_of(table: Iterable[CategoryRow | LimitRow | ResponsibilityRow]) -> set[str]:
    """Return what the lines of a table say, without where they stand."""
    return {
        json.dumps(
            [getattr(row, key) for key in type(row).__slots__ if key not in _UNCOUNTED],
            default=str,
            ensure_ascii=False,
        )
        for row in table
    }
