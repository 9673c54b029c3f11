"""The boundaries of every day, as this process remembers them."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
from django.db.models import TextField
from django.db.models.functions import Cast

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.remembered import Remembered
from siquan.city.places.boundaries import Area, Boundaries
from siquan.city.places.models import Division, Level, in_force

_VERSIONS_KEPT: Final = 4  # a page compares two dates at most; each version holds its own index


@dataclass(frozen=True, slots=True)
class _Row:
    area: Area
    valid_from: date
    valid_to: date | None

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)


class Geography:
    """All divisions a district ever had, and the boundaries between each two changes."""

    def __init__(self, rows: list[_Row], shapes: Any) -> None:
        """Keep the rows and their outlines, in the same order."""
        self._rows = rows
        self._shapes = shapes
        self._changes = sorted({day for row in rows for day in (row.valid_from, row.valid_to) if day})
        self._built: OrderedDict[int, Boundaries] = OrderedDict()
        self._lock = threading.Lock()

    def on(self, day: date) -> Boundaries:
        """Return the boundaries in force on a day."""
        interval = bisect_right(self._changes, day)
        with self._lock:
            if interval not in self._built:
                self._built[interval] = self._build(day)
                if len(self._built) > _VERSIONS_KEPT:
                    self._built.popitem(last=False)
            self._built.move_to_end(interval)
            return self._built[interval]

    def first_day(self) -> date | None:
        """Return the first day of which any boundaries are known."""
        return self._changes[0] if self._changes else None

    def _build(self, day: date) -> Boundaries:
        held = [i for i, row in enumerate(self._rows) if row.holds(day)]
        return Boundaries([self._rows[i].area for i in held], self._shapes[held])


def load(district_id: int) -> Geography:
    """Read the divisions of a district from the database."""
    rows, texts = [], []
    found = (
        Division.objects.filter(district_id=district_id)
        .annotate(outline=Cast("boundary", TextField()))  # text, so that shapely parses all at once
        .values_list(
            "id",
            "code",
            "level",
            "name",
            "name_en",
            "kind",
            "parent__code",
            "valid_from",
            "valid_to",
            "outline",
        )
    )
    for key, code, level, name, name_en, kind, parent, valid_from, valid_to, outline in found.iterator():
        area = Area(key, code, level, name, name_en, kind, parent or "")
        rows.append(_Row(area, valid_from, valid_to))
        texts.append(outline if outline != "null" else None)
    return Geography(rows, shapely.from_geojson(np.array(texts, dtype=object)))


_remembered = Remembered(load, [Division])


def divisions_by_id() -> Mapping[int, Division]:
    """Return all divisions there ever were, without their boundaries, from memory; not to be changed."""
    return _rows.of(current_district()).by_id


def divisions_listed(level: Level, on: date) -> list[Division]:
    """Return the divisions of one level in force on a day, by code, from memory; not to be changed."""
    return [each for each in _rows.of(current_district()).by_level.get(level, []) if in_force(each, on)]


@dataclass(frozen=True)
class _Rows:
    """All divisions there ever were."""

    by_id: Mapping[int, Division]
    by_level: Mapping[str, list[Division]]


def _all_rows(district_id: int) -> _Rows:
    found = Division.objects.filter(district_id=district_id).defer("boundary").order_by("code", "id")
    by_level: dict[str, list[Division]] = {}
    for each in found:
        by_level.setdefault(each.level, []).append(each)
    return _Rows({each.pk: each for each in found}, by_level)


_rows = Remembered(_all_rows, [Division])


def boundaries(day: date) -> Boundaries:
    """Return the boundaries of this installation's district in force on a day."""
    return _remembered.of(current_district()).on(day)


def first_day() -> date | None:
    """Return the first day of which boundaries of this installation's district are known."""
    return _remembered.of(current_district()).first_day()


def forget() -> None:
    """Notice a change at the next question; the services call this when they commit."""
    _remembered.forget()
    _rows.forget()
