"""Blur what waits for it, one picture after the other, outside any transaction."""

from __future__ import annotations

import atexit
import hashlib
import logging
from datetime import datetime, timedelta
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from siquan.base.files import detection
from siquan.base.files.blurrer import Blurred, Blurrer, Interrupted
from siquan.base.files.models import StoredFile, path_of, thumbnail_path_of
from siquan.base.files.services import originals
from siquan.base.journal import services as journal
from siquan.base.kernel.diskspace import is_disk_full
from siquan.base.kernel.turns import is_due

log = logging.getLogger(__name__)

# After a failure the next try comes later and later; while it is blurred, nobody else takes the same picture.
FIRST_WAIT: Final = timedelta(minutes=4)
LONGEST_WAIT: Final = timedelta(hours=12)
FULL_WAIT: Final = timedelta(seconds=20)  # until it is looked whether the disk has room again
_LOCK_CLASS: Final = 0x66696C65

_blurrer = Blurrer()
atexit.register(_blurrer.close)


def blur_next(*, at: datetime) -> bool:
    """Blur the picture whose turn it is; return whether there was one.

    What fails stays unseen, and has its turn again later. What is interrupted, or finds the disk full, has
    its turn again soon: nothing is wrong with the picture.
    """
    file = _claimed(at)
    if file is None:
        return False
    try:
        blur_file(file, at=at)
    except Interrupted:
        _put_off(file, at, tries=max(0, file.blur_tries - 1))
        return False
    except Exception as error:  # a picture that cannot be blurred must not hold up the others
        if is_disk_full(error):
            log.warning("the disk is full: pictures wait to be blurred")
            _put_off(file, at + FULL_WAIT, tries=max(1, file.blur_tries - 1))
            return True
        log.exception("picture %s could not be blurred (try %s)", file.pk, file.blur_tries)
        StoredFile.objects.filter(pk=file.pk).update(blur_problem=f"{type(error).__name__}: {error}"[:200])
    return True


def stop() -> None:
    """Interrupt what is being blurred in another thread: this process is to end."""
    _blurrer.stop()


def _put_off(file: StoredFile, until: datetime, *, tries: int) -> None:
    """Give a claim back without making the picture wait longer each time."""
    StoredFile.objects.filter(pk=file.pk).update(blur_after=until, blur_tries=tries)


def rest() -> None:
    """Give memory back when there has been nothing to blur for a while."""
    _blurrer.close_when_idle()


@transaction.atomic
def _claimed(at: datetime) -> StoredFile | None:
    """Return the picture whose turn it is, having put its next turn off."""
    due = is_due(at, turn="blur_after", tries="blur_tries", longest=LONGEST_WAIT)
    waiting = StoredFile.objects.waiting_for_blur().filter(due)
    file = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if file is None:
        return None
    file.blur_after = at + min(FIRST_WAIT * 2**file.blur_tries, LONGEST_WAIT)
    file.blur_tries = min(file.blur_tries + 1, 20)
    file.save(update_fields=["blur_after", "blur_tries"])
    return file


def blur_file(file: StoredFile, *, at: datetime) -> StoredFile:
    """Make the blurred picture of a file and its thumbnail; a second call changes nothing.

    Raises `CannotBlur`, `NotFound` when the storage has lost the original, `SealingError`.
    """
    if file.is_blurred:
        return file
    if twin := _twin(file):
        return _keep(file, twin, at=at)
    made = _blurrer.blur(originals.unsealed(file), file.areas)
    sha256 = hashlib.sha256(made.picture).hexdigest()
    with transaction.atomic():
        _hold(sha256)
        _write(path_of(sha256), made.picture)
        _write(thumbnail_path_of(sha256), made.thumbnail)
        return _keep(file, _facts(made, sha256), at=at)


_FACTS: Final = ("sha256", "size", "width", "height", "faces", "plates", "likeness", "detector")


def _facts(made: Blurred, sha256: str) -> StoredFile:
    """Return what is to be kept of a blurred picture, in a row that is never saved."""
    return StoredFile(
        sha256=sha256,
        size=len(made.picture),
        width=made.width,
        height=made.height,
        faces=made.faces,
        plates=made.plates,
        likeness=made.likeness,
        detector=made.detector,
    )


def _twin(file: StoredFile) -> StoredFile | None:
    """Return a file made from the same original that was blurred already: the same photo, sent twice."""
    same = StoredFile.objects.of_original(file.original_sha256)
    return same.filter(blurred_at__isnull=False, detector=detection.VERSION, areas=file.areas).first()


@transaction.atomic
def _keep(file: StoredFile, made: StoredFile, *, at: datetime) -> StoredFile:
    """Write down what was made, unless somebody else was first, or more was marked meanwhile."""
    _hold(made.sha256)
    row = StoredFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if row.is_blurred or row.areas != file.areas:
        return row
    for name in _FACTS:
        setattr(row, name, getattr(made, name))
    row.blurred_at, row.blur_problem = at, ""
    row.save(update_fields=[*_FACTS, "blurred_at", "blur_problem"])
    told = {name: getattr(row, name) for name in ("sha256", "detector", "faces", "plates")}
    journal.write("file.blurred", about=row, by=None, at=at, **told)
    return row


def _write(path: str, data: bytes) -> None:
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


def _hold(sha256: str) -> None:
    """Keep the sweep away from this content until the acting transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s, %s)", lock_of(sha256))


def lock_of(sha256: str) -> list[int]:
    """Return the numbers of the lock on one content."""
    return [_LOCK_CLASS, int(sha256[:8], 16) - 2**31]
