"""Periods of reckoning (统计周期): a day, a month, a quarter or a year, each known by a code.

Codes are 2026-11-23, 2026-11, 2026Q4 and 2026; of one kind they sort in the order of time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.localtime import FIRST_YEAR, SHANGHAI

_CODE: Final = re.compile(
    r"(?P<year>[0-9]{4})(?:Q(?P<quarter>[1-4])|-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
)
_LAST_YEAR: Final = 9998  # the end of a period must still be a date


class Kind(StrEnum):
    """How long a period is."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS: Final = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A period that begins with the day `first`; make one with `parse_period` or `period_of`."""

    kind: Kind
    first: date

    @property
    def code(self) -> str:
        """The code by which the period is stored and linked."""
        match self.kind:
            case Kind.DAY:
                return self.first.isoformat()
            case Kind.MONTH:
                return f"{self.first:%Y-%m}"
            case Kind.QUARTER:
                return f"{self.first:%Y}Q{self._quarter}"
            case Kind.YEAR:
                return f"{self.first:%Y}"

    @property
    def next(self) -> "Period":
        """The period of this kind that follows."""
        return self._moved(1)

    @property
    def previous(self) -> "Period":
        """The period of this kind before."""
        return self._moved(-1)

    @property
    def last(self) -> date:
        """The last day that belongs to the period."""
        return self.next.first - timedelta(days=1)

    @property
    def start(self) -> datetime:
        """The first instant, in UTC, of the period as it is kept in Shanghai."""
        return _beginning(self.first)

    @property
    def end(self) -> datetime:
        """The first instant, in UTC, that no longer belongs to the period."""
        return _beginning(self.next.first)

    def __contains__(self, at: datetime) -> bool:
        """Whether an aware time lies in the period."""
        return self.start <= at < self.end

    def __str__(self) -> str:
        """Return the code."""
        return self.code

    def label(self, language: str) -> str:
        """Return the period as people write it, in Chinese or (language "en...") English."""
        first, quarter = self.first, self._quarter
        if language.lower().startswith("en"):
            english = {
                Kind.DAY: f"{first.day} {_ENGLISH_MONTHS[first.month - 1][:3]} {first.year}",
                Kind.MONTH: f"{_ENGLISH_MONTHS[first.month - 1]} {first.year}",
                Kind.QUARTER: f"Q{quarter} {first.year}",
                Kind.YEAR: str(first.year),
            }
            return english[self.kind]
        chinese = {
            Kind.DAY: f"{first.year}年{first.month}月{first.day}日",
            Kind.MONTH: f"{first.year}年{first.month}月",
            Kind.QUARTER: f"{first.year}年第{'一二三四'[quarter - 1]}季度",
            Kind.YEAR: f"{first.year}年",
        }
        return chinese[self.kind]

    @property
    def _quarter(self) -> int:
        return (self.first.month + 2) // 3

    def _moved(self, steps: int) -> "Period":
        if self.kind is Kind.DAY:
            return Period(self.kind, self.first + timedelta(days=steps))
        months = self.first.year * 12 + self.first.month - 1 + steps * _MONTHS[self.kind]
        return Period(self.kind, date(months // 12, months % 12 + 1, 1))


# Not calendar.month_name, which speaks the language of the machine.
_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def parse_period(code: str) -> Period:
    """Return the period of a code. Raises BadInput for anything else than the four kinds of code."""
    found = _CODE.fullmatch(code)
    try:
        if found and FIRST_YEAR <= int(found["year"]) <= _LAST_YEAR:
            return _period(found)
    except ValueError:  # the 31st of November
        pass
    raise BadInput(_("周期请写成 2026-11-23、2026-11、2026Q4 或 2026。"), field="period")


def period_of(at: datetime, kind: Kind) -> Period:
    """Return the period of this kind in which an aware time lies, as days are kept in Shanghai."""
    if at.tzinfo is None:
        raise BadInput(_("时间必须带时区，例如 2026-09-25T16:30+08:00。"), field="at")
    day = at.astimezone(SHANGHAI).date()
    if kind is Kind.DAY:
        return Period(kind, day)
    months = _MONTHS[kind]
    return Period(kind, date(day.year, (day.month - 1) // months * months + 1, 1))


def _period(found: re.Match[str]) -> Period:
    """Return the period of a code that has the right form."""
    year = int(found["year"])
    if found["quarter"]:
        return Period(Kind.QUARTER, date(year, int(found["quarter"]) * 3 - 2, 1))
    if found["day"]:
        return Period(Kind.DAY, date(year, int(found["month"]), int(found["day"])))
    if found["month"]:
        return Period(Kind.MONTH, date(year, int(found["month"]), 1))
    return Period(Kind.YEAR, date(year, 1, 1))


def _beginning(day: date) -> datetime:
    """Return the instant, in UTC, at which a day begins in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
