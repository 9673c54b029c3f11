"""Read a photo and keep its original, sealed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from siquan.base.files import pictures
from siquan.base.files.models import PositionSource, StoredFile, new_sealed_name
from siquan.base.files.pictures import Picture
from siquan.base.files.services import originals
from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def read_picture(data: bytes) -> Picture:
    """Return the photo in `data`, judged by decoding it.

    It takes tenths of a second of computing: call it before the transaction opens.
    Raises `BadInput` (field `photo`) with words that say what to do.
    """
    return pictures.open_picture(data)


@transaction.atomic
def store_picture(
    photo: bytes | Picture,
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    district: int | None = None,
    by_kind: str | None = None,
) -> StoredFile:
    """Keep a photo: the sealed original in the storage, row and journal entry in the acting transaction.

    `photo` is what was uploaded or what `read_picture` returned; `by` is None for residents (`by_kind`).
    Nobody sees it before it is blurred (`blur_next`, in the worker). Raises `BadInput`.
    """
    picture = pictures.open_picture(photo) if isinstance(photo, bytes) else photo
    name = new_sealed_name()
    sealed = originals.seal(picture.original, name)
    position = picture.position
    file = StoredFile.objects.create(
        district_id=current_district() if district is None else district,
        original_sha256=picture.original_sha256,
        original_kind=picture.original_kind,
        original_size=len(picture.original),
        sealed_name=name,
        sealed_key=sealed.key,
        sealed_with=sealed.by,
        width=picture.width,
        height=picture.height,
        taken_at=picture.taken_at,
        taken_zone_assumed=picture.zone_assumed,
        lon=position.lon if position else None,
        lat=position.lat if position else None,
        accuracy_m=position.accuracy_m if position else None,
        position_source=PositionSource.EXIF if position else PositionSource.UNKNOWN,
        created_at=at,
        blur_after=at,
        uploaded_by_id=by.pk if by else None,
    )
    # The position stays out of the journal: it can be somebody's home, and the journal never forgets.
    journal.write(
        "file.stored",
        about=file,
        by=by,
        at=at,
        by_kind=by_kind,
        original_sha256=file.original_sha256,
        size=file.original_size,
    )
    return file
