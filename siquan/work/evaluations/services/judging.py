"""An evaluator says what the photos show."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.masking import masked_text
from siquan.base.kernel.permissions import require
from siquan.work.evaluations.models import Assignment, Judgement, Verdict
from siquan.work.evaluations.permissions import RULES
from siquan.work.evaluations.services.rounds import lock_round
from siquan.work.evaluations.states import EVENTS

LONGEST_NOTE = 500


@transaction.atomic
def judge(assignment_id: int, *, by: User, at: datetime, verdict: str, note: str = "") -> Assignment:
    """Keep what an evaluator says of one case; the same again changes nothing, something else corrects it.

    Raises NotFound, PermissionDenied, BadInput, NotPossible once the round is closed.
    """
    given = Assignment.objects.filter(pk=assignment_id).select_related("item").first()
    if given is None or given.evaluator_id != by.pk:
        raise NotFound
    require(RULES, "judge", by, given)
    lock_round(given.item.round_id, "judge", by=by)
    given = Assignment.objects.select_related("item", "judgement").get(pk=assignment_id)
    if verdict not in Verdict.values:
        raise BadInput(_("请选一个答案。"), field="verdict")
    note = masked_text(note.replace("\0", "").strip())[:LONGEST_NOTE]
    old = given.judgement
    if old is not None and (old.verdict, old.note) == (verdict, note):
        return given
    given.judgement = Judgement.objects.create(
        assignment=given, verdict=verdict, note=note, at=at, corrects=old
    )
    given.save(update_fields=["judgement"])
    journal.write(
        EVENTS["judge"], about=given, by=by, at=at, round=given.item.round_id, corrects=old is not None
    )
    return given
