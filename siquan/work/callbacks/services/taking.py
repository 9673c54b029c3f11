"""How every verb of a call-back begins: lock, rule, step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.permissions import require
from siquan.base.kernel.workflow import next_state
from siquan.work.callbacks.models import CallBack
from siquan.work.callbacks.permissions import RULES
from siquan.work.callbacks.states import EVENTS, FINAL, TRANSITIONS, VERBS, State


def lock(call_back_id: int) -> CallBack:
    """Return the call-back with its row locked until the end of the transaction. Raises NotFound."""
    rows = CallBack.objects.select_for_update(of=("self",)).select_related("case", "plan", "answer")
    found = rows.filter(pk=call_back_id).first()
    if found is None:
        raise NotFound
    return found


def step(call_back: CallBack, verb: str, *, by: User | None, at: datetime) -> None:
    """Ask the rule, unless nobody acts, and take the step. Raises PermissionDenied, NotPossible."""
    if by is not None:
        require(RULES, verb, by, call_back)
    call_back.state = next_state(TRANSITIONS, State(call_back.state), verb, labels=VERBS)
    is_over = State(call_back.state) in FINAL
    call_back.settled_at = at if is_over else None
    if is_over:
        call_back.sms_at = call_back.call_at = call_back.taken_by = call_back.taken_until = None


def write(
    call_back: CallBack,
    verb: str,
    *,
    by: User | None,
    at: datetime,
    by_kind: str | None = None,
    **details: Any,
) -> None:
    """Save the call-back and write into the journal what happened."""
    call_back.save()
    journal.write(
        EVENTS[verb],
        about=call_back,
        by=by,
        at=at,
        by_kind=by_kind,
        case=call_back.case_id,
        state=call_back.state,
        **details,
    )
