"""Moments and days in Shanghai.

A moment is a whole number of minutes since 1970-01-01 00:00 UTC; a day is counted from 1970-01-01. Seconds
are dropped on the way in, as on the face of a clock, so that what is counted is what people see.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput, NoWorkingTime

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
# Shanghai has kept UTC+8 without summer time since 1992; nothing here reaches further back.
FIRST_YEAR: Final = 1992
MINUTES_A_DAY: Final = 24 * 60
_MINUTES_EAST: Final = 8 * 60
_EPOCH: Final = date(1970, 1, 1)


def moment(when: datetime) -> int:
    """Return the moment of an aware datetime. Raises BadInput for one without time zone."""
    if when.tzinfo is None:
        raise BadInput(_("时间必须带时区，例如 2026-09-25T16:30+08:00。"), field="at")
    return int(when.timestamp() // 60)


def as_datetime(moment: int) -> datetime:
    """Return a moment as a datetime in UTC. Raises NoWorkingTime where datetimes end."""
    try:
        return datetime.fromtimestamp(moment * 60, UTC)
    except (OverflowError, ValueError) as error:
        raise NoWorkingTime from error


def clock_face(moment: int) -> str:
    """Return the time of day of a moment in Shanghai, like 09:30."""
    minute = (moment + _MINUTES_EAST) % MINUTES_A_DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


def day_number(day: date) -> int:
    """Return the number of a date."""
    return (day - _EPOCH).days


def day_numbered(number: int) -> date:
    """Return the date with this number. Raises NoWorkingTime where dates end."""
    try:
        return _EPOCH + timedelta(days=number)
    except OverflowError as error:
        raise NoWorkingTime from error


def number_of_day(moment: int) -> int:
    """Return the number of the day in which a moment lies."""
    return (moment + _MINUTES_EAST) // MINUTES_A_DAY


def day_of(moment: int) -> date:
    """Return the date of a moment."""
    return day_numbered(number_of_day(moment))


def midnight(number: int) -> int:
    """Return the moment at which the day with this number begins."""
    return number * MINUTES_A_DAY - _MINUTES_EAST
