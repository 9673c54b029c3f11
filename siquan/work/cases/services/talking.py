"""What the reporter and staff say to each other in a case file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.base.journal import services as journal
from siquan.base.journal.models import By
from siquan.base.kernel.errors import BadInput
from siquan.work.cases.models import Case, Comment, CommentKind, Purpose, Reporter
from siquan.work.cases.services import clocks, wording
from siquan.work.cases.services.handling import attach
from siquan.work.cases.services.reporting import clean_text
from siquan.work.cases.services.taking import lock, settle, take_aside
from siquan.work.cases.states import State

ENDED = (State.CLOSED, State.REJECTED)
REPEATED_WITHIN = timedelta(minutes=2)
NEEDS_WORDS = (CommentKind.COMMENT, CommentKind.ANSWER, CommentKind.UNSOLVED, CommentKind.REOPEN_WISH)


@transaction.atomic
def comment(case_id: int, *, by: User, at: datetime, text: str, is_for_reporter: bool = True) -> Case:
    """Write a remark into the case file, for the reporter or for staff only."""
    case = take_aside("comment", case_id, by)
    words = wording.remark(clean_text(text))
    Comment.objects.create(case=case, **words, by=by, at=at, is_for_reporter=is_for_reporter)
    journal.write("case.commented", about=case, by=by, at=at, is_for_reporter=is_for_reporter)
    return case


def _name_of(case: Case) -> str:
    """Return the name that the reporter told, so that it can be masked in what they say."""
    return Reporter.objects.filter(case=case).values_list("name", flat=True).first() or ""


def _is_repeated(
    case: Case, kind: CommentKind, text: str, photos: Sequence[bytes | files.Picture], at: datetime
) -> bool:
    """Tell whether the reporter has just said the same: a button pressed twice, an answer lost on the way."""
    last = case.comments.filter(by=None).order_by("-id").first()
    if (
        last is None
        or (last.kind, wording.as_written(last)) != (kind, text)
        or abs(at - last.at) > REPEATED_WITHIN
    ):
        return False
    sent = {each.original_sha256 for each in photos if isinstance(each, files.Picture)}
    had = set(case.photos.values_list("file__original_sha256", flat=True)) if sent else sent
    return sent <= had and not any(isinstance(each, bytes) for each in photos)


@transaction.atomic
def say_as_reporter(
    case_id: int,
    *,
    at: datetime,
    kind: CommentKind,
    text: str = "",
    photos: Sequence[bytes | files.Picture] = (),
) -> Case:
    """Take down what the reporter says through the private link; an answer that was waited for goes on.

    Raises BadInput when words are missing, or the wish does not fit how far the case is.
    """
    case, kind = lock(case_id), CommentKind(kind)
    if kind in NEEDS_WORDS or text:
        text = clean_text(text)
    if (
        kind in (CommentKind.SOLVED, CommentKind.UNSOLVED, CommentKind.REOPEN_WISH)
        and case.state not in ENDED
    ):
        raise BadInput(_("案件还在办理，结案后再说是否解决。现在可以留言。"), field="kind")
    if _is_repeated(case, kind, text, photos, at):
        return case
    Comment.objects.create(case=case, kind=kind, **wording.remark(text, name=_name_of(case)), at=at)
    attach(case, photos, purpose=Purpose.COMMENT, by=None, at=at)
    event = {CommentKind.COMMENT: "case.commented", CommentKind.ANSWER: "case.answered"}.get(
        kind, f"case.said_{kind.value}"
    )
    if case.state == State.WAITING and kind in (CommentKind.COMMENT, CommentKind.ANSWER):
        case.state_before, case.state = case.state, State.IN_HAND
        clocks.go_on(case, at=at)
        return settle(case, "case.answered", by=None, at=at, by_kind=By.RESIDENT)
    journal.write(event, about=case, by=None, by_kind=By.RESIDENT, at=at)
    return case
