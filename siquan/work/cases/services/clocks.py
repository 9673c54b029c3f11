"""The clocks of a case: started and stopped by its state, paused with a reason, explained in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel import deadlines
from siquan.base.kernel.limits import Limit, Pause, Unit
from siquan.base.kernel.permissions import require
from siquan.city.rules import queries as rules
from siquan.city.rules.models import Clock
from siquan.work.cases.models import Case, ClockPause, ClockRun, PauseReason
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.services.ruling import limit_line
from siquan.work.cases.states import State

CLOCK_OF_STATE = {
    State.REPORTED: Clock.FILING,
    State.FILED: Clock.FILING,
    State.DISPATCHED: Clock.HANDLING,
    State.IN_HAND: Clock.HANDLING,
    State.WAITING: Clock.HANDLING,
    State.SUSPENDED: Clock.HANDLING,
    State.HANDLED: Clock.VERIFICATION,
    State.VERIFIED: Clock.VERIFICATION,
}
PAUSED_IN = {State.WAITING: PauseReason.WAITING, State.SUSPENDED: PauseReason.SUSPENDED}
WARN_AT = (50, 80, 100)


def new_run(case: Case, *, at: datetime) -> ClockRun | None:
    """Return the run of the clock that belongs to the case's state, not saved yet; None when none runs."""
    kind = CLOCK_OF_STATE.get(State(case.state))
    if kind is None:
        return None
    day = timezone.localdate(at)
    line = limit_line(case, kind, at)
    version = rules.calendar_row_in_force(day)
    run = ClockRun(
        case=case,
        kind=kind,
        rule_id=line.rule_id,
        amount=line.limit.amount,
        measure=line.limit.unit.value,
        calendar_id=version.id,
        started_at=at,
    )
    reckon(run, [])
    return run


def reckon(run: ClockRun, pauses: Iterable[ClockPause]) -> None:
    """Set when the run is due and when to warn next, from its own facts. While it is paused both stay."""
    calendar = rules.calendar_by_id(run.calendar_id)
    stops = as_pauses(pauses)
    due = deadlines.due_at(run.started_at, limit_of(run), calendar, stops)
    if due is None:
        run.warn_at = None
        return
    run.due_at = due
    left = [percent for percent in WARN_AT if percent > run.warned_percent]
    times = deadlines.warn_at(run.started_at, limit_of(run), calendar, stops, left[:1]) if left else []
    run.warn_at = times[0] if times else None


def limit_of(run: ClockRun) -> Limit:
    """Return the limit of a run."""
    return Limit(run.amount, Unit(run.measure))


def as_pauses(pauses: Iterable[ClockPause]) -> list[Pause]:
    """Return pauses as the arithmetic of deadlines wants them."""
    return [
        Pause(each.from_at, each.to_at, f"{each.get_reason_display()}{'：' if each.note else ''}{each.note}")
        for each in pauses
    ]


def running(case: Case) -> ClockRun | None:
    """Return the clock run that has not been stopped."""
    return ClockRun.objects.filter(case=case, stopped_at=None).first()


def follow_state(case: Case, *, at: datetime, restart: bool = False) -> None:
    """Stop, start or let run the case's clock, as its state asks; sets the case's copy of the due time."""
    wanted = CLOCK_OF_STATE.get(State(case.state))
    if case.clock == (wanted or "") and not restart:
        return
    if case.clock:
        ClockRun.objects.filter(case=case, stopped_at=None).update(stopped_at=at, warn_at=None)
    run = new_run(case, at=at)
    if run:
        run.save()
    show(case, run)


def show(case: Case, run: ClockRun | None) -> None:
    """Copy what lists need of the running clock to the case."""
    case.clock = run.kind if run else ""
    case.due_at = run.due_at if run else None
    case.is_paused = State(case.state) in PAUSED_IN


def pause(case: Case, *, at: datetime, reason: PauseReason, note: str = "") -> None:
    """Stop counting from now on."""
    run = running(case)
    if run:
        ClockPause.objects.create(run=run, reason=reason, note=note, from_at=at)
        _reckon_again(case, run)


def go_on(case: Case, *, at: datetime) -> None:
    """Count again from now on."""
    run = running(case)
    if run:
        run.pauses.filter(to_at=None).update(to_at=at)
        _reckon_again(case, run)


def extend(case: Case, *, asked_at: datetime, limit: Limit, note: str) -> None:
    """Give more time: a pause as long as the extension, from when it was asked for."""
    run = running(case)
    if run is None:
        return
    calendar = rules.calendar_by_id(run.calendar_id)
    end = deadlines.due_at(asked_at, limit, calendar)
    ClockPause.objects.create(run=run, reason=PauseReason.EXTENSION, note=note, from_at=asked_at, to_at=end)
    _reckon_again(case, run)


def _reckon_again(case: Case, run: ClockRun) -> None:
    reckon(run, run.pauses.all())
    run.save(update_fields=["due_at", "warn_at"])
    show(case, run)


@transaction.atomic
def recalculate_clock(case_id: int, *, by: User, at: datetime) -> Case:
    """Reckon the running clock again with the rules and the calendar now in force; a journalled act.

    Raises PermissionDenied.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    require(OTHER_RULES, "recalculate", by, case)
    run = running(case)
    if run is None:
        return case
    was = run.due_at
    day = timezone.localdate(at)
    line = limit_line(case, run.kind, at)
    run.rule_id, run.amount, run.measure = line.rule_id, line.limit.amount, line.limit.unit.value
    run.calendar_id = rules.calendar_row_in_force(day).id
    reckon(run, run.pauses.all())
    run.save(update_fields=["rule", "amount", "measure", "calendar", "due_at", "warn_at"])
    show(case, run)
    case.save(update_fields=["due_at"])
    journal.write(
        "case.clock_recalculated", about=case, by=by, at=at, was=was.isoformat(), now=run.due_at.isoformat()
    )
    return case
