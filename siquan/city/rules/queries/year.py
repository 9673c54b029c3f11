"""A year of the working calendar as twelve months of weeks, and its holidays as a list."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from siquan.city.rules.calendars import is_swapped
from siquan.city.rules.models import Calendar, CalendarDay

MOST_WEEKS: Final = 6
_SATURDAY: Final = 5


@dataclass(frozen=True)
class Day:
    """A day on the page; `kind` is plain, weekend, free (放假) or swapped (调休上班)."""

    date: date
    kind: str
    row: CalendarDay | None = None


@dataclass(frozen=True)
class Month:
    """A month as weeks of seven days, None where a day belongs to another month."""

    first: date
    weeks: Sequence[Sequence[Day | None]]
    working_days: int


@dataclass(frozen=True)
class Holiday:
    """Free days in a row with one name, and the days worked for it."""

    row: CalendarDay
    first: date
    last: date
    swapped: Sequence[date]

    @property
    def count(self) -> int:
        """How many days are free."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Year:
    """A year of a working calendar."""

    year: int
    months: Sequence[Month]
    holidays: Sequence[Holiday]
    other_working: Sequence[CalendarDay]
    working_days: int
    is_provisional: bool
    previous: int | None
    next: int | None


def calendar_year(calendar: Calendar, year: int) -> Year:
    """Return a year of a calendar; a year outside it becomes the nearest one inside."""
    year = min(max(year, calendar.first_year), calendar.last_year)
    special = {row.date: row for row in calendar.days.filter(date__year=year).order_by("date")}
    months = [_month(date(year, month, 1), special) for month in range(1, 13)]
    holidays = _holidays(list(special.values()))
    told = {day for holiday in holidays for day in holiday.swapped}
    return Year(
        year=year,
        months=months,
        holidays=holidays,
        other_working=[row for row in special.values() if row.is_working and row.date not in told],
        working_days=sum(month.working_days for month in months),
        is_provisional=year in calendar.provisional_years,
        previous=year - 1 if year > calendar.first_year else None,
        next=year + 1 if year < calendar.last_year else None,
    )


def _month(first: date, special: dict[date, CalendarDay]) -> Month:
    weeks: list[list[Day | None]] = [
        [_day(day, special.get(day)) if day.month == first.month else None for day in week]
        for week in Weeks().monthdatescalendar(first.year, first.month)
    ]
    weeks += [[None] * 7] * (MOST_WEEKS - len(weeks))  # every month as high as the others
    working = sum(day is not None and day.kind in ("plain", "swapped") for week in weeks for day in week)
    return Month(first, weeks, working)


def _day(day: date, row: CalendarDay | None) -> Day:
    if row is None:
        return Day(day, "weekend" if day.weekday() >= _SATURDAY else "plain")
    if row.is_working:
        return Day(day, "swapped" if is_swapped(day, is_working=True) else "plain", row)
    return Day(day, "free", row)


def _holidays(rows: Sequence[CalendarDay]) -> list[Holiday]:
    """Return the free days put together by name while they follow each other."""
    free = [row for row in rows if not row.is_working]
    runs: list[list[CalendarDay]] = [[row] for row in free[:1]]
    for before, row in pairwise(free):
        if row.name == before.name and row.date == before.date + timedelta(days=1):
            runs[-1].append(row)
        else:
            runs.append([row])
    worked = [row for row in rows if row.is_working]
    return [
        Holiday(run[0], run[0].date, run[-1].date, [row.date for row in worked if row.name == run[0].name])
        for run in runs
    ]
