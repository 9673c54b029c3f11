"""What reporters say: kept once, corrected by a new row, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.base.journal.models import By
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.masking import masked_text
from siquan.work.callbacks.models import Answer, CallBack, Channel, Reason, Solved
from siquan.work.callbacks.services.taking import lock, step, write
from siquan.work.callbacks.states import TRANSITIONS, State
from siquan.work.cases import services as cases
from siquan.work.cases.models import Case, CommentKind

LONGEST_WORDS = 2000
UNASKED_DAYS = timedelta(days=30)
FIELDS = ("contacted", "solved", "satisfied", "words")


def new_answer(
    call_back: CallBack,
    *,
    by: User | None,
    at: datetime,
    channel: Channel,
    key: str,
    given: dict[str, Any],
    corrects: Answer | None = None,
) -> Answer:
    """Keep what was said, and let it count. Raises BadInput."""
    solved, satisfied = str(given.get("solved") or ""), given.get("satisfied")
    if solved not in ("", *Solved.values):
        raise BadInput(_("请选“解决了”“解决了一部分”或“没有解决”。"), field="solved")
    if satisfied is not None and satisfied not in range(1, 6):
        raise BadInput(_("满意程度请选1到5。"), field="satisfied")
    if not solved and satisfied is None:
        raise BadInput(_("请至少回答是否解决。"), field="solved")
    words = str(given.get("words") or "").replace("\0", "").strip()
    if len(words) > LONGEST_WORDS:
        raise BadInput(_("文字太长，请控制在2000字以内。"), field="words")
    answer = Answer.objects.create(
        call_back=call_back,
        at=at,
        by=by,
        channel=channel,
        contacted=given.get("contacted"),
        solved=solved,
        satisfied=satisfied,
        words=masked_text(words),
        key=key,
        corrects=corrects,
    )
    call_back.answer = answer
    return answer


@transaction.atomic
def answer_by_link(
    case_id: int,
    *,
    at: datetime,
    kind: CommentKind,
    text: str = "",
    photos: Sequence[bytes | files.Picture] = (),
    solved: str = "",
    satisfied: int | None = None,
    contacted: bool | None = None,
) -> Case:
    """Take down through the private link whether it is solved, and how satisfied the reporter is.

    What is said stands in the case file, as before, and counts once: the same again changes nothing,
    something else corrects it. Somebody who was not asked may answer as well; that speaks for nobody else.
    Raises BadInput.
    """
    solved = solved or (Solved.YES if kind == CommentKind.SOLVED else Solved.NO)
    if (solved == Solved.YES) != (kind == CommentKind.SOLVED):
        raise BadInput(_("请选“解决了”“解决了一部分”或“没有解决”。"), field="solved")
    case = cases.say_as_reporter(case_id, at=at, kind=kind, text=text, photos=photos)
    call_back = _for_link(case, at)
    if call_back is None:
        return case
    given = {"contacted": contacted, "solved": solved, "satisfied": satisfied, "words": text}
    old = call_back.answer
    if old is not None:
        kept = {name: getattr(old, name) for name in FIELDS}
        given |= {name: kept[name] for name in ("contacted", "satisfied") if given[name] is None}
        if given == kept:
            return case
    verb = "correct" if old else "answer"
    if verb not in TRANSITIONS[State(call_back.state)]:
        return case  # too late to count; it stands in the case file
    step(call_back, verb, by=None, at=at)
    key = f"link-{call_back.answers.count()}-{_digest(given)}"
    new_answer(call_back, by=None, at=at, channel=Channel.LINK, key=key, given=given, corrects=old)
    told = {"solved": solved, "satisfied": given["satisfied"], "channel": Channel.LINK}
    write(call_back, verb, by=None, at=at, by_kind=By.RESIDENT, **told)
    return case


@transaction.atomic
def rate_by_link(case_id: int, *, at: datetime, satisfied: int, contacted: bool | None = None) -> Case:
    """Add to what was said through the private link how satisfied the reporter is. Raises BadInput."""
    case = Case.objects.get(pk=case_id)
    call_back = _for_link(case, at)
    old = call_back.answer if call_back else None
    if call_back is None or old is None:
        raise BadInput(_("请先告诉我们是否解决。"), field="solved")
    given: dict[str, Any] = {name: getattr(old, name) for name in FIELDS}
    wanted = given | {"satisfied": satisfied, "contacted": old.contacted if contacted is None else contacted}
    if wanted == given:
        return case
    step(call_back, "correct", by=None, at=at)
    key = f"rate-{call_back.answers.count()}"
    new_answer(call_back, by=None, at=at, channel=Channel.LINK, key=key, given=wanted, corrects=old)
    write(call_back, "correct", by=None, at=at, by_kind=By.RESIDENT, satisfied=satisfied)
    return case


def _digest(given: dict[str, Any]) -> str:
    return hashlib.sha256(repr(sorted(given.items())).encode()).hexdigest()[:16]


def _for_link(case: Case, at: datetime) -> CallBack | None:
    """Return the locked call-back about the last closing; a new one for somebody who was not asked."""
    if case.state != "closed" or case.closed_at is None:
        return None
    asked, _is_new = CallBack.objects.get_or_create(
        case=case,
        reason=Reason.CLOSED,
        anchor_at=case.closed_at,
        defaults={
            "channel": Channel.LINK,
            "state": State.ASKED,
            "unit_id": case.unit_id,
            "street_id": case.street_id,
            "source": case.source,
            "planned_at": at,
            "due_at": at + UNASKED_DAYS,
        },
    )
    return lock(asked.pk)


@transaction.atomic
def correct_answer(call_back_id: int, *, by: User, at: datetime, why: str, **given: Any) -> CallBack:
    """Correct what was taken down, by a new row that names the old one.

    Raises PermissionDenied, NotPossible, BadInput.
    """
    call_back = lock(call_back_id)
    old = call_back.answer
    step(call_back, "correct", by=by, at=at)
    assert old is not None, "an answered call-back has an answer"
    if not why.strip():
        raise BadInput(_("请写明为什么更正。"), field="why")
    key = f"correct-{call_back.answers.count()}"
    new_answer(call_back, by=by, at=at, channel=Channel(old.channel), key=key, given=given, corrects=old)
    write(call_back, "correct", by=by, at=at, why=why.strip()[:300])
    return call_back
