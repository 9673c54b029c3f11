"""What one can ask of the files."""

from __future__ import annotations

import logging

from django.core.files.storage import default_storage
from django.http import HttpRequest

from siquan.base.files import permissions
from siquan.base.files.models import StoredFile
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound

log = logging.getLogger(__name__)


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
    """Return the picture. Raises `NotFound` when the storage has lost it."""
    return _read(file.path)


def thumbnail_bytes(file: StoredFile) -> bytes:
    """Return the thumbnail. Raises `NotFound` when it is not made yet."""
    if file.thumbnail_at is None:
        raise NotFound
    return _read(file.thumbnail_path)


def _read(path: str) -> bytes:
    try:
        with default_storage.open(path) as stored:
            content: bytes = stored.read()
    except FileNotFoundError as error:
        log.error("the storage has lost %s", path)
        raise NotFound from error
    return content
