"""Seal originals, open one for a reason, seal their keys anew.

Envelope: every original has a data key of its own; the data key is sealed with the installation's newest key
and kept in the row. A new key of the installation costs a short write a row, and no original is touched.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.files import queries
from siquan.base.files.models import StoredFile, sealed_path_of
from siquan.base.journal import services as journal
from siquan.base.kernel import sealing
from siquan.base.kernel.errors import BadInput, NotPossible

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

LONGEST_REASON: Final = 500
SHORTEST_REASON: Final = 4
BATCH: Final = 500
_DATA_KEY_ID: Final = "data"


class Envelope(NamedTuple):
    """A sealed data key, and the name of the key that sealed it."""

    key: bytes
    by: str


def seal(content: bytes, name: str) -> Envelope:
    """Keep an original in the storage, sealed with a new data key; return that key, sealed."""
    data_key = os.urandom(sealing.KEY_BYTES)
    sealed = sealing.Keyring([(_DATA_KEY_ID, data_key)]).seal(content, _original(name))
    default_storage.save(sealed_path_of(name), ContentFile(sealed))
    key = sealing.seal(data_key, _key_of(name))
    return Envelope(key, sealing.key_of(key))


def unsealed(file: StoredFile) -> bytes:
    """Return the original as it came. Raises `NotFound` when the storage has lost it, `SealingError`,
    `NotPossible` when its time was over and it has been removed.
    """
    if not file.has_original:
        raise NotPossible(_("原图的保存期限到了，已经删除；遮挡后的照片还在。"))
    data_key = sealing.open(bytes(file.sealed_key), _key_of(file.sealed_name))
    sealed = queries.stored_bytes(file.sealed_path)
    return sealing.Keyring([(_DATA_KEY_ID, data_key)]).open(sealed, _original(file.sealed_name))


@transaction.atomic
def open_original(
    file: StoredFile, *, about: models.Model, by: AbstractBaseUser, at: datetime, reason: str
) -> bytes:
    """Return the original of a photo, and write down who opened it and why.

    `about` is the thing it belongs to, in whose story this is told. Whether the person may is asked by the
    room that attached it. Raises `BadInput` without a reason, `NotFound`, `NotPossible` once it is removed.
    """
    reason = reason_given(reason)
    content = unsealed(file)
    journal.write("file.original_opened", about=about, by=by, at=at, file=file.pk, reason=reason)
    return content


def reason_given(reason: str) -> str:
    """Return the words in one line. Raises `BadInput` when they are none, or a novel."""
    words = " ".join(reason.split())
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
        raise BadInput(_("请写明理由（4到500字）。"), field="reason")
    return words


@transaction.atomic
def remove_originals(files: Iterable[StoredFile], *, at: datetime) -> int:
    """Remove the sealed originals of blurred files for good; the pictures, hashes and facts stay.

    The data keys go with the transaction, the bytes after it (or with the daily sweep): without its key
    nothing can open them. Returns how many went.
    """
    rows = StoredFile.objects.with_original().filter(blurred_at__isnull=False)
    rows = rows.filter(pk__in=[each.pk for each in files]).select_for_update(of=("self",), skip_locked=True)
    paths = {row.pk: row.sealed_path for row in rows}
    StoredFile.objects.filter(pk__in=paths).update(
        sealed_name="", sealed_key=b"", sealed_with="", original_removed_at=at
    )
    for path in paths.values():
        transaction.on_commit(partial(default_storage.delete, path))
    return len(paths)


def rotate_keys(told: Callable[[int], None] = lambda _count: None) -> int:
    """Seal every data key with the installation's newest key; return how many were sealed with another one.

    May be stopped and run again at any time. `told` hears after each batch how many are done.
    """
    newest, done = sealing.keyring().newest.id, 0
    while count := _rotate_batch(newest):
        done += count
        told(done)
    return done


@transaction.atomic
def _rotate_batch(newest: str) -> int:
    old = (
        StoredFile.objects.with_original()
        .exclude(sealed_with=newest)
        .select_for_update(of=("self",))
        .order_by("id")
    )
    files = list(old[:BATCH])
    for file in files:
        file.sealed_key = sealing.rotated(bytes(file.sealed_key), _key_of(file.sealed_name))
        file.sealed_with = newest
    StoredFile.objects.bulk_update(files, ["sealed_key", "sealed_with"])
    return len(files)


def _original(name: str) -> str:
    return f"files.original {name}"


def _key_of(name: str) -> str:
    return f"files.key {name}"
