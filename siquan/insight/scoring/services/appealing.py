"""A unit appeals against a case in its rates; somebody else decides, with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.base.kernel.masking import masked_text
from siquan.base.kernel.permissions import require
from siquan.base.kernel.workflow import next_state
from siquan.insight.scoring.formulas import RATES
from siquan.insight.scoring.models import Appeal, AppealDecision, AppealPhoto
from siquan.insight.scoring.permissions import OTHER_RULES, RULES
from siquan.insight.scoring.queries.appeals import Closing, appeal_until, closing_for
from siquan.insight.scoring.queries.packs import formula_of
from siquan.insight.scoring.states import EVENTS, TRANSITIONS, VERBS, AppealState
from siquan.work.cases.models import Case

MOST_WORDS: Final = 2000
MOST_ANSWER: Final = 500
MOST_PHOTOS: Final = 6


@transaction.atomic
def appeal(
    case_id: int,
    *,
    by: User,
    at: datetime,
    reason: str,
    text: str,
    rate: str = "",
    photos: Sequence[bytes | files.Picture] = (),
) -> Appeal:
    """Ask that the last closing of a case not count, in one rate or in all of them (申诉).

    Raises NotFound, PermissionDenied, BadInput, NotPossible (no closing, too late, asked before).
    """
    # The row is held, so that two clerks asking at once ask one after the other.
    case = (
        Case.objects.select_for_update(of=("self",))
        .filter(pk=case_id, district_id=current_district())
        .first()
    )
    if case is None:
        raise NotFound
    require(OTHER_RULES, "appeal", by, case)
    closing = closing_for(case, by)
    words = _usable(closing, reason, text, rate, photos)
    _in_time(closing, at)
    others = Appeal.objects.filter(case=case, closed_at=closing.at)
    if others.filter(state__in=(AppealState.ASKED, AppealState.GRANTED), rate__in=_same(rate)).exists():
        raise NotPossible(_("这一件已经申诉过了，请等决定，或看已有的决定。"), verb="appeal")
    made = Appeal.objects.create(
        case=case,
        closed_at=closing.at,
        unit_id=closing.unit_id,
        pack=closing.pack,
        rate=rate,
        reason=reason,
        text=words,
        asked_by=by,
        asked_at=at,
    )
    for each in photos:
        stored = files.store_picture(each, by=by, at=at)
        AppealPhoto.objects.get_or_create(appeal=made, file=stored)
    _write("appeal.asked", made, by=by, at=at)
    return made


def _same(rate: str) -> tuple[str, ...]:
    """Return the rates an appeal would meet: one for all of them meets every other."""
    return ("", rate) if rate else ("", *RATES)


def _usable(
    closing: Closing, reason: str, text: str, rate: str, photos: Sequence[bytes | files.Picture]
) -> str:
    if reason not in formula_of(closing.pack).reasons:
        raise BadInput(_("请选公式包里写明的理由。"), field="reason")
    if rate and rate not in RATES:
        raise BadInput(_("没有这一率。"), field="rate")
    if len(photos) > MOST_PHOTOS:
        raise BadInput(_("最多6张照片，请去掉几张。"), field="photos")
    words = masked_text(text.replace("\0", "").strip())
    if not words or len(words) > MOST_WORDS:
        raise BadInput(_("请写明事实依据，不超过2000字。"), field="text")
    return words


def _in_time(closing: Closing, at: datetime) -> None:
    days = formula_of(closing.pack).appeal_days
    if at > appeal_until(closing):
        raise NotPossible(format_lazy(_("结案已超过{days}天，不能再申诉。"), days=days), verb="appeal")


def grant_appeal(appeal_id: int, *, by: User, at: datetime, answer: str) -> Appeal:
    """Agree that the case does not count; the rates are reckoned again (同意).

    Raises NotFound, PermissionDenied, NotPossible, BadInput.
    """
    return _decide("grant", appeal_id, by=by, at=at, answer=answer)


def refuse_appeal(appeal_id: int, *, by: User, at: datetime, answer: str) -> Appeal:
    """Say why the case still counts (不同意). Raises NotFound, PermissionDenied, NotPossible, BadInput."""
    return _decide("refuse", appeal_id, by=by, at=at, answer=answer)


def withdraw_appeal(appeal_id: int, *, by: User, at: datetime, answer: str = "") -> Appeal:
    """Take one's own unit's appeal back (撤回). Raises NotFound, PermissionDenied, NotPossible."""
    return _decide("withdraw", appeal_id, by=by, at=at, answer=answer)


@transaction.atomic
def revise_appeal(appeal_id: int, *, by: User, at: datetime, ground: str, answer: str) -> Appeal:
    """Turn a decision round (改变决定), on a ground the formula pack has recorded; rates are reckoned again.

    Raises NotFound, PermissionDenied (also whoever decided before), NotPossible (too late, another appeal
    about the same), BadInput.
    """
    row = _locked(appeal_id)
    require(RULES, "revise", by, row)
    formula = formula_of(row.pack)
    row.state = next_state(TRANSITIONS, AppealState(row.state), "revise", labels=VERBS)
    if ground not in formula.grounds:
        raise BadInput(_("请选公式包里写明的改变决定的理由。"), field="ground")
    first = row.decisions.order_by("id").values_list("at", flat=True).first() or at
    if at > first + timedelta(days=formula.revision_days):
        words = _("决定已超过{days}天，不能再改变。")
        raise NotPossible(format_lazy(words, days=formula.revision_days), verb="revise")
    others = Appeal.objects.filter(case=row.case_id, closed_at=row.closed_at, rate__in=_same(row.rate))
    active = others.filter(state__in=(AppealState.ASKED, AppealState.GRANTED)).exclude(pk=row.pk)
    if row.state == AppealState.GRANTED and active.exists():
        raise NotPossible(_("这一件后来又申诉过，请在那一份上决定。"), verb="revise")
    return _settled("revise", row, by=by, at=at, answer=answer, ground=ground)


@transaction.atomic
def _decide(verb: str, appeal_id: int, *, by: User, at: datetime, answer: str) -> Appeal:
    row = _locked(appeal_id)
    require(RULES, verb, by, row)
    row.state = next_state(TRANSITIONS, AppealState(row.state), verb, labels=VERBS)
    return _settled(verb, row, by=by, at=at, answer=answer)


def _locked(appeal_id: int) -> Appeal:
    found = Appeal.objects.select_for_update(of=("self",)).filter(
        pk=appeal_id, district_id=current_district()
    )
    row = found.select_related("case", "pack").first()
    if row is None:
        raise NotFound
    return row


def _settled(verb: str, row: Appeal, *, by: User, at: datetime, answer: str, ground: str = "") -> Appeal:
    """Save what was decided, keep the decision beside those before it, and write it down."""
    row.answer = masked_text(answer.replace("\0", "").strip())[:MOST_ANSWER]
    if not row.answer and verb != "withdraw":
        raise BadInput(_("请写明为什么这样决定。"), field="answer")
    row.decided_by, row.decided_at = by, at
    row.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    if verb != "withdraw":
        AppealDecision.objects.create(
            appeal=row, state=row.state, ground=ground, answer=row.answer, by=by, at=at
        )
    more = {"ground": ground, "state": str(row.state)} if ground else {}
    _write(EVENTS[verb], row, by=by, at=at, **more)
    return row


def _write(event: str, row: Appeal, *, by: User, at: datetime, **more: str) -> None:
    """Write down what happened, without anybody's words."""
    told: dict[str, Any] = {"case": row.case_id, "unit": row.unit_id, "rate": row.rate, **more}
    journal.write(event, about=row, by=by, at=at, reason=row.reason, **told)


ACTS: Final[Mapping[str, Callable[..., Appeal]]] = {
    "grant": grant_appeal,
    "refuse": refuse_appeal,
    "withdraw": withdraw_appeal,
    "revise": revise_appeal,
}
