"""Clusters of a wide window of the map from squares that were counted in advance and are held in memory.

Exact to some minutes (see `config/schedule.py`); what a window holds when one comes near is always counted on
the spot.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.periods import Kind, Period
from siquan.base.kernel.remembered import Remembered
from siquan.work.cases.density import Density, DensityRun
from siquan.work.cases.states import State

MANY: Final = 2_000  # fewer are counted on the spot
FLATTER: Final = 0.77  # a degree of latitude is longer than one of longitude at 40° north
STATES: Final = {state.value: number for number, state in enumerate(State)}


@dataclass(frozen=True)
class Heap:
    """Cases that stand together on the map: how many, and their middle."""

    key: str
    lon: float
    lat: float
    count: int


@dataclass(frozen=True)
class Squares:
    """The counted squares of a district, a row a square, month and state."""

    months: npt.NDArray[np.int64]
    states: npt.NDArray[np.int64]
    lons: npt.NDArray[np.float64]
    lats: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]

    def heaps(
        self,
        box: tuple[float, float, float, float],
        across: int,
        *,
        states: Collection[str] = (),
        period: Period | None = None,
    ) -> list[Heap] | None:
        """Return the heaps of a window (west, south, east, north); None when too few are in it."""
        west, south, east, north = box
        inside = (self.lons >= west) & (self.lons < east) & (self.lats >= south) & (self.lats < north)
        if states:
            inside &= np.isin(self.states, [STATES[each] for each in states])
        if period:
            inside &= (self.months >= _month(period.first)) & (self.months <= _month(period.last))
        counts = self.counts[inside]
        if counts.sum() < MANY:
            return None
        lons, lats = self.lons[inside], self.lats[inside]
        step = (east - west) / across
        columns = ((lons - west) / step).astype(np.int64)
        lines = ((lats - south) / (step * FLATTER)).astype(np.int64)
        keys, heap_of = np.unique(lines * 1_000_003 + columns, return_inverse=True)
        totals = np.bincount(heap_of, counts)
        middles = [np.bincount(heap_of, counts * each) / totals for each in (lons, lats)]
        rows = zip(keys.tolist(), *(each.tolist() for each in middles), totals.tolist(), strict=True)
        return [Heap(f"{key}x{int(total)}", lon, lat, int(total)) for key, lon, lat, total in rows]


def _month(day: date) -> int:
    return day.year * 100 + day.month


def heaps_of(
    box: tuple[float, float, float, float], across: int, *, states: Collection[str], period: Period | None
) -> list[Heap] | None:
    """Return the heaps of a window; None where squares, counted by month, cannot answer or hold too few."""
    known = _remembered.of(current_district())
    if known is None or (period is not None and period.kind is Kind.DAY):
        return None
    return known.heaps(box, across, states=states, period=period)


def _read(district: int) -> Squares | None:
    rows = list(
        Density.objects.filter(district_id=district).values_list("month", "state", "lon", "lat", "count")
    )
    if not rows:
        return None
    months, states, lons, lats, counts = zip(*rows, strict=True)
    return Squares(
        np.array(months, dtype=np.int64),
        np.array([STATES[each] for each in states], dtype=np.int64),
        np.array(lons, dtype=np.float64),
        np.array(lats, dtype=np.float64),
        np.array(counts, dtype=np.int64),
    )


_remembered = Remembered(_read, [DensityRun])
