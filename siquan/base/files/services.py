"""What one can do with files: read a photo, keep it, make its thumbnail, clear away what nobody needs."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from siquan.base.files import pictures, queries
from siquan.base.files.models import THUMBNAILS, PositionSource, StoredFile, path_of
from siquan.base.files.pictures import Picture
from siquan.base.files.storage import UNFINISHED
from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

__all__ = ["Picture", "make_thumbnail", "read_picture", "store_picture", "sweep_orphans"]

log = logging.getLogger(__name__)

# An upload holds its transaction for seconds; a day leaves room for any clock and any import.
ORPHAN_AGE = timedelta(days=1)
_LOCK_CLASS = 0x66696C65


def read_picture(data: bytes) -> Picture:
    """Return the photo in `data`, checked and stripped.

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
    """Keep a photo: the bytes in the storage, the row and the journal entry in the acting transaction.

    `photo` is what was uploaded or what `read_picture` returned; `by` is None for residents (`by_kind`).
    The same photo twice makes two rows and one file. Raises `BadInput`.
    """
    picture = pictures.open_picture(photo) if isinstance(photo, bytes) else photo
    _hold(picture.sha256)
    _keep(path_of(picture.sha256), picture.data)
    position = picture.position
    file = StoredFile.objects.create(
        district_id=current_district() if district is None else district,
        sha256=picture.sha256,
        original_sha256=picture.original_sha256,
        kind=picture.kind,
        original_kind=picture.original_kind,
        size=len(picture.data),
        original_size=picture.original_bytes,
        width=picture.width,
        height=picture.height,
        taken_at=picture.taken_at,
        taken_zone_assumed=picture.zone_assumed,
        lon=position.lon if position else None,
        lat=position.lat if position else None,
        accuracy_m=position.accuracy_m if position else None,
        position_source=PositionSource.EXIF if position else PositionSource.UNKNOWN,
        created_at=at,
        uploaded_by_id=by.pk if by else None,
    )
    # The position stays out of the journal: it can be somebody's home, and the journal never forgets.
    journal.write(
        "file.stored",
        about=file,
        by=by,
        at=at,
        by_kind=by_kind,
        sha256=file.sha256,
        original_sha256=file.original_sha256,
        size=file.size,
    )
    return file


@transaction.atomic
def make_thumbnail(file_id: int, *, at: datetime) -> StoredFile:
    """Make the thumbnail of a file; a second call changes nothing.

    Raises `NotFound` when the storage has lost the picture.
    """
    file = StoredFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.thumbnail_at is not None:
        return file
    if not default_storage.exists(file.thumbnail_path):
        _keep(file.thumbnail_path, pictures.thumbnail(queries.picture_bytes(file)))
    file.thumbnail_at = at
    file.save(update_fields=["thumbnail_at"])
    return file


def _keep(path: str, data: bytes) -> None:
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


def _hold(sha256: str) -> None:
    """Keep the sweep away from this content until the acting transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s, %s)", _lock_of(sha256))


def _lock_of(sha256: str) -> list[int]:
    return [_LOCK_CLASS, int(sha256[:8], 16) - 2**31]


def sweep_orphans(*, at: datetime, folders: Iterable[str]) -> int:
    """Remove what lies in these top folders (`00` to `ff`) without a row for a day; return how many files.

    Such files are left behind when the transaction that stored a photo was rolled back.
    """
    return sum(_sweep_folder(folder, at - ORPHAN_AGE) for folder in folders)


def _sweep_folder(folder: str, before: datetime) -> int:
    paths = [path for root in ("", f"{THUMBNAILS}/") for path in _files_below(f"{root}{folder}")]
    known = set(
        StoredFile.objects.filter(sha256__in={_content_of(path) for path in paths}).values_list(
            "sha256", flat=True
        )
    )
    strays = [path for path in paths if _content_of(path) not in known]
    return sum(_sweep(path) for path in strays if default_storage.get_modified_time(path) < before)


def _files_below(folder: str) -> Iterator[str]:
    try:
        inner, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in names)
    for name in inner:
        yield from _files_below(f"{folder}/{name}")


def _content_of(path: str) -> str:
    return PurePosixPath(path).stem


@transaction.atomic
def _sweep(path: str) -> int:
    """Remove one stray unless somebody is just storing the same content; return how many files went."""
    content = _content_of(path)
    if not content.startswith(UNFINISHED):
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", _lock_of(content))
            (free,) = cursor.fetchone()
        if not free or StoredFile.objects.filter(sha256=content).exists():
            return 0
    log.info("removing %s, which nobody needs", path)
    default_storage.delete(path)
    return 1
