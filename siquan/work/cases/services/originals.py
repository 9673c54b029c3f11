"""Open the sealed original of a photo: for a reason, written down, seen once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.base.kernel.errors import NotFound
from siquan.work.cases.models import CasePhoto
from siquan.work.cases.services.taking import take_aside


@dataclass(frozen=True)
class Opened:
    """An original as it was uploaded: foreign bytes, never given to a browser as what they claim to be."""

    photo: CasePhoto
    content: bytes

    @property
    def picture(self) -> bytes:
        """Return it as our own JPEG of bare pixels, not blurred."""
        return files.read_picture(self.content).data


@transaction.atomic
def open_original(case_id: int, *, key: str, by: User, at: datetime, reason: str) -> Opened:
    """Return the sealed original of a photo of a case, and write down who opened it and why.

    Raises PermissionDenied, NotFound, BadInput without a reason.
    """
    case = take_aside("open-original", case_id, by)
    photo: CasePhoto | None = case.photos.select_related("file").filter(file__key=key).order_by("id").first()
    if photo is None:
        raise NotFound
    return Opened(photo, files.open_original(photo.file, about=case, by=by, at=at, reason=reason))
