"""Whether there is anything to prepare: a mark of what the last start prepared, by what, in which database.

Preparing takes seconds even when there is nothing to do, because everything is loaded to find that out. The
mark holds a digest of every installed file of siquan and one of the migrations that the database says were
applied, with their times, so that another database is never taken for this one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path

import psycopg

MARK = "prepared.json"
PACKAGE = Path(__file__).resolve().parent.parent
_APPLIED = (
    "select md5(string_agg(concat_ws(' ', app, name, applied), ',' order by id)) from django_migrations"
)


class Preparation:
    """What one start asks to be prepared: `words` are those of the `prepare` command."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        self._mark, self._static = folder / MARK, folder / "static"
        self._words = list(words)
        self._code = _code()

    def may_be_done(self) -> bool:
        """Tell whether the mark fits what is installed and asked for; the database was not asked yet."""
        known = self._known()
        is_asked = self._words in ([], known.get("words"))
        return known.get("code") == self._code and is_asked and self._static.is_dir()

    def is_done(self, url: str) -> bool:
        """Tell whether nothing is left to prepare."""
        applied = _applied(url)
        return applied is not None and self.may_be_done() and self._known().get("database") == applied

    def note(self, url: str) -> None:
        """Leave the mark: everything asked for is prepared."""
        known, applied = self._known(), _applied(url)
        # What the database was once filled with stays what it is, whatever was asked for this time.
        words = (known.get("words") if known.get("database") == applied else None) or self._words
        draft = self._mark.with_suffix(".new")
        draft.write_text(json.dumps({"code": self._code, "database": applied, "words": words}))
        draft.replace(self._mark)

    def _known(self) -> dict[str, object]:
        try:
            known = json.loads(self._mark.read_text())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def _applied(url: str) -> str | None:
    """Return a digest of the migrations the database knows; None when it has none or does not answer."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            row = connection.execute(_APPLIED).fetchone()
    except psycopg.Error:
        return None
    return row[0] if row else None


def _code() -> str:
    """Return a digest of what is installed: our files by name, size and time, everything else by version."""
    found = hashlib.sha256()
    for path, size, changed in sorted(_files(PACKAGE)):
        found.update(f"{path} {size} {changed}\n".encode())
    for path in sorted(str(each._path) for each in distributions() if hasattr(each, "_path")):
        found.update(f"{path}\n".encode())  # the name of this folder holds the version
    return found.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(Path(entry.path))
            else:
                known = entry.stat()
                yield entry.path, known.st_size, known.st_mtime_ns
