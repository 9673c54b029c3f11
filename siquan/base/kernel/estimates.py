"""What a sample says about all: a share with its standard error and its 95 % interval.

Sources: E. B. Wilson, "Probable inference", JASA 22 (1927); W. G. Cochran, "Sampling Techniques", 3rd
ed. 1977, section 5.10 (stratified shares, finite population correction); E. L. Korn and B. I. Graubard,
Survey Methodology 24 (1998), for the effective sample size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

Z95: Final = 1.959963984540054
FEW: Final = 10  # answers below which a stratum cannot tell its own variance


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where a share may lie."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum of a sample: `population` members, `asked` of them answered, `hits` said yes."""

    population: int
    asked: int
    hits: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if not 0 <= self.hits <= self.asked <= self.population:
            raise ValueError("0 ≤ hits ≤ asked ≤ population")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share of all, estimated from a stratified sample; `asked` of `population` answered.

    `share` is None when nobody answered. `unheard` members lie in strata of which nobody answered: the
    estimate says nothing of them.
    """

    share: float | None
    error: float
    low: float
    high: float
    population: int
    asked: int
    hits: int
    unheard: int


def wilson(hits: float, asked: float, z: float = Z95) -> Interval:
    """Return Wilson's interval of a share; everything between 0 and 1 when nobody was asked."""
    if asked <= 0:
        return Interval(0.0, 1.0)
    share, square = hits / asked, z * z
    middle = (share + square / (2 * asked)) / (1 + square / asked)
    half = z / (1 + square / asked) * math.sqrt(share * (1 - share) / asked + square / (4 * asked * asked))
    low = 0.0 if hits <= 0 else max(0.0, middle - half)
    return Interval(low, 1.0 if hits >= asked else min(1.0, middle + half))


def stratified(strata: Iterable[Stratum]) -> Estimate:
    """Return the share of all that a stratified sample tells, weighted by its design.

    Each stratum speaks for its members. The finite population correction takes what was asked for certain: a
    census has no error. Strata with few answers cannot tell their own variance (five of five are no proof
    of certainty), so they share one. The interval is Wilson's with the effective sample size.
    """
    rows = [each for each in strata if each.population]
    heard = [each for each in rows if each.asked]
    unheard = sum(each.population for each in rows if not each.asked)
    population, asked, hits = (
        sum(getattr(each, name) for each in heard) for name in ("population", "asked", "hits")
    )
    if not asked:
        return Estimate(None, 0.0, 0.0, 1.0, 0, 0, 0, unheard)
    share = _weighted(heard)
    few = _spread_of([each for each in heard if each.asked < FEW and each.asked < each.population])
    variance = sum((each.population / population) ** 2 * _variance(each, few) for each in heard)
    interval = _interval(share, variance, population, asked)
    return Estimate(share, math.sqrt(variance), interval.low, interval.high, population, asked, hits, unheard)


def _weighted(strata: list[Stratum]) -> float:
    population = sum(each.population for each in strata)
    return sum(each.population / population * each.hits / each.asked for each in strata)


def _spread_of(few: list[Stratum]) -> float:
    """Return the variance of one member, as strata with few answers tell it together."""
    asked = sum(each.asked for each in few)
    if asked < 2:
        return 0.25  # one answer of many: nothing is known, so the most that can be
    share = _weighted(few)
    return share * (1 - share) * asked / (asked - 1)


def _variance(each: Stratum, few: float) -> float:
    if each.asked == each.population:
        return 0.0
    share = each.hits / each.asked
    spread = few if each.asked < FEW else share * (1 - share) * each.asked / (each.asked - 1)
    return (1 - each.asked / each.population) * spread / each.asked


def _interval(share: float, variance: float, population: int, asked: int) -> Interval:
    if asked == population:
        return Interval(share, share)
    corrected = asked / (1 - asked / population)  # what the correction makes of a simple sample of this size
    effective = share * (1 - share) / variance if variance > 0 and 0 < share < 1 else corrected
    found = wilson(share * effective, effective)
    return Interval(min(found.low, share), max(found.high, share))
