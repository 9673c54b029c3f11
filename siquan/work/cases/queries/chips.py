"""Where a deadline stands, in one short line: the words of the chip beside a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from siquan.base.kernel import deadlines
from siquan.base.kernel.errors import NoWorkingTime
from siquan.base.kernel.limits import Unit
from siquan.city.rules import queries as rules
from siquan.work.cases.models import Case, ClockRun
from siquan.work.cases.services.clocks import as_pauses, limit_of


@dataclass(frozen=True)
class Chip:
    """A deadline as a list shows it: colour (green, yellow, red; empty without a clock) and words."""

    colour: str
    words: str


def chip_of(case: Case, at: datetime, run: ClockRun | None = None) -> Chip | None:
    """Return the chip of a case; None when no clock runs. Without `run`, the rows of `with_deadlines`."""
    if run is None:
        running: list[ClockRun] = getattr(case, "running_runs", [])
        run = running[0] if running else None
    if run is None:
        return None
    if case.is_paused:
        return Chip("", _("计时暂停"))
    facts = (
        run.started_at,
        limit_of(run),
        rules.calendar_by_id(run.calendar_id),
        as_pauses(run.pauses.all()),
    )
    try:
        colour = deadlines.colour(at, *facts)
        left = deadlines.remaining(at, *facts)
    except NoWorkingTime:  # the case outlived its calendar: the due time is still known
        colour = deadlines.Colour.RED if at > run.due_at else deadlines.Colour.GREEN
        return Chip(colour.value, _due_words(run.due_at, at))
    if left.is_late and -left.amount < 0.25:
        return Chip(colour.value, _("刚刚超期"))
    if left.is_late:
        return Chip(colour.value, _("超期%(time)s") % {"time": _amount(-left.amount, left.unit)})
    return Chip(colour.value, _due_words(run.due_at, at))


def _due_words(due: datetime, at: datetime) -> str:
    here, today = timezone.localtime(due), timezone.localdate(at)
    clock = f"{here:%H:%M}"
    if here.date() == today:
        return _("今天%(clock)s到期") % {"clock": clock}
    if here.date() == today + timedelta(days=1):
        return _("明天%(clock)s到期") % {"clock": clock}
    return _("%(day)s %(clock)s到期") % {"day": _short_day(here, today.year), "clock": clock}


def _short_day(here: datetime, this_year: int) -> str:
    year = here.year if here.year != this_year else 0
    if (get_language() or "zh").startswith("zh"):
        return f"{f'{year}年' if year else ''}{here.month}月{here.day}日"
    return f"{here.day} {here:%b}{f' {year}' if year else ''}"


def _amount(amount: float, unit: Unit) -> str:
    """Return how late in plain words, to half a unit; `amount` is above zero."""
    halves = max(round(amount * 2), 1)
    value = halves / 2 if halves < 20 else float(round(amount))
    shown = number_format(value, decimal_pos=0 if value == int(value) else 1)
    many = 1 if value == 1 else 2
    words = {
        Unit.WORKING_HOURS: ngettext("%(n)s个工作时", "%(n)s个工作时", many),
        Unit.WORKING_DAYS: ngettext("%(n)s个工作日", "%(n)s个工作日", many),
        Unit.URGENT_HOURS: ngettext("%(n)s个紧急工作时", "%(n)s个紧急工作时", many),
        Unit.CALENDAR_HOURS: ngettext("%(n)s小时", "%(n)s小时", many),
        Unit.CALENDAR_DAYS: ngettext("%(n)s天", "%(n)s天", many),
    }
    return words[unit] % {"n": shown}
