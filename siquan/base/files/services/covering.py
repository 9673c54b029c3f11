"""What a person does to a picture that shows too much: take it away, cover more of it, show it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.files.blurring import WHOLE
from siquan.base.files.models import StoredFile
from siquan.base.files.services.originals import reason_given
from siquan.base.files.services.sweeping import remove_unneeded
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput, NotPossible

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Area = tuple[int, int, int, int]
MOST_AREAS: Final = 20
LEAST_SIDE: Final = 5  # thousandths: anything smaller is a slip of the finger


@transaction.atomic
def withhold(
    file: StoredFile, *, about: models.Model, by: AbstractBaseUser, at: datetime, reason: str
) -> StoredFile:
    """Let the address of a picture answer with a drawing until it is shown again.

    Whether the person may is asked by the room that attached it. Raises `BadInput`, `NotPossible`.
    """
    row, words = _locked(file), reason_given(reason)
    if row.is_withheld:
        raise NotPossible(_("这张照片已经不显示了。"))
    row.withheld_at = at
    row.save(update_fields=["withheld_at"])
    journal.write("file.withheld", about=about, by=by, at=at, file=row.pk, reason=words)
    return row


@transaction.atomic
def show_again(
    file: StoredFile, *, about: models.Model, by: AbstractBaseUser, at: datetime, reason: str
) -> StoredFile:
    """Let the address of a picture answer with the picture again. Raises `BadInput`, `NotPossible`."""
    row, words = _locked(file), reason_given(reason)
    if not row.is_withheld:
        raise NotPossible(_("这张照片正在显示。"))
    row.withheld_at = None
    row.save(update_fields=["withheld_at"])
    journal.write("file.shown_again", about=about, by=by, at=at, file=row.pk, reason=words)
    return row


@transaction.atomic
def cover(
    file: StoredFile,
    *,
    about: models.Model,
    by: AbstractBaseUser,
    at: datetime,
    reason: str,
    areas: Sequence[Area],
) -> StoredFile:
    """Have the picture made anew from the sealed original with exactly these areas covered as well.

    Nothing is shown until that is done, and the picture that showed too much is removed from the storage.
    Raises `BadInput`, `NotPossible` when the original has been removed.
    """
    row, words = _locked(file), reason_given(reason)
    if not row.has_original:
        raise NotPossible(_("原图已经按期删除，不能重做；可以改为不显示这张照片。"))
    wanted = [list(each) for each in checked_areas(areas)]
    if wanted == row.areas:
        raise BadInput(_("请标出要多遮挡的地方。"), field="areas")
    was, row.areas = row.sha256, wanted
    row.sha256, row.blurred_at, row.blur_after, row.blur_tries = "", None, at, 0
    row.save(update_fields=["areas", "sha256", "blurred_at", "blur_after", "blur_tries"])
    # How many, and not where: the log is no map to what was hidden.
    journal.write("file.covered", about=about, by=by, at=at, file=row.pk, areas=len(wanted), reason=words)
    if was:
        transaction.on_commit(partial(remove_unneeded, was))
    return row


def checked_areas(areas: Sequence[Area]) -> list[Area]:
    """Return the areas in order, each once. Raises `BadInput` for one that is none."""
    if len(areas) > MOST_AREAS:
        raise BadInput(_("最多标20处；要遮的更多，请改为不显示。"), field="areas")
    for left, top, right, bottom in areas:
        inside = left >= 0 and top >= 0 and right <= WHOLE and bottom <= WHOLE
        if not inside or right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
            raise BadInput(_("标出的地方要在照片里，长和宽都不能小于0.5%。"), field="areas")
    return sorted({(left, top, right, bottom) for left, top, right, bottom in areas})


def _locked(file: StoredFile) -> StoredFile:
    return StoredFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
