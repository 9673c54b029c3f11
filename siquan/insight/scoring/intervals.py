"""How sure a rate is, and which ranks really differ: Wilson intervals, Newcombe's difference, shared ranks.

Only the interval is a fraction with a point; rates themselves stay two integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 95


@dataclass(frozen=True, slots=True)
class Count:
    """What an interval needs: weighted points of weighted full points, and what the answers are worth.

    `worth` is Kish's effective number of answers: their number, less when weights differ.
    """

    numerator: int
    denominator: int
    worth: float

    @property
    def share(self) -> float:
        """The rate as a number between 0 and 1."""
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where the rate lies, between 0 and 1."""

    low: float
    high: float


def effective_count(weight: int, weight_squares: int) -> float:
    """Return how many equal answers say as much as answers with these weights (Kish 1965)."""
    return weight * weight / weight_squares if weight_squares else 0.0


def z_of(confidence: float, comparisons: int = 1) -> float:
    """Return the normal quantile for a two-sided confidence in per cent, shared by comparisons (Šidák)."""
    each = (confidence / 100) ** (1 / max(comparisons, 1))
    return NormalDist().inv_cdf((1 + each) / 2)


def wilson(count: Count, z: float) -> Interval:
    """Return Wilson's score interval (1927); for points between 0 and full it is on the careful side."""
    share, n = count.share, count.worth
    spread = z * z / n
    middle = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * sqrt(share * (1 - share) / n + spread / (4 * n))
    return Interval(max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach)))


def differ(one: Count, other: Count, z: float) -> bool:
    """Tell whether two rates differ by more than chance (Newcombe 1998, hybrid score)."""
    high, low = (one, other) if one.share >= other.share else (other, one)
    gap = high.share - low.share
    upper, lower = wilson(high, z), wilson(low, z)
    return gap > sqrt((high.share - upper.low) ** 2 + (lower.high - low.share) ** 2)


@dataclass(frozen=True, slots=True)
class Rank:
    """The ranks something may have: first one more than are surely better, last without the surely worse."""

    first: int
    last: int

    @property
    def is_tie(self) -> bool:
        """Tell whether the rank is shared."""
        return self.first != self.last


def ranks(counts: Sequence[Count], confidence: float = CONFIDENCE) -> list[Rank]:
    """Return the range of ranks of each, in the order given.

    All pairs are compared at once: with the given confidence no pair is called different by chance alone.
    """
    many = len(counts)
    z = z_of(confidence, many * (many - 1) // 2)
    better, worse = [0] * many, [0] * many
    for here in range(many):
        for there in range(here):
            if not differ(counts[here], counts[there], z):
                continue
            up = counts[here].share > counts[there].share
            best, least = (here, there) if up else (there, here)
            worse[best] += 1
            better[least] += 1
    return [Rank(1 + better[each], many - worse[each]) for each in range(many)]


def tenths(numerator: int, denominator: int) -> int:
    """Return a rate in tenths of a per cent, rounded half up; all and none are said only when it is so."""
    rounded = (2000 * numerator + denominator) // (2 * denominator)
    if 0 < numerator < denominator:
        return min(max(rounded, 1), 999)
    return rounded


def percent(numerator: int, denominator: int) -> str:
    """Return a rate as people write it: 86.4."""
    whole, tenth = divmod(tenths(numerator, denominator), 10)
    return f"{whole}.{tenth}"
