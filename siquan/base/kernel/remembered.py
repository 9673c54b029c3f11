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
from django.db import models
from django.db.models.expressions import RawSQL
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
    numbers = [timezone.localdate().toordinal()]  # a change may have been written for tomorrow
    written = models.Sum(RawSQL("xmin::text::bigint", ()), default=0)
    for table in tables:
        rows = table._default_manager.filter(district_id=district_id)
        found = rows.aggregate(count=models.Count("pk"), written=written)
        numbers += [found["count"], int(found["written"])]
    return tuple(numbers)
