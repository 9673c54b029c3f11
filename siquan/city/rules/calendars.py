"""The working calendar (工作日历) as a file, and the days it freezes when it is loaded.

Statutory days come from the State Council's notices, as `chinesecalendar` collects them, unless the file
lists them itself (an exported calendar does); days of its own go before both.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.datewords import FESTIVALS_EN
from siquan.base.kernel.errors import BadInput, NotFound, Words
from siquan.base.kernel.workcalendar import (
    DayKind,
    Hours,
    WorkCalendar,
    from_chinesecalendar,
    parse_hours,
)
from siquan.city.rules.tables import Fault, Marked, read_mapping

KEYS: Final = (
    "name",
    "version",
    "source",
    "valid_from",
    "first_year",
    "last_year",
    "office_hours",
    "urgent_hours",
    "days",
    "statutory_days",
    "provisional_years",
)
DAY_KEYS: Final = ("date", "working", "name", "name_en", "source")
# One day costs a few bytes; a span of centuries would only be a slip of the finger.
MOST_YEARS: Final = 40
_SATURDAY: Final = 5
_PACKAGED: Final = Path(__file__).parent / "packaged"


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day that differs from its weekday."""

    date: date
    is_working: bool
    name: str
    name_en: str
    source: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """One version of the working calendar; without `statutory`, the notices known today are taken."""

    name: str
    version: str
    source: str
    valid_from: date
    first_year: int
    last_year: int
    hours: Hours
    urgent_hours: Hours
    days: tuple[DayRow, ...] = ()
    statutory: tuple[DayRow, ...] | None = field(default=None, compare=False)
    provisional: tuple[int, ...] | None = field(default=None, compare=False)

    @property
    def digest(self) -> str:
        """A SHA-256 over what the file says itself; notices that come later do not count."""
        said = [self.name, self.version, self.source, self.valid_from, self.first_year, self.last_year]
        days = sorted((row.date, row.is_working, row.name, row.name_en, row.source) for row in self.days)
        content = repr([said, self.hours, self.urgent_hours, days])
        return hashlib.sha256(content.encode()).hexdigest()

    def frozen(self) -> CalendarFile:
        """Return the calendar with its statutory days and provisional years written out."""
        if self.statutory is not None:
            return self
        known = from_chinesecalendar(
            range(self.first_year, self.last_year + 1), self.hours, self.urgent_hours, self.version
        )
        source = f"国务院办公厅放假通知（chinesecalendar {version('chinesecalendar')}）"
        rows = (
            DayRow(day, kind.is_working, kind.name, FESTIVALS_EN.get(kind.name, ""), source)
            for day, kind in sorted(known.days.items())
        )
        return CalendarFile(
            name=self.name,
            version=self.version,
            source=self.source,
            valid_from=self.valid_from,
            first_year=self.first_year,
            last_year=self.last_year,
            hours=self.hours,
            urgent_hours=self.urgent_hours,
            days=self.days,
            statutory=tuple(rows),
            provisional=tuple(sorted(known.provisional)),
        )


def work_calendar(calendar: CalendarFile) -> WorkCalendar:
    """Return a calendar file as the kernel reckons with it."""
    full = calendar.frozen()
    return WorkCalendar(
        version=full.version,
        first_year=full.first_year,
        last_year=full.last_year,
        hours=full.hours,
        urgent_hours=full.urgent_hours,
        days=day_kinds([*(full.statutory or ()), *full.days]),
        provisional=frozenset(full.provisional or ()),
    )


def day_kinds(rows: Iterable[DayRow]) -> dict[date, DayKind]:
    """Return days as the kernel wants them; a later row for a day replaces an earlier one."""
    return {
        row.date: DayKind(row.is_working, row.name, is_swapped(row.date, is_working=row.is_working))
        for row in rows
    }


def is_swapped(day: date, *, is_working: bool) -> bool:
    """Tell whether a day is a weekend day that is worked (调休上班)."""
    return is_working and day.weekday() >= _SATURDAY


@lru_cache(maxsize=8)
def packaged_calendar(name: str) -> CalendarFile:
    """Return a calendar that comes with the program. Raises NotFound."""
    path = _PACKAGED / f"{name}.yaml"
    known = sorted(each.stem for each in _PACKAGED.glob("*.yaml"))
    if name not in known:
        words = format_lazy(_("没有“{name}”这个工作日历。现有：{known}。"), name=name, known=", ".join(known))
        raise NotFound(words)
    found, faults = read_calendar(path.name, read_mapping(path.name, path.read_bytes()))
    if found is None or faults:
        raise ValueError([str(fault) for fault in faults])
    return found


def read_calendar(file: str, head: Marked) -> tuple[CalendarFile | None, list[Fault]]:
    """Return the calendar of a file, None if it cannot be used, and what is wrong with it."""
    reading = _Reading(file, head)
    calendar = reading.calendar()
    return (None if reading.faults else calendar), reading.faults


class _Reading:
    """One reading of one calendar, collecting what is wrong."""

    def __init__(self, file: str, head: Marked) -> None:
        self.file, self.head = file, head
        self.faults: list[Fault] = []

    def calendar(self) -> CalendarFile | None:
        for key in self.head:
            if key not in KEYS:
                self._fault(key, format_lazy(_("不认识“{key}”。"), key=key))
        texts = {key: self._text(key) for key in ("name", "version", "source")}
        valid_from = self._valid_from() or date.max
        # A year back for cases taken over, some years on so that no deadline falls off the end.
        first = self._year("first_year", valid_from.year - 1)
        last = self._year("last_year", valid_from.year + 5)
        if first and last and not first <= last < first + MOST_YEARS:
            self._fault("last_year", format_lazy(_("应当不早于起始年，且最多 {most} 年。"), most=MOST_YEARS))
        hours, urgent = self._hours("office_hours"), self._hours("urgent_hours")
        years = range(first, last + 1)
        days = self._days("days", years)
        statutory = self._days("statutory_days", years) if "statutory_days" in self.head else None
        provisional = self._provisional() if statutory is not None else None
        if self.faults or hours is None or urgent is None:
            return None
        calendar = CalendarFile(
            **texts,
            valid_from=valid_from,
            first_year=first,
            last_year=last,
            hours=hours,
            urgent_hours=urgent,
            days=days,
            statutory=statutory,
            provisional=provisional,
        )
        try:
            work_calendar(calendar)
        except BadInput as error:
            self._fault(error.field or "", error.message)
        return calendar

    def _text(self, key: str) -> str:
        value = self.head.text(key)
        most = {"name": 20, "version": 30}.get(key, 300)
        if not value:
            self._fault(key, _("请填写。"))
        elif len(value) > most:
            self._fault(key, format_lazy(_("超过 {most} 个字，请缩短。"), most=most))
        return value

    def _valid_from(self) -> date | None:
        return self._date(self.head.text("valid_from"), self.head.lines.get("valid_from", 1), "valid_from")

    def _year(self, key: str, usual: int) -> int:
        value = self.head.text(key)
        if key not in self.head:
            return usual
        if re.fullmatch(r"(19|20)\d\d", value, re.ASCII):
            return int(value)
        self._fault(key, _("请写四位数的年份，例如 2026。"))
        return 0

    def _hours(self, key: str) -> Hours | None:
        """Return hours written as text or as a list of pairs, as YAML invites."""
        value = self.head.get(key, "")
        if isinstance(value, list):
            value = ", ".join("-".join(map(str, span)) for span in value if isinstance(span, list))
        try:
            return parse_hours(value if isinstance(value, str) else "")
        except BadInput as error:
            self._fault(key, error.message)
            return None

    def _days(self, key: str, years: range) -> tuple[DayRow, ...]:
        listed = self.head.get(key) or []
        if not isinstance(listed, list) or not all(isinstance(item, Marked) for item in listed):
            self._fault(key, _("这里应当是一张列表，每项以“-”开头。"))
            return ()
        rows = [row for item in listed if (row := self._day(item, years))]
        seen: dict[date, DayRow] = {}
        for row in rows:
            if row.date in seen:
                words = format_lazy(
                    _("{day} 在第 {line} 行已经写过。"), day=row.date, line=seen[row.date].line
                )
                self.faults.append(Fault(self.file, row.line, "date", words))
            seen.setdefault(row.date, row)
        return tuple(rows)

    def _day(self, item: Marked, years: range) -> DayRow | None:
        for key in item:
            if key not in DAY_KEYS:
                self.faults.append(
                    Fault(self.file, item.lines[key], key, format_lazy(_("不认识“{key}”。"), key=key))
                )
        day = self._date(item.text("date"), item.lines.get("date", item.line))
        working = item.text("working").lower()
        if working not in {"true", "false"}:
            self.faults.append(Fault(self.file, item.line, "working", _("请写 true 或 false。")))
        if not item.text("name") or not item.text("source"):
            self.faults.append(Fault(self.file, item.line, "", _("请写明名称（name）和来源（source）。")))
        if day and years and day.year not in years:
            self.faults.append(Fault(self.file, item.line, "date", _("不在本日历的年份之内。")))
        if day is None:
            return None
        name, name_en = item.text("name")[:40], item.text("name_en")[:60]
        return DayRow(day, working == "true", name, name_en, item.text("source")[:300], item.line)

    def _provisional(self) -> tuple[int, ...]:
        listed = self.head.get("provisional_years") or []
        years = [int(each) for each in listed if isinstance(each, str) and each.isascii() and each.isdigit()]
        if not isinstance(listed, list) or len(years) != len(listed):
            self._fault("provisional_years", _("请写四位数的年份，例如 2026。"))
        return tuple(sorted(years))

    def _date(self, value: str, line: int, key: str = "date") -> date | None:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.faults.append(Fault(self.file, line, key, _("日期请写成 2026-01-01 的样子。")))
            return None

    def _fault(self, key: str, words: Words) -> None:
        self.faults.append(Fault(self.file, self.head.lines.get(key, 1), key, words))


def hours_to_json(hours: Hours) -> list[list[str]]:
    """Return hours as they are stored; 00:00 as an end is the end of the day."""
    return [[opens.strftime("%H:%M"), closes.strftime("%H:%M")] for opens, closes in hours]


def hours_from_json(spans: Iterable[Iterable[str]]) -> Hours:
    """Return stored hours as the kernel wants them."""
    return tuple(
        (time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in map(tuple, spans)
    )


def hours_to_text(hours: Hours) -> str:
    """Return hours as people write them, like "09:00-12:00, 13:30-17:30"."""
    return ", ".join(
        f"{opens:%H:%M}-{'24:00' if closes == time(0) else format(closes, '%H:%M')}"
        for opens, closes in hours
    )


def calendar_to_mapping(calendar: CalendarFile) -> Mapping[str, Any]:
    """Return a calendar as its file holds it, statutory days included."""
    full = calendar.frozen()
    return {
        "name": full.name,
        "version": full.version,
        "source": full.source,
        "valid_from": full.valid_from.isoformat(),
        "first_year": str(full.first_year),
        "last_year": str(full.last_year),
        "office_hours": hours_to_text(full.hours),
        "urgent_hours": hours_to_text(full.urgent_hours),
        "provisional_years": [str(year) for year in full.provisional or ()],
        "days": [_day_to_mapping(row) for row in full.days],
        "statutory_days": [_day_to_mapping(row) for row in full.statutory or ()],
    }


def _day_to_mapping(row: DayRow) -> dict[str, str]:
    return {
        "date": row.date.isoformat(),
        "working": "true" if row.is_working else "false",
        "name": row.name,
        "name_en": row.name_en,
        "source": row.source,
    }
