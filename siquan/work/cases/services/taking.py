"""How every verb begins and ends: lock, rule, step; clock, save, journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.permissions import require
from siquan.base.kernel.prepared import Given, Prepared
from siquan.base.kernel.workflow import next_state
from siquan.work.cases.models import Case
from siquan.work.cases.permissions import OTHER_RULES, RULES
from siquan.work.cases.services import clocks
from siquan.work.cases.states import EVENTS, TRANSITIONS, VERBS, State


def lock(case_id: int) -> Case:
    """Return the case with its row locked until the end of the transaction. Raises NotFound."""
    case = _locked.first(pk=case_id)
    if case is None:
        raise NotFound
    return case


_locked = Prepared(lambda: Case.objects.select_for_update(of=("self",)).filter(pk=Given("pk")))


def take(verb: str, case_id: int, by: User) -> Case:
    """Lock the case, ask the rule, and take the step. Raises NotFound, PermissionDenied, NotPossible."""
    case = lock(case_id)
    require(RULES, verb, by, case)
    before = State(case.state)
    previous = State(case.state_before) if case.state_before else None
    case.state = next_state(TRANSITIONS, before, verb, previous=previous, labels=VERBS)
    if case.state != before:
        case.state_before = before
    return case


def ask_rule(act: str, case: Case, *, by: User) -> None:
    """Raise PermissionDenied unless the person may do this to the case; before anything they sent is read."""
    require(RULES if act in RULES else OTHER_RULES, act, by, case)


def take_aside(act: str, case_id: int, by: User) -> Case:
    """Lock the case for something that does not move it on, and ask the rule."""
    case = lock(case_id)
    require(OTHER_RULES, act, by, case)
    return case


def finish(
    case: Case,
    verb: str,
    *,
    by: User | None,
    at: datetime,
    changed: Sequence[str] = (),
    restart_clock: bool = False,
    **details: Any,
) -> Case:
    """End a verb that was taken: settle the case, and write the verb's event into the journal."""
    return settle(case, EVENTS[verb], by=by, at=at, changed=changed, restart_clock=restart_clock, **details)


def settle(
    case: Case,
    event: str,
    *,
    by: User | None,
    at: datetime,
    changed: Sequence[str] = (),
    restart_clock: bool = False,
    by_kind: str | None = None,
    **details: Any,
) -> Case:
    """Let the clock follow the state, save what changed, and write the journal; also for what is no verb."""
    clocks.follow_state(case, at=at, restart=restart_clock)
    case.save(update_fields=["state", "state_before", "clock", "due_at", "is_paused", *changed])
    journal.write(event, about=case, by=by, at=at, by_kind=by_kind, state=case.state, **details)
    return case
