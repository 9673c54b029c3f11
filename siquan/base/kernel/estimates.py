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

    Each stratum speaks for its members. The finite population correction takes what was asked for certain:
    a census has no error. A stratum with a single answer that is not the whole of it has no variance of its
    own, so such strata are taken as one. The interval is Wilson's with the effective sample size.
    """
    rows = [each for each in strata if each.population]
    unheard = sum(each.population for each in rows if not each.asked)
    heard = _joined([each for each in rows if each.asked])
    population, asked, hits = (
        sum(getattr(each, name) for each in heard) for name in ("population", "asked", "hits")
    )
    if not asked:
        return Estimate(None, 0.0, 0.0, 1.0, 0, 0, 0, unheard)
    share = sum(each.population / population * each.hits / each.asked for each in heard)
    variance = sum((each.population / population) ** 2 * _variance(each) for each in heard)
    interval = _interval(share, variance, population, asked)
    return Estimate(share, math.sqrt(variance), interval.low, interval.high, population, asked, hits, unheard)


def _joined(strata: list[Stratum]) -> list[Stratum]:
    single = [each for each in strata if each.asked == 1 and each.population > 1]
    others = [each for each in strata if not (each.asked == 1 and each.population > 1)]
    if not single:
        return others
    if len(single) == 1 and others:
        # Alone it cannot tell its variance: it joins its largest neighbour.
        others.sort(key=lambda each: each.population)
        single.append(others.pop())
    joined = Stratum(
        sum(each.population for each in single),
        sum(each.asked for each in single),
        sum(each.hits for each in single),
    )
    return [*others, joined]


def _variance(each: Stratum) -> float:
    if each.asked == each.population:
        return 0.0
    if each.asked == 1:
        return 0.25  # one answer of many: nothing is known, so the most that can be
    share = each.hits / each.asked
    return (1 - each.asked / each.population) * share * (1 - share) / (each.asked - 1)


def _interval(share: float, variance: float, population: int, asked: int) -> Interval:
    if asked == population:
        return Interval(share, share)
    corrected = asked / (1 - asked / population)  # what the correction makes of a simple sample of this size
    effective = share * (1 - share) / variance if variance > 0 and 0 < share < 1 else corrected
    found = wilson(share * effective, effective)
    return Interval(min(found.low, share), max(found.high, share))
