"""Photos that show too much: doubted, covered further, taken away, shown again.

What is done to one photo is done to every photo of the same shot: a face that one case hides must not stand
in another. Each case tells it in its own story.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.base.files.models import StoredFile
from siquan.base.journal import services as journal
from siquan.base.journal.models import By
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.masking import masked_text
from siquan.base.kernel.permissions import require
from siquan.base.kernel.workflow import next_state
from siquan.work.cases.models import Case, CasePhoto
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.photoremarks import PhotoRemark, Shows
from siquan.work.cases.services.taking import take_aside
from siquan.work.cases.states import PHOTO_EVENTS, PHOTO_TRANSITIONS, PHOTO_VERBS, PhotoState

LONGEST_WORDS: Final = 200
Area = tuple[int, int, int, int]


def _take(verb: str, case_id: int, key: str, by: User) -> tuple[Case, CasePhoto]:
    """Lock the case, ask the rule, find the photo and take the step of its table.

    Raises NotFound, PermissionDenied, NotPossible.
    """
    case = take_aside(verb, case_id, by)
    photo: CasePhoto | None = case.photos.select_related("file").filter(file__key=key).order_by("id").first()
    if photo is None:
        raise NotFound
    next_state(PHOTO_TRANSITIONS, PhotoState.of(is_withheld=photo.file.is_withheld), verb, labels=PHOTO_VERBS)
    return case, photo


def _same_shot(photo: CasePhoto) -> list[CasePhoto]:
    """Return the photos of all cases that were made from the same original, each file once."""
    same = StoredFile.objects.of_original(photo.file.original_sha256)
    found = CasePhoto.objects.filter(file__in=same).select_related("file", "case").order_by("file_id", "id")
    return list({each.file_id: each for each in found}.values())


@transaction.atomic
def withhold_photo(case_id: int, *, key: str, by: User, at: datetime, reason: str) -> Case:
    """Show a drawing in the place of a photo, to everybody, until it is shown again.

    Raises PermissionDenied, NotFound, NotPossible, BadInput without a reason.
    """
    case, photo = _take("withhold-photo", case_id, key, by)
    for each in _same_shot(photo):
        if not each.file.is_withheld:
            files.withhold(each.file, about=each.case, by=by, at=at, reason=reason)
        _answer(each, at)
    return case


@transaction.atomic
def show_photo_again(case_id: int, *, key: str, by: User, at: datetime, reason: str) -> Case:
    """Show a photo again that was withheld. Raises as `withhold_photo` does."""
    case, photo = _take("show-photo", case_id, key, by)
    for each in _same_shot(photo):
        if each.file.is_withheld:
            files.show_again(each.file, about=each.case, by=by, at=at, reason=reason)
    return case


@transaction.atomic
def cover_photo(
    case_id: int, *, key: str, by: User, at: datetime, reason: str, areas: Sequence[Area] = ()
) -> Case:
    """Have a photo made anew with exactly these areas covered as well; until then nobody sees it.

    To take back what was covered before is for those who may show a photo again.
    Raises as `withhold_photo` does, BadInput (field `areas`).
    """
    case, photo = _take("cover-photo", case_id, key, by)
    if {tuple(each) for each in photo.file.areas} - {tuple(each) for each in areas}:
        require(OTHER_RULES, "show-photo", by, case)
    for each in _same_shot(photo):
        if each.pk == photo.pk or each.file.areas != sorted(list(area) for area in areas):
            files.cover(each.file, about=each.case, by=by, at=at, reason=reason, areas=areas)
        _answer(each, at)
    return case


@transaction.atomic
def leave_photo(case_id: int, *, key: str, by: User, at: datetime, reason: str) -> Case:
    """Answer what was said about a photo: somebody has looked, and it stays as it is.

    Raises PermissionDenied, NotFound, NotPossible, BadInput when nothing waits for an answer.
    """
    case, photo = _take("leave-photo", case_id, key, by)
    words = " ".join(reason.split())
    if not words:
        raise BadInput(_("请写明理由。"), field="reason")
    if not _answer(photo, at):
        raise BadInput(_("没有人对这张照片提出疑问。"))
    journal.write(PHOTO_EVENTS["leave-photo"], about=case, by=by, at=at, file=photo.file_id, reason=words)
    return case


@transaction.atomic
def doubt_photo(case_id: int, *, key: str, by: User, at: datetime, shows: str, reason: str) -> Case:
    """Ask the centre, as the unit that answers for the case, to look at a photo.

    Raises PermissionDenied, NotFound, NotPossible.
    """
    case, photo = _take("doubt-photo", case_id, key, by)
    words = masked_text(" ".join(reason.split()), ())
    PhotoRemark.objects.create(photo=photo, shows=Shows(shows), text=words[:LONGEST_WORDS], by=by, at=at)
    journal.write(PHOTO_EVENTS["doubt-photo"], about=case, by=by, at=at, file=photo.file_id, reason=words)
    return case


@transaction.atomic
def doubt_public_photo(photo: CasePhoto, *, shows: str, at: datetime, text: str = "") -> PhotoRemark:
    """Note that somebody, without an account, says a public photo shows what it should not.

    Nothing is taken away by that. The same again is counted on the same note.
    """
    words = masked_text(" ".join(text.split())[:LONGEST_WORDS], ())[:LONGEST_WORDS]
    remark, is_new = PhotoRemark.objects.get_or_create(
        photo=photo, shows=Shows(shows), by=None, answered_at=None, defaults={"at": at, "text": words}
    )
    if is_new:
        journal.write(
            PHOTO_EVENTS["doubt-photo"],
            about=photo.case,
            by=None,
            by_kind=By.RESIDENT,
            at=at,
            file=photo.file_id,
        )
    else:
        PhotoRemark.objects.filter(pk=remark.pk).update(times=F("times") + 1, text=remark.text or words)
    return remark


def _answer(photo: CasePhoto, at: datetime) -> int:
    """Close what was said about a photo; return how much it was."""
    return PhotoRemark.objects.filter(photo=photo, answered_at=None).update(answered_at=at)


PHOTO_ACTS: Mapping[str, Callable[..., Any]] = {
    "doubt-photo": doubt_photo,
    "leave-photo": leave_photo,
    "cover-photo": cover_photo,
    "withhold-photo": withhold_photo,
    "show-photo": show_photo_again,
}
