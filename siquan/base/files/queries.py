"""What one can ask of the files."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from itertools import islice
from typing import Final

from django.core.files.storage import default_storage
from django.http import HttpRequest

from siquan.base.files import permissions
from siquan.base.files.likeness import NEAR
from siquan.base.files.models import StoredFile
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound

log = logging.getLogger(__name__)

MOST_COMPARED: Final = 20_000  # files in one comparison: some milliseconds


def file_by_key(key: str) -> StoredFile:
    """Return a file of this district by its key, without asking who wants it. Raises `NotFound`."""
    file = StoredFile.objects.filter(key=key, district_id=current_district()).first()
    if file is None:
        raise NotFound
    return file


def file_for(request: HttpRequest, key: str) -> StoredFile:
    """Return a file that this request may see. Raises `NotFound`, also when it may not."""
    file = file_by_key(key)
    if not permissions.may_see(request, file):
        raise NotFound
    return file


def picture_bytes(file: StoredFile) -> bytes:
    """Return the blurred picture. Raises `NotFound` while there is none, or when the storage has lost it."""
    return stored_bytes(_blurred(file).path)


def thumbnail_bytes(file: StoredFile) -> bytes:
    """Return the thumbnail of the blurred picture. Raises `NotFound` as `picture_bytes` does."""
    return stored_bytes(_blurred(file).thumbnail_path)


def near_files(file: StoredFile, among: Iterable[int], *, bits: int = NEAR) -> list[StoredFile]:
    """Return those of the files (by id, at most `MOST_COMPARED`) that look nearly the same, nearest first.

    Each carries `difference`, the number of bits of 64 in which its perceptual hash differs.
    """
    if file.likeness is None:
        return []
    others = set(islice(among, MOST_COMPARED)) - {file.pk}
    return list(StoredFile.objects.filter(pk__in=others).nearly_like(file.likeness, bits=bits))


def _blurred(file: StoredFile) -> StoredFile:
    if not file.is_blurred:
        raise NotFound
    return file


def stored_bytes(path: str) -> bytes:
    """Return what lies in the storage under this path. Raises `NotFound` when it is lost."""
    try:
        with default_storage.open(path) as stored:
            content: bytes = stored.read()
    except FileNotFoundError as error:
        log.error("the storage has lost %s", path)
        raise NotFound from error
    return content
