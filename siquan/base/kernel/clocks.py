"""A clock that runs only while an office is open: add running time to a moment, or count it between two.

Moments are minutes, see `localtime`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from siquan.base.kernel.errors import NoWorkingTime

Minutes = npt.NDArray[np.int64]


class Clock(Protocol):
    """Something that runs at some times and stands still at others."""

    def add(self, start: int, minutes: int) -> int:
        """Return the first moment at which `minutes` have run since `start`."""
        ...

    def between(self, start: int, end: int) -> int:
        """Return how many minutes run from `start` to `end`, 0 if `end` is not later."""
        ...

    def add_many(self, starts: Minutes, minutes: Minutes) -> Minutes:
        """Do what `add` does, for many at once."""
        ...


class AlwaysRunning:
    """Calendar time: the clock never stands still."""

    def add(self, start: int, minutes: int) -> int:
        """Return the moment `minutes` after `start`."""
        return start + minutes

    def between(self, start: int, end: int) -> int:
        """Return the minutes from `start` to `end`."""
        return max(0, end - start)

    def add_many(self, starts: Minutes, minutes: Minutes) -> Minutes:
        """Return the moments `minutes` after `starts`."""
        return starts + minutes


class OpeningHours:
    """A clock that runs in given stretches; running totals make every question a bisection."""

    def __init__(self, stretches: Iterable[tuple[int, int]], first: int, last: int) -> None:
        """Take ordered, separate stretches (opening, closing) that lie between `first` and `last`."""
        self._first, self._last = first, last
        self._opens = [first]
        self._before, self._after = [0], [0]  # minutes run before and after each stretch
        for opens, closes in stretches:
            self._opens.append(opens)
            self._before.append(self._after[-1])
            self._after.append(self._after[-1] + closes - opens)
        self._opens_array = np.array(self._opens, dtype=np.int64)
        self._before_array = np.array(self._before, dtype=np.int64)
        self._after_array = np.array(self._after, dtype=np.int64)

    def add(self, start: int, minutes: int) -> int:
        """Return the first moment at which `minutes` have run since `start`. Raises NoWorkingTime."""
        if minutes <= 0:
            return start
        target = self._run_until(start) + minutes
        at = bisect_left(self._after, target)
        if at == len(self._after):
            raise NoWorkingTime
        return self._opens[at] + target - self._before[at]

    def between(self, start: int, end: int) -> int:
        """Return the minutes that run from `start` to `end`, 0 if `end` is not later.

        Raises NoWorkingTime.
        """
        return self._run_until(end) - self._run_until(start) if end > start else 0

    def add_many(self, starts: Minutes, minutes: Minutes) -> Minutes:
        """Do what `add` does, for arrays of one length; raises NoWorkingTime if one of them would."""
        if starts.size == 0:
            return starts.copy()
        if starts.min() < self._first or starts.max() > self._last:
            raise NoWorkingTime
        at = np.searchsorted(self._opens_array, starts, side="right") - 1
        run = np.minimum(self._before_array[at] + starts - self._opens_array[at], self._after_array[at])
        target = run + minutes
        at = np.searchsorted(self._after_array, target, side="left")
        if at.max() == len(self._after):
            raise NoWorkingTime
        due = self._opens_array[at] + target - self._before_array[at]
        return np.where(minutes <= 0, starts, due)

    def _run_until(self, moment: int) -> int:
        """Return the minutes run from the first moment of the calendar to this one."""
        if not self._first <= moment <= self._last:
            raise NoWorkingTime
        at = bisect_right(self._opens, moment) - 1
        return min(self._before[at] + moment - self._opens[at], self._after[at])
