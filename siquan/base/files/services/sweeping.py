"""Clear away what lies in the storage and belongs to nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Final

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Q

from siquan.base.files.models import SEALED, THUMBNAILS, StoredFile, path_of, thumbnail_path_of
from siquan.base.files.services.blurring import lock_of
from siquan.base.files.storage import UNFINISHED

log = logging.getLogger(__name__)

# An upload holds its transaction for seconds; a day leaves room for any clock and any import.
ORPHAN_AGE: Final = timedelta(days=1)
ROOTS: Final = ("", f"{THUMBNAILS}/", f"{SEALED}/")


def sweep_orphans(*, at: datetime, folders: Iterable[str]) -> int:
    """Remove what lies in these top folders (`00` to `ff`) without a row for a day; return how many files.

    Such files are left behind when the transaction that stored a photo was rolled back.
    """
    return sum(_sweep_folder(folder, at - ORPHAN_AGE) for folder in folders)


def remove_unneeded(sha256: str) -> int:
    """Remove a picture that was made anew, unless another row shows the same; return how many files went."""
    paths = [path for path in (path_of(sha256), thumbnail_path_of(sha256)) if default_storage.exists(path)]
    return sum(_sweep(path) for path in paths)


def _sweep_folder(folder: str, before: datetime) -> int:
    paths = [path for root in ROOTS for path in _files_below(f"{root}{folder}")]
    known = _needed({_content_of(path) for path in paths})
    strays = [path for path in paths if _content_of(path) not in known]
    return sum(_sweep(path) for path in strays if default_storage.get_modified_time(path) < before)


def _needed(names: set[str]) -> set[str]:
    """Return those of the names under which something lies that a row refers to."""
    rows = StoredFile.objects.filter(Q(sha256__in=names) | Q(sealed_name__in=names))
    return {name for pair in rows.values_list("sha256", "sealed_name") for name in pair}


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
            cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", lock_of(content))
            (free,) = cursor.fetchone()
        if not free or _needed({content}):
            return 0
    log.info("removing %s, which nobody needs", path)
    default_storage.delete(path)
    return 1
