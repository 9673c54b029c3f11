"""Tell a full disk from other errors: nothing is broken, and it goes on by itself once there is room."""

from __future__ import annotations

import errno
from typing import Final

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
DATABASE_FULL: Final = "53100"  # PostgreSQL's code for it


def is_disk_full(error: BaseException | None) -> bool:
    """Tell whether an error, or what led to it, says that a disk or the database's disk is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if getattr(error, "sqlstate", None) == DATABASE_FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
