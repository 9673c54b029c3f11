"""The phone desk: take the next call, say how it went, take the last one back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.kernel.permissions import require
from siquan.base.kernel.workcalendar import parse_hours
from siquan.city.duties.queries import duties_of
from siquan.work.callbacks import hours
from siquan.work.callbacks.contacts import number_of
from siquan.work.callbacks.models import Answer, Attempt, CallBack, Channel, Outcome, Plan, Solved
from siquan.work.callbacks.permissions import OTHER_RULES
from siquan.work.callbacks.services.answering import new_answer
from siquan.work.callbacks.services.planning import worked
from siquan.work.callbacks.services.taking import lock, step, write
from siquan.work.callbacks.states import State
from siquan.work.cases import services as cases
from siquan.work.cases.models import CommentKind
from siquan.work.cases.states import State as CaseState

UNDO_WITHIN = timedelta(minutes=30)
LOCK = timedelta(minutes=10)
LOOKED_AT = 30  # rows; nearly always the first one will do
VERB_OF = {
    Outcome.ANSWERED: "answer",
    Outcome.REFUSED: "decline",
    Outcome.WRONG_NUMBER: "give-up",
    Outcome.NO_ANSWER: "attempt",
    Outcome.BUSY: "attempt",
}


@transaction.atomic
def take_next(*, by: User, at: datetime) -> CallBack | None:
    """Give the caller the call that waits longest, theirs alone for some minutes.

    None when no call waits or may be made at this hour. A call one has taken already comes again. Two callers
    never get the same one.
    """
    require(OTHER_RULES, "take", by, None)
    mine = CallBack.objects.open().select_for_update(of=("self",)).select_related("case", "plan")
    own = mine.filter(taken_by=by).first()
    if own is not None and (own.plan is None or _may_call(own.plan, at)):
        own.taken_until = at + _lock_of(own.plan)
        own.save(update_fields=["taken_until"])
        return own
    held = duties_of(by)
    waiting = (
        CallBack.objects.to_call(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("case", "plan")
        .exclude(case__handler_ids__contains=[by.pk])
        .exclude(unit_id__in=held.unit_ids)[:LOOKED_AT]
    )
    for each in waiting:
        if each.plan is None or not _may_call(each.plan, at):
            continue
        return _take(each, by, at)
    return None


def _take(call_back: CallBack, by: User, at: datetime) -> CallBack:
    call_back.taken_by, call_back.taken_until = by, at + _lock_of(call_back.plan)
    call_back.save(update_fields=["taken_by", "taken_until"])
    journal.write("callback.taken", about=call_back, by=by, at=at, case=call_back.case_id)
    reveal_phone(call_back, by=by, at=at)
    return call_back


def _lock_of(plan: Plan | None) -> timedelta:
    return timedelta(minutes=plan.lock_minutes) if plan else LOCK


def _may_call(plan: Plan, at: datetime) -> bool:
    return hours.is_allowed(at, parse_hours(plan.hours), worked(plan, at))


def reveal_phone(call_back: CallBack, *, by: User, at: datetime) -> str:
    """Show the number to who makes the call, and write down that it was and why. Raises PermissionDenied."""
    require(OTHER_RULES, "reveal", by, call_back)
    journal.write("case.unmasked", about=call_back.case, by=by, at=at, reason="call-back", fields=["phone"])
    return number_of(call_back.case_id)


@transaction.atomic
def save_call(
    call_back_id: int, *, by: User, at: datetime, outcome: str, key: str, reopen: bool = False, **given: Any
) -> CallBack:
    """Say how a call went; the same `key` again changes nothing.

    A call in vain is tried again by the plan, until it is given up. An answer that says "not solved" takes
    the case up again, if the reporter wishes and the plan allows the desk to.
    Raises PermissionDenied, NotPossible, BadInput.
    """
    call_back = lock(call_back_id)
    if call_back.attempts.filter(key=key).exists():
        return call_back
    result = _outcome(outcome)
    made = call_back.attempts_made + 1
    most = call_back.plan.attempts_in_all if call_back.plan else made
    verb = VERB_OF[result]
    verb = "give-up" if verb == "attempt" and made >= most else verb
    step(call_back, verb, by=by, at=at)
    call_back.attempts_made, call_back.channel = made, Channel.PHONE
    call_back.asked_at = call_back.asked_at or at
    Attempt.objects.create(call_back=call_back, at=at, by=by, outcome=result, key=key)
    told: dict[str, Any] = {"outcome": result}
    if verb == "answer":
        answer = new_answer(
            call_back, by=by, at=at, channel=Channel.PHONE, key=key, given=given, corrects=_earlier(call_back)
        )
        told |= {"solved": answer.solved, "satisfied": answer.satisfied, "channel": Channel.PHONE}
    elif verb == "attempt":
        call_back.call_at = _next_try(call_back, at)
        call_back.taken_by = call_back.taken_until = None
    write(call_back, verb, by=by, at=at, **told)
    if verb == "answer":
        _tell_the_case(call_back, by=by, at=at, reopen=reopen)
    return call_back


def save_and_take_next(call_back_id: int, *, by: User, at: datetime, **given: Any) -> CallBack | None:
    """Say how a call went, and take the next one; None when none waits. Raises as `save_call` does."""
    save_call(call_back_id, by=by, at=at, **given)
    return take_next(by=by, at=at)


def _outcome(text: str) -> Outcome:
    if text not in VERB_OF:
        raise BadInput(_("请选这个电话打得怎么样。"), field="outcome")
    return Outcome(text)


def _earlier(call_back: CallBack) -> Answer | None:
    """Return the last answer, when it was taken back: the new one follows it."""
    return call_back.answers.order_by("-id").first()


def _next_try(call_back: CallBack, at: datetime) -> datetime | None:
    plan = call_back.plan
    if plan is None:
        return None
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    vain = (Outcome.NO_ANSWER, Outcome.BUSY)
    return hours.next_try(
        at,
        made_today=call_back.attempts.filter(at__gte=today, outcome__in=vain).count(),
        a_day=plan.attempts_a_day,
        hours_between=plan.hours_between,
        hours=parse_hours(plan.hours),
        is_worked=worked(plan, at),
    )


def _tell_the_case(call_back: CallBack, *, by: User, at: datetime, reopen: bool) -> None:
    answer, case = call_back.answer, call_back.case
    assert answer is not None
    journal.write(
        "case.called_back", about=case, by=by, at=at, solved=answer.solved, satisfied=answer.satisfied
    )
    is_unsolved = answer.solved in (Solved.NO, Solved.PARTLY)
    if not (reopen and is_unsolved and case.state == CaseState.CLOSED):
        return
    words = answer.words or gettext("反映人在电话回访中说没有解决。")
    if call_back.plan and call_back.plan.desk_may_reopen:
        cases.ACTS["reopen"](case.pk, by=by, at=at, reason=words[:500])
    else:
        cases.say_as_reporter(case.pk, at=at, kind=CommentKind.REOPEN_WISH, text=words)


@transaction.atomic
def take_back(call_back_id: int, *, by: User, at: datetime) -> CallBack:
    """Take one's last call back: it did not happen, and is to be made again, now.

    Raises PermissionDenied, NotPossible when it was not one's own, too long ago, or the case went on since.
    """
    require(OTHER_RULES, "take", by, None)
    call_back = lock(call_back_id)
    last = call_back.attempts.exclude(outcome=Outcome.TAKEN_BACK).order_by("-id").first()
    if last is None or last.by_id != by.pk or at - last.at > UNDO_WITHIN:
        raise NotPossible(_("只能撤销自己在半小时内最后打的一个电话。"), verb="take-back")
    if call_back.attempts.filter(corrects=last).exists():
        raise NotPossible(_("这一条已经撤销过了。"), verb="take-back")
    if call_back.state == State.ANSWERED and call_back.case.state != CaseState.CLOSED:
        raise NotPossible(_("案件已经重新办理，不能再撤销这次答复。"), verb="take-back")
    step(call_back, "take-back", by=by, at=at)
    CallBack.objects.filter(taken_by=by).exclude(pk=call_back.pk).update(taken_by=None, taken_until=None)
    undone = f"undo-{last.pk}"
    Attempt.objects.create(
        call_back=call_back, at=at, by=by, outcome=Outcome.TAKEN_BACK, key=undone, corrects=last
    )
    if call_back.answer is not None:
        Answer.objects.create(
            call_back=call_back,
            at=at,
            by=by,
            channel=Channel.PHONE,
            key=undone,
            corrects=call_back.answer,
            is_taken_back=True,
        )
        journal.write("case.call_back_taken_back", about=call_back.case, by=by, at=at)
    call_back.answer = None
    call_back.attempts_made = max(0, call_back.attempts_made - 1)
    call_back.call_at, call_back.taken_by = at, by
    call_back.taken_until = at + _lock_of(call_back.plan)
    write(call_back, "take-back", by=by, at=at)
    return call_back
