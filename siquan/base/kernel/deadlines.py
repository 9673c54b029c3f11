"""When something is due (截止时间), how much of its limit is used up, and when to warn.

Every function takes the same four facts: `start`, `limit`, `calendar`, `pauses`. Times are whole minutes. A
thing is late once `now` is past the due minute. While a pause is open there is no due time, because nobody
knows it yet: `due_at` returns None, and what is used up stands still.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.clocks import Minutes
from siquan.base.kernel.explanations import Explanation, amount_words, explain
from siquan.base.kernel.limits import Limit, Pause, Run, Unit, run_of
from siquan.base.kernel.localtime import MINUTES_A_DAY, as_datetime, midnight, moment
from siquan.base.kernel.workcalendar import WorkCalendar

__all__ = [
    "Colour",
    "Explanation",
    "Limit",
    "Pause",
    "Remaining",
    "Unit",
    "amount_words",
    "colour",
    "due_at",
    "due_many",
    "explain",
    "remaining",
    "used_share",
    "warn_at",
]

YELLOW_FROM: Final = 80  # per cent
WARNINGS: Final = (50, 80, 100)


class Colour(TextChoices):
    """How urgent something is; shown with a shape and a word, never as a colour alone."""

    GREEN = "green", _("正常")
    YELLOW = "yellow", _("临期")
    RED = "red", _("超期")


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a limit: `amount` in `unit`, below zero when it is exceeded."""

    minutes: int
    amount: float
    unit: Unit
    is_late: bool


def due_at(
    start: datetime, limit: Limit, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """Return the due time in UTC, None while a pause is open. Raises NoWorkingTime, BadInput."""
    run = run_of(start, limit, calendar, pauses)
    due = run.after(run.minutes)
    return None if due is None else as_datetime(due)


def due_many(starts: npt.ArrayLike, amounts: npt.ArrayLike, unit: Unit, calendar: WorkCalendar) -> Minutes:
    """Return what `due_at` returns without pauses, for arrays; in and out in seconds since 1970 UTC.

    Raises NoWorkingTime if it does for any of them.
    """
    begins: Minutes = np.asarray(starts, dtype=np.int64) // 60
    days: Minutes = (begins - midnight(0)) // MINUTES_A_DAY
    counts = np.broadcast_to(np.asarray(amounts, dtype=np.int64), begins.shape)
    if unit is Unit.WORKING_DAYS:
        due = calendar.closing_after_many(days, counts)
    elif unit is Unit.CALENDAR_DAYS:
        due = (days + counts + 1) * MINUTES_A_DAY + midnight(0) - 1
    else:
        due = unit.clock(calendar).add_many(begins, counts * 60)
    return due * 60


def warn_at(
    start: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    percents: Iterable[int] = WARNINGS,
) -> list[datetime]:
    """Return when each percentage of the limit is used up, in order.

    A time that is not known because a pause is open is left out.
    """
    run = run_of(start, limit, calendar, pauses)
    times = (run.after(-(-run.minutes * percent // 100)) for percent in sorted(percents))
    return [as_datetime(time) for time in times if time is not None]


def used_share(
    now: datetime, start: datetime, limit: Limit, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> float:
    """Return the part of the limit that is used up: 0 at the start, 1 when due, more when late."""
    run = run_of(start, limit, calendar, pauses)
    return run.spent(moment(now)) / run.minutes


def remaining(
    now: datetime, start: datetime, limit: Limit, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> Remaining:
    """Return how much of the limit is left, in its unit."""
    run = run_of(start, limit, calendar, pauses)
    left = run.minutes - run.spent(moment(now))
    return Remaining(left, left / limit.unit.minutes(calendar), limit.unit, _is_late(run, moment(now)))


def colour(
    now: datetime,
    start: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    *,
    yellow_from: int = YELLOW_FROM,
) -> Colour:
    """Return red when late, yellow from so many per cent of the limit, else green."""
    run = run_of(start, limit, calendar, pauses)
    if _is_late(run, moment(now)):
        return Colour.RED
    return Colour.YELLOW if run.spent(moment(now)) * 100 >= yellow_from * run.minutes else Colour.GREEN


def _is_late(run: Run, now: int) -> bool:
    """Tell whether the due minute is past."""
    due = run.after(run.minutes)
    return due is not None and now > due
