"""While a unit has the case: assistance, more time, questions, pauses, and the report that it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.limits import Limit
from siquan.base.kernel.limits import Unit as Measure
from siquan.city.units.models import Unit
from siquan.work.cases.models import (
    Assist,
    Case,
    CasePhoto,
    Comment,
    CommentKind,
    Extension,
    PauseReason,
    Purpose,
)
from siquan.work.cases.services import clocks
from siquan.work.cases.services.dispatching import note_handler
from siquan.work.cases.services.taking import finish, take
from siquan.work.cases.services.wording import remark

MOST_PHOTOS = 6


@transaction.atomic
def ask_assist(case_id: int, *, by: User, at: datetime, unit: str, request: str) -> Case:
    """Ask another unit to assist (协办)."""
    case = take("ask-assist", case_id, by)
    other = Unit.objects.as_of(timezone.localdate(at)).filter(code=unit).first()
    if other is None or other.pk == case.unit_id:
        raise BadInput(_("请选择另一个单位协办。"), field="unit")
    if case.assists.filter(unit=other, answered_at=None).exists():
        raise BadInput(_("已经请求过这个单位协办，正在等待答复。"), field="unit")
    Assist.objects.create(case=case, unit=other, request=request, asked_at=at)
    return finish(case, "ask-assist", by=by, at=at, unit=other.pk, note=request)


@transaction.atomic
def answer_assist(case_id: int, *, by: User, at: datetime, answer: str) -> Case:
    """Say what the assisting unit has done."""
    case = take("answer-assist", case_id, by)
    note_handler(case, by)
    mine = case.assists.filter(answered_at=None, unit__duties__user=by)
    units = list(mine.values_list("unit_id", flat=True))
    Assist.objects.filter(case=case, answered_at=None, unit_id__in=units).update(
        answer=answer, answered_at=at
    )
    return finish(case, "answer-assist", by=by, at=at, changed=["handler_ids"], units=units, note=answer)


@transaction.atomic
def ask_extension(case_id: int, *, by: User, at: datetime, amount: int, measure: str, reason: str) -> Case:
    """Ask for more time (申请延期), before the case is due; `measure` is a unit of the kernel's limits."""
    case = take("ask-extension", case_id, by)
    if case.extensions.filter(decided_at=None).exists():
        raise BadInput(_("已有一份延期申请在等待答复。"), field="amount")
    if case.due_at and at > case.due_at:
        raise BadInput(_("已经超过时限，不能再申请延期。"), field="amount")
    limit = Limit(amount, Measure(measure))
    Extension.objects.create(
        case=case, amount=limit.amount, measure=limit.unit.value, reason=reason, asked_by=by, asked_at=at
    )
    return finish(case, "ask-extension", by=by, at=at, amount=amount, measure=limit.unit.value, reason=reason)


def _open_extension(case: Case) -> Extension:
    asked = case.extensions.filter(decided_at=None).first()
    if asked is None:
        raise BadInput(_("没有等待答复的延期申请。"))
    return asked


@transaction.atomic
def grant_extension(case_id: int, *, by: User, at: datetime, answer: str = "") -> Case:
    """Grant the extension that was asked for (同意延期)."""
    case = take("grant-extension", case_id, by)
    asked = _open_extension(case)
    asked.is_granted, asked.decided_by, asked.decided_at, asked.answer = True, by, at, answer
    asked.save(update_fields=["is_granted", "decided_by", "decided_at", "answer"])
    limit = Limit(asked.amount, Measure(asked.measure))
    clocks.extend(case, asked_at=asked.asked_at, limit=limit, note=asked.reason)
    return finish(
        case, "grant-extension", by=by, at=at, amount=asked.amount, measure=asked.measure, note=answer
    )


@transaction.atomic
def refuse_extension(case_id: int, *, by: User, at: datetime, answer: str) -> Case:
    """Refuse the extension that was asked for (不同意延期)."""
    case = take("refuse-extension", case_id, by)
    asked = _open_extension(case)
    asked.is_granted, asked.decided_by, asked.decided_at, asked.answer = False, by, at, answer
    asked.save(update_fields=["is_granted", "decided_by", "decided_at", "answer"])
    return finish(case, "refuse-extension", by=by, at=at, reason=answer)


@transaction.atomic
def ask_reporter(case_id: int, *, by: User, at: datetime, question: str) -> Case:
    """Ask the reporter for something only they know; the clock stands still meanwhile."""
    case = take("ask-reporter", case_id, by)
    Comment.objects.create(case=case, kind=CommentKind.QUESTION, **remark(question), by=by, at=at)
    clocks.pause(case, at=at, reason=PauseReason.WAITING, note=question[:300])
    return finish(case, "ask-reporter", by=by, at=at, note=question)


@transaction.atomic
def hear_reporter(case_id: int, *, by: User, at: datetime, note: str = "") -> Case:
    """Go on after the reporter's answer came in another way, or without one."""
    case = take("hear-reporter", case_id, by)
    clocks.go_on(case, at=at)
    return finish(case, "hear-reporter", by=by, at=at, note=note)


@transaction.atomic
def suspend_case(case_id: int, *, by: User, at: datetime, until: date, reason: str) -> Case:
    """Put a case aside that cannot be dealt with now (挂账), until a day at the latest."""
    case = take("suspend", case_id, by)
    if until <= timezone.localdate(at):
        raise BadInput(_("挂账的截止日期须在今天之后。"), field="until")
    case.suspended_until = datetime.combine(until, time(0), tzinfo=timezone.get_default_timezone())
    clocks.pause(case, at=at, reason=PauseReason.SUSPENDED, note=reason[:300])
    changed = ["suspended_until"]
    return finish(case, "suspend", by=by, at=at, changed=changed, until=until.isoformat(), reason=reason)


@transaction.atomic
def resume_case(case_id: int, *, by: User, at: datetime, note: str = "") -> Case:
    """Take a suspended case up again (解除挂账)."""
    return _resume(take("resume", case_id, by), by=by, at=at, note=note)


def _resume(case: Case, *, by: User | None, at: datetime, note: str) -> Case:
    case.suspended_until = None
    clocks.go_on(case, at=at)
    return finish(case, "resume", by=by, at=at, changed=["suspended_until"], note=note)


@transaction.atomic
def resume_if_due(case_id: int, *, at: datetime) -> bool:
    """Take a case up again whose suspension has run out; the system's act. Return whether it did."""
    case = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=case_id).first()
    if case is None or case.suspended_until is None or case.suspended_until > at:
        return False
    case.state_before, case.state = case.state, "in_hand"
    _resume(case, by=None, at=at, note=str(_("挂账到期，自动恢复")))
    return True


@transaction.atomic
def report_done(
    case_id: int, *, by: User, at: datetime, note: str, photos: Sequence[bytes | files.Picture] = ()
) -> Case:
    """Report that the matter has been dealt with, with photos of how it looks now (处置完成)."""
    case = take("report-done", case_id, by)
    note_handler(case, by)
    attach(case, photos, purpose=Purpose.AFTER, by=by, at=at)
    changed = ["handler_ids"]
    return finish(case, "report-done", by=by, at=at, changed=changed, note=note, photos=len(photos))


def attach(
    case: Case, photos: Sequence[bytes | files.Picture], *, purpose: Purpose, by: User | None, at: datetime
) -> None:
    """Put photos into the case file. Raises BadInput."""
    if len(photos) > MOST_PHOTOS:
        raise BadInput(_("最多6张照片，请去掉几张。"), field="photos")
    for data in photos:
        stored = files.store_picture(data, by=by, at=at)
        CasePhoto.objects.get_or_create(case=case, file=stored, purpose=purpose, defaults={"at": at})
