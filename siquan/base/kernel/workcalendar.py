"""The working calendar of the office (工作日历): which days are worked, and during which hours.

Days follow the State Council's yearly notice with its swapped working days (调休). A year for which there is
no notice yet is provisional: Monday to Friday are worked but for the holidays that the law ties to a date,
and whoever reads a deadline in it is told so.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from typing import Final

import chinese_calendar
import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.clocks import Minutes, OpeningHours
from siquan.base.kernel.errors import BadInput, NoWorkingTime
from siquan.base.kernel.localtime import FIRST_YEAR, MINUTES_A_DAY, day_number, day_numbered, midnight

_SATURDAY: Final = 5

# The names in chinesecalendar, as the State Council's notices write them.
_NOTICED: Final = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}

# Month and day of the holidays that are known without a notice.
# Source: 《全国年节及纪念日放假办法》, State Council, in force from 2025.
_FIXED: Final = {(1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节"} | {
    (10, day): "国庆节" for day in (1, 2, 3)
}

Hours = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class DayKind:
    """What a day is: worked or free, the holiday it belongs to, and whether it was swapped (调休).

    A swapped working day is a weekend day that is worked for the holiday `name`.
    """

    is_working: bool
    name: str = ""
    swapped: bool = False


_WORKING_DAY: Final = DayKind(is_working=True)
_WEEKEND: Final = DayKind(is_working=False)


@dataclass(frozen=True)
class WorkCalendar:
    """One version of the working calendar; a case keeps the version by which its deadline was reckoned.

    `days` need hold only the days that are not what their weekday says. `hours` are worked on working days,
    `urgent_hours` (紧急工作时) on every day of the year.
    """

    version: str
    first_year: int
    last_year: int
    hours: Hours
    urgent_hours: Hours
    days: Mapping[date, DayKind] = field(hash=False, repr=False)
    provisional: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse hours and years that cannot be reckoned with."""
        _check_hours(self.hours, "hours")
        _check_hours(self.urgent_hours, "urgent_hours")
        if not FIRST_YEAR <= self.first_year <= self.last_year < date.max.year:
            raise BadInput(_("工作日历的年份有误。"), field="years")

    def day(self, day: date) -> DayKind:
        """Return what `day` is. Raises NoWorkingTime outside the years of the calendar."""
        if not self.first_year <= day.year <= self.last_year:
            raise NoWorkingTime
        known = self.days.get(day)
        return known or (_WORKING_DAY if day.weekday() < _SATURDAY else _WEEKEND)

    @cached_property
    def office(self) -> OpeningHours:
        """The clock that runs during office hours of working days (工作时)."""
        return self._clock(self._working_days, self.hours)

    @cached_property
    def urgent(self) -> OpeningHours:
        """The clock that runs during urgent hours, every day (紧急工作时)."""
        return self._clock(self._all_days, self.urgent_hours)

    @cached_property
    def minutes_a_day(self) -> int:
        """The working minutes of one working day."""
        return sum(closes - opens for opens, closes in _in_minutes(self.hours))

    def closing_after(self, number: int, count: int) -> int:
        """Return the moment at which the office closes on the `count`-th working day after a day.

        The day, given by its number, is itself not counted. Raises NoWorkingTime.
        """
        at = bisect_right(self._working_days, number) + count - 1
        if number not in self._all_days or at >= len(self._working_days):
            raise NoWorkingTime
        return midnight(self._working_days[at]) + self._closing

    def closing_after_many(self, numbers: Minutes, counts: Minutes) -> Minutes:
        """Do what `closing_after` does, for arrays; raises NoWorkingTime if one of them would."""
        if numbers.size == 0:
            return numbers.copy()
        at = np.searchsorted(self._working_days, numbers, side="right") + counts - 1
        if numbers.min() not in self._all_days or numbers.max() not in self._all_days:
            raise NoWorkingTime
        if at.max() >= len(self._working_days):
            raise NoWorkingTime
        midnights: Minutes = np.array(self._working_days)[at] * MINUTES_A_DAY + midnight(0)
        return midnights + self._closing

    def due_many(self, starts: npt.ArrayLike, minutes: npt.ArrayLike) -> Minutes:
        """Return when `minutes` of working time have run since `starts`, both in seconds since 1970 UTC."""
        moments = np.asarray(starts, dtype=np.int64) // 60
        return self.office.add_many(moments, np.asarray(minutes, dtype=np.int64)) * 60

    @cached_property
    def _closing(self) -> int:
        return _in_minutes(self.hours)[-1][1]

    @cached_property
    def _all_days(self) -> range:
        return range(day_number(date(self.first_year, 1, 1)), day_number(date(self.last_year + 1, 1, 1)))

    @cached_property
    def _working_days(self) -> list[int]:
        return [number for number in self._all_days if self.day(day_numbered(number)).is_working]

    def _clock(self, numbers: Sequence[int], hours: Hours) -> OpeningHours:
        spans = _in_minutes(hours)
        stretches = (
            (midnight(number) + opens, midnight(number) + closes)
            for number in numbers
            for opens, closes in spans
        )
        return OpeningHours(stretches, midnight(self._all_days[0]), midnight(self._all_days[-1] + 1))


def from_chinesecalendar(
    years: Sequence[int], hours: Hours, urgent_hours: Hours, version: str
) -> WorkCalendar:
    """Build the calendar of `years` from the State Council's notices, as collected by `chinesecalendar`.

    Years without a notice in that collection (before 2004, and to come) are provisional. Raises BadInput.
    """
    if not years:
        raise BadInput(_("工作日历的年份有误。"), field="years")
    first, last = min(years), max(years)
    holidays, workdays = chinese_calendar.constants.holidays, chinese_calendar.constants.workdays
    days = {day: DayKind(is_working=False, name=_NOTICED.get(name, name)) for day, name in holidays.items()}
    days |= {
        day: DayKind(is_working=True, name=_NOTICED.get(name, name), swapped=True)
        for day, name in workdays.items()
    }
    provisional = set(range(first, last + 1)) - {day.year for day in holidays}
    days |= {
        date(year, *month_day): DayKind(is_working=False, name=name)
        for year in provisional
        for month_day, name in _FIXED.items()
    }
    return WorkCalendar(
        version=version,
        first_year=first,
        last_year=last,
        hours=hours,
        urgent_hours=urgent_hours,
        days={day: kind for day, kind in days.items() if first <= day.year <= last},
        provisional=frozenset(provisional),
    )


def parse_hours(text: str) -> Hours:
    """Return hours written as "09:00-12:00, 13:30-17:30"; "24:00" is the end of the day. Raises BadInput."""
    spans = [_SPAN.fullmatch(span.strip()) for span in re.split("[,，;；、]", text)]
    try:
        hours = tuple((_opening(span["opens"]), _closing(span["closes"])) for span in spans if span)
    except ValueError:
        hours = ()
    _check_hours(hours if all(spans) else (), "hours")
    return hours


_SPAN: Final = re.compile(r"(?P<opens>\d{1,2}:\d{2})\s*[-–—~至]\s*(?P<closes>\d{1,2}:\d{2})")


def _opening(text: str) -> time:
    return time.fromisoformat(text.zfill(5))


def _closing(text: str) -> time:
    return time(0) if text == "24:00" else _opening(text)


def _in_minutes(hours: Hours) -> list[tuple[int, int]]:
    """Return hours as minutes of the day; an end at 00:00 is the end of the day."""
    return [
        (opens.hour * 60 + opens.minute, (closes.hour * 60 + closes.minute) or MINUTES_A_DAY)
        for opens, closes in hours
    ]


def _check_hours(hours: Hours, field_name: str) -> None:
    """Refuse hours that are empty, overlap or run backwards."""
    edges = [edge for span in _in_minutes(hours) for edge in span]
    if not edges or edges != sorted(set(edges)):
        raise BadInput(_("工作时间请按先后填写，例如 09:00-12:00, 13:30-17:30。"), field=field_name)
