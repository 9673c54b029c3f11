"""The bytes of ticket files: sealed in a folder per person, named by their digest.

Nothing serves that folder, and nothing plain is written.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.sealedfile import open_sealed, rotated_head, write_sealed

MOST_BYTES: Final = 100_000_000
UNFINISHED: Final = ".part-"


def folder_of(user_id: int | None) -> Path:
    """Return where the files of a person lie."""
    return Path(settings.MEDIA_ROOT) / "imports" / str(user_id or 0)


def file_of(user_id: int | None, digest: str) -> Path:
    """Return where one file lies."""
    return folder_of(user_id) / f"{digest}.tickets"


def opened(user_id: int | None, digest: str) -> IO[bytes]:
    """Return the bytes as they were uploaded, as a file."""
    return open_sealed(file_of(user_id, digest).open("rb"), context_of(user_id))


def context_of(user_id: int | None) -> str:
    """Return what a sealed file is bound to."""
    return f"cases.tickets {user_id or 0}"


def keep(upload: Iterable[bytes], by: User) -> str:
    """Write the bytes, sealed, into the person's folder and return their digest. Raises BadInput."""
    folder, digest = folder_of(by.pk), hashlib.sha256()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def fill(out: IO[bytes]) -> Path:
        write_sealed(out, _measured(upload, digest), context_of(by.pk))
        return file_of(by.pk, digest.hexdigest())

    _write_beside(folder, fill)
    return digest.hexdigest()


def _measured(upload: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    """Pass the bytes on, adding them to the digest. Raises BadInput when they are too many."""
    size = 0
    for block in upload:
        size += len(block)
        if size > MOST_BYTES:
            raise BadInput(_("文件超过100MB。请分成几个文件，或压缩成.gz再导入。"), field="file")
        digest.update(block)
        yield block


def _write_beside(folder: Path, fill: Callable[[IO[bytes]], Path]) -> None:
    """Let `fill` write a file beside, readable by nobody else, and put it in the place it returns."""
    handle, beside = tempfile.mkstemp(prefix=UNFINISHED, dir=folder)
    try:
        with os.fdopen(handle, "wb") as out:
            place = fill(out)
            out.flush()
            os.fsync(out.fileno())
        Path(beside).replace(place)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def rotate_keys() -> int:
    """Seal the keys of the files that wait with the newest key; return how many had another one."""
    count = 0
    for path in (Path(settings.MEDIA_ROOT) / "imports").glob("*/*.tickets"):
        with path.open("rb") as file:
            head = rotated_head(file, context_of(int(path.parent.name)))
            if head is not None:
                _write_beside(path.parent, partial(_copy, head, file, path))
                count += 1
    return count


def _copy(head: bytes, blocks: IO[bytes], place: Path, out: IO[bytes]) -> Path:
    out.write(head)
    shutil.copyfileobj(blocks, out)
    return place
