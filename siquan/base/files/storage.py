"""A folder of pictures named by their content: a file is there whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

UNFINISHED = ".part-"


class ContentFolder(FileSystemStorage):
    """The default storage: writes beside, waits for the disk, then renames.

    Another Django storage (S3 for example) can stand in its place in `STORAGES["default"]`; an object store
    writes whole objects by itself.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name as it is: the same name means the same content."""
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=UNFINISHED, dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                for chunk in content.chunks():
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            Path(beside).replace(target)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        _wait_for_folder(target.parent)
        return name


def _wait_for_folder(folder: Path) -> None:
    """Wait until the new name itself is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
