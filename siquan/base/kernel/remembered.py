"""Keep something made from tables in memory, per district, and notice when the tables change.

Another process may change a boundary: at most once every `RECHECK_SECONDS` one small statement
compares a stamp of the tables with that of what is remembered. `forget` asks for the comparison at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

T = TypeVar("T")
Stamp = tuple[int, ...]


@dataclass
class _Kept(Generic[T]):
    stamp: Stamp
    checked: float
    thing: T


class Remembered(Generic[T]):
    """What `make(district_id)` returned, made again when one of the tables has changed."""

    def __init__(self, make: Callable[[int], T], tables: Sequence[type[models.Model]]) -> None:
        """Keep how to make it and which tables it is made from."""
        self._make = make
        self._tables = tables
        self._kept: dict[int, _Kept[T]] = {}
        self._lock = threading.Lock()

    def of(self, district_id: int) -> T:
        """Return what is remembered of a district."""
        kept = self._kept.get(district_id)
        if kept and time.monotonic() - kept.checked < settings.RECHECK_SECONDS:
            return kept.thing
        with self._lock:
            return self._checked(district_id)

    def forget(self) -> None:
        """Compare with the tables before the next answer."""
        for kept in list(self._kept.values()):
            kept.checked = float("-inf")

    def _checked(self, district_id: int) -> T:
        kept = self._kept.get(district_id)
        now = time.monotonic()
        if kept and now - kept.checked < settings.RECHECK_SECONDS:
            return kept.thing  # another thread was first
        stamp = _stamp(self._tables, district_id)
        if kept and kept.stamp == stamp:
            kept.checked = now
            return kept.thing
        made = self._make(district_id)
        self._kept[district_id] = _Kept(stamp, now, made)
        return made


def _stamp(tables: Sequence[type[models.Model]], district_id: int) -> Stamp:
    """Return numbers that change with every row added, changed or removed.

    `xmin` is the transaction that last wrote a row, so its sum also notices a closed or corrected row.
    """
    # a change may have been written for tomorrow, so the day counts too; one statement asks all tables
    asked = " union all ".join(
        f"select count(*), coalesce(sum(xmin::text::bigint), 0)::bigint from {table._meta.db_table}"  # noqa: S608
        " where district_id = %s"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, [district_id] * len(tables))
        return (timezone.localdate().toordinal(), *(number for row in cursor.fetchall() for number in row))
