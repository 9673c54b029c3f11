"""When people may be called: not at night, by the plan's hours and the working calendar; pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from siquan.base.kernel.errors import NoWorkingTime
from siquan.base.kernel.localtime import SHANGHAI
from siquan.base.kernel.workcalendar import Hours

FURTHEST = 60  # days
IsWorked = Callable[[date], bool]


def is_allowed(at: datetime, hours: Hours, is_worked: IsWorked) -> bool:
    """Tell whether somebody may be called at a time."""
    return next_allowed(at, hours, is_worked) == at


def next_allowed(at: datetime, hours: Hours, is_worked: IsWorked) -> datetime:
    """Return the first moment from a time on at which somebody may be called. Raises NoWorkingTime."""
    local = at.astimezone(SHANGHAI)
    for later in range(FURTHEST):
        day = local.date() + timedelta(days=later)
        if not is_worked(day):
            continue
        for opens, closes in hours:
            begins, ends = _moment(day, opens), _moment(day, closes)
            if closes == time(0):
                ends += timedelta(days=1)
            if local < ends:
                return at if local >= begins else begins
    raise NoWorkingTime


def next_try(
    at: datetime, *, made_today: int, a_day: int, hours_between: int, hours: Hours, is_worked: IsWorked
) -> datetime:
    """Return when to try again: after a pause, on another day once today's tries are used up."""
    if made_today >= a_day:
        tomorrow = at.astimezone(SHANGHAI).date() + timedelta(days=1)
        return next_allowed(_moment(tomorrow, time(0)), hours, is_worked)
    return next_allowed(at + timedelta(hours=hours_between), hours, is_worked)


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=SHANGHAI)
