"""Two models on the same letters: what each got right, how far they differ, and whether that may be chance.

Sources: D. G. Bonett and R. M. Price, "Adjusted Wald confidence interval for a difference of binomial
proportions based on paired data", Journal of Educational and Behavioral Statistics 37 (2012), which holds for
few letters too; B. Efron, Annals of Statistics 7 (1979), for macro-F1: the letters drawn anew, many times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from siquan.base.kernel.estimates import Z95
from siquan.work.cases.suggestion.grams import Whole

Yes = NDArray[np.bool_]

DRAWS: Final = 1000
OUTSIDE: Final = 0.05  # of what may happen lies outside an interval
SEED: Final = 20261129


@dataclass(frozen=True)
class Said:
    """What a model said about letters: the number of the label, and whether it called that sure."""

    label: Whole
    sure: Yes


@dataclass(frozen=True)
class Tally:
    """How one model fared: letters it got right, letters it was sure of, those of them it got right."""

    right: int
    sure: int
    sure_right: int
    macro_f1: float


@dataclass(frozen=True)
class Difference:
    """How much more the second has than the first, and between which bounds that lies; 1 is a hundred %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Two models on the same letters; without a first one there is nothing to compare."""

    letters: int
    new: Tally
    old: Tally | None = None
    accuracy: Difference | None = None
    macro_f1: Difference | None = None
    sure: Difference | None = None


def compare(truth: Whole, new: Said, old: Said | None) -> Comparison:
    """Return how a new and an old model fare on letters with these labels; each letter stands for itself."""
    if old is None:
        return Comparison(len(truth), tally(truth, new))
    return Comparison(
        len(truth),
        tally(truth, new),
        tally(truth, old),
        accuracy=paired(old.label == truth, new.label == truth),
        macro_f1=macro_difference(truth, old.label, new.label),
        sure=paired(old.sure, new.sure),
    )


def tally(truth: Whole, said: Said) -> Tally:
    """Return how a model fared on letters with these labels."""
    right = said.label == truth
    return Tally(
        int(right.sum()), int(said.sure.sum()), int((right & said.sure).sum()), macro_f1(truth, said.label)
    )


def macro_f1(truth: Whole, said: Whole) -> float:
    """Return the plain mean of the labels' F1, over labels that letters have or were given."""
    if not len(truth):
        return 0.0
    count = int(max(truth.max(), said.max())) + 1
    right = np.bincount(truth[truth == said], minlength=count)
    both = np.bincount(truth, minlength=count) + np.bincount(said, minlength=count)
    seen = both > 0
    return float((2 * right[seen] / both[seen]).mean())


def paired(one: Yes, other: Yes) -> Difference:
    """Return by how much the share of the other exceeds that of the one, with a 95 % interval."""
    count = len(one)
    gained, lost = int((other & ~one).sum()), int((one & ~other).sum())
    up, down = (gained + 1) / (count + 2), (lost + 1) / (count + 2)
    half = Z95 * math.sqrt((up + down - (up - down) ** 2) / (count + 2))
    return Difference(
        (gained - lost) / max(count, 1), max(-1.0, up - down - half), min(1.0, up - down + half)
    )


def macro_difference(truth: Whole, one: Whole, other: Whole) -> Difference:
    """Return by how much the other's macro-F1 exceeds the one's, with the interval of drawing anew."""
    if not len(truth):
        return Difference(0.0, 0.0, 0.0)
    random = np.random.default_rng(SEED)
    found = np.empty(DRAWS)
    for draw in range(DRAWS):
        chosen = random.integers(0, len(truth), len(truth))
        found[draw] = macro_f1(truth[chosen], other[chosen]) - macro_f1(truth[chosen], one[chosen])
    low, high = np.quantile(found, [OUTSIDE / 2, 1 - OUTSIDE / 2])
    return Difference(macro_f1(truth, other) - macro_f1(truth, one), float(low), float(high))


def as_plain(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain numbers, as it is kept and journalled."""
    plain: dict[str, Any] = {"letters": found.letters, "new": vars(found.new)}
    if found.old:
        plain["old"] = vars(found.old)
    for name in ("accuracy", "macro_f1", "sure"):
        if difference := getattr(found, name):
            plain[name] = [difference.value, difference.low, difference.high]
    return plain
