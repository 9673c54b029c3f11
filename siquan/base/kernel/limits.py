"""Time limits (时限) and the pauses of their clock, and how the clock of a limit runs.

Hours run on a clock: office hours (工作时), urgent hours (紧急工作时) or the calendar (小时). Days are
counted as the Civil Code (民法典, articles 201 and 203) counts them: the day on which the limit begins is
not counted, and the last day ends when the office closes. A limit in calendar days (自然日) ends with the
last minute of its last day, 23:59; a holiday does not put it off, for a rule that means working days says so.

A pause stops the clock of its limit. A limit in days is therefore put off by exactly the working time (for
calendar days: the time) that lay in the pause, and may then end in the middle of a day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.clocks import AlwaysRunning, Clock
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.localtime import MINUTES_A_DAY, midnight, moment, number_of_day
from siquan.base.kernel.workcalendar import WorkCalendar


class Unit(TextChoices):
    """In what a limit is counted."""

    WORKING_HOURS = "working-hours", _("工作时")
    WORKING_DAYS = "working-days", _("工作日")
    URGENT_HOURS = "urgent-hours", _("紧急工作时")
    CALENDAR_HOURS = "calendar-hours", _("小时")
    CALENDAR_DAYS = "calendar-days", _("自然日")

    @property
    def counts_days(self) -> bool:
        """Whether whole days are counted."""
        return self in (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)

    def clock(self, calendar: WorkCalendar) -> Clock:
        """Return the clock by which this unit runs."""
        if self in (Unit.WORKING_HOURS, Unit.WORKING_DAYS):
            return calendar.office
        return calendar.urgent if self is Unit.URGENT_HOURS else _ALWAYS

    def minutes(self, calendar: WorkCalendar) -> int:
        """Return the minutes of its clock in one of this unit."""
        if self is Unit.WORKING_DAYS:
            return calendar.minutes_a_day
        return MINUTES_A_DAY if self is Unit.CALENDAR_DAYS else 60


_ALWAYS: Final = AlwaysRunning()
_LONGEST: Final = 99_999


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a unit, from one to 99,999."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse a limit of nothing or of ages; read a unit that comes as text from the database."""
        if not 1 <= self.amount <= _LONGEST:
            raise BadInput(_("时限须在1到99999之间。"), field="amount")
        if self.unit not in Unit:
            raise BadInput(_("不认识这种时限单位。"), field="unit")
        object.__setattr__(self, "unit", Unit(self.unit))


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still from `from_` until `to`, or until further notice; `reason` is for people."""

    from_: datetime
    to: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A pause, or several that touch, in moments; `end` None is not over yet."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """A limit at work: `minutes` are to run on `clock` from `start`, except during `stops`."""

    clock: Clock
    start: int
    minutes: int
    stops: Sequence[Stop]

    def after(self, minutes: int) -> int | None:
        """Return the first moment at which so many minutes have run; None if the clock stops before."""
        at = self.start
        for stop in self.stops:
            ran = self.clock.between(at, stop.start)
            if ran >= minutes:
                break
            minutes -= ran
            if stop.end is None:
                return None
            at = stop.end
        return self.clock.add(at, minutes)

    def spent(self, now: int) -> int:
        """Return the minutes that have run until `now`."""
        return sum(self.clock.between(start, end) for start, end in self.stretches(now))

    def stretches(self, until: int) -> Iterator[tuple[int, int]]:
        """Yield the stretches of time up to `until` that are not paused."""
        at = self.start
        for stop in self.stops:
            if stop.start >= until:
                break
            yield at, stop.start
            if stop.end is None:
                return
            at = stop.end
        if at < until:
            yield at, until


def run_of(start: datetime, limit: Limit, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> Run:
    """Return how the clock of `limit` runs from `start`. Raises NoWorkingTime, BadInput."""
    begin = moment(start)
    clock = limit.unit.clock(calendar)
    if limit.unit is Unit.WORKING_DAYS:
        minutes = clock.between(begin, calendar.closing_after(number_of_day(begin), limit.amount))
    elif limit.unit is Unit.CALENDAR_DAYS:
        minutes = midnight(number_of_day(begin) + limit.amount + 1) - 1 - begin
    else:
        minutes = limit.amount * 60
    return Run(clock, begin, minutes, stops_after(begin, pauses) if pauses else ())


def stops_after(begin: int, pauses: Sequence[Pause]) -> list[Stop]:
    """Return the pauses after `begin` in order; those that overlap or touch are made one."""
    stops: list[Stop] = []
    for start, end in sorted(map(_in_moments, pauses), key=lambda span: span[0]):
        if end is not None and end <= max(start, begin):
            continue
        last = stops[-1] if stops else None
        if last is None or (last.end is not None and last.end < start):
            stops.append(Stop(max(start, begin), end))
        elif last.end is not None and (end is None or end > last.end):
            stops[-1] = Stop(last.start, end)
    return stops


def _in_moments(pause: Pause) -> tuple[int, int | None]:
    """Return the two ends of a pause in moments."""
    start, end = moment(pause.from_), moment(pause.to) if pause.to else None
    if end is not None and end < start:
        raise BadInput(_("暂停的结束时间不能早于开始时间。"), field="to")
    return start, end
