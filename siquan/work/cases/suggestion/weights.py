"""The weights of a model as they are reckoned with: all of them, or of many labels only those that count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.features import Part
from siquan.work.cases.suggestion.grams import Whole

WIDENED: Final = 2_500_000  # weights that are held twice as wide, because that is faster
FEW: Final = 0.1  # share of weights other than 0 up to which only those are held

Doubles = NDArray[np.float64]


class Weights(Protocol):
    """A weight for every known run of characters and every label."""

    def table(self) -> NDArray[np.float16]:
        """Return them as a table, a row per run and a column per label."""

    def scores(self, part: Part, texts: int) -> Doubles:
        """Return what a block adds to the scores of so many texts: a row per text, a column per label."""

    def speaks(self, part: Part, label: Whole) -> NDArray[Any]:
        """Return how much more each run of a block speaks for its text's label than for the average one."""


def weights_of(table: NDArray[np.float16]) -> Weights:
    """Return a table of weights in the form that is smallest and fastest for it."""
    return Sparse.of(table) if np.count_nonzero(table) <= FEW * table.size else Dense(table)


@dataclass(frozen=True)
class Dense:
    """All weights of a model of few labels."""

    rows: NDArray[np.float16]

    def table(self) -> NDArray[np.float16]:
        """Return them as they are."""
        return self.rows

    def scores(self, part: Part, texts: int) -> Doubles:
        """Multiply text by text: so the rows of one stay in the cache."""
        scores = np.zeros((texts, self.rows.shape[1]))
        ends = np.searchsorted(part.text, np.arange(texts + 1))
        for text in range(texts):
            held = slice(ends[text], ends[text + 1])
            rows = self._wide[part.column[held]].astype(np.float32, copy=False)
            scores[text] = part.value[held] @ rows
        return scores

    def speaks(self, part: Part, label: Whole) -> NDArray[Any]:
        """Take the label's column, less the mean of all columns."""
        rows = self._wide[part.column].astype(np.float32, copy=False)
        spoken: NDArray[Any] = rows[np.arange(len(rows)), label[part.text]] - rows.mean(axis=1)
        return spoken

    @cached_property
    def _wide(self) -> NDArray[Any]:
        return self.rows if self.rows.size > WIDENED else self.rows.astype(np.float32)


@dataclass(frozen=True)
class Sparse:
    """The weights other than 0, row after row: a fiftieth of the memory where labels are hundreds."""

    shape: tuple[int, int]
    starts: Whole  # of each row, and the end of the last
    label: NDArray[np.uint16]
    value: NDArray[np.float32]

    @classmethod
    def of(cls, table: NDArray[np.float16]) -> Sparse:
        """Keep what is not 0 of a table."""
        row, label = np.nonzero(table)
        starts = np.searchsorted(row, np.arange(len(table) + 1))
        value = table[row, label].astype(np.float32)
        return cls((len(table), table.shape[1]), starts, label.astype(np.uint16), value)

    def table(self) -> NDArray[np.float16]:
        """Return the table they were kept from."""
        table = np.zeros(self.shape, dtype=np.float16)
        table[np.repeat(np.arange(self.shape[0]), np.diff(self.starts)), self.label] = self.value
        return table

    def scores(self, part: Part, texts: int) -> Doubles:
        """Add every weight to its text and label."""
        entry, at = self._held(part)
        place = part.text[entry] * self.shape[1] + self.label[at]
        scores = np.zeros(texts * self.shape[1])
        scores += np.bincount(place, part.value[entry] * self.value[at], minlength=len(scores))
        return scores.reshape(texts, self.shape[1])

    def speaks(self, part: Part, label: Whole) -> NDArray[Any]:
        """Take the label's weight where there is one, less the mean of all labels."""
        entry, at = self._held(part)
        weight = np.bincount(entry, self.value[at], minlength=len(part.text)) / -self.shape[1]
        own = self.label[at] == label[part.text[entry]]
        weight[entry[own]] += self.value[at[own]]
        return weight

    def _held(self, part: Part) -> tuple[Whole, Whole]:
        """Return which entries of a block have weights, and where those lie: an entry for each weight."""
        first = self.starts[part.column]
        counts = self.starts[part.column + 1] - first
        entry = np.repeat(np.arange(len(counts)), counts)
        return entry, np.arange(len(entry)) + np.repeat(first - np.cumsum(counts) + counts, counts)
