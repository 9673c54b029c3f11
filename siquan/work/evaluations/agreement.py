"""Do two people who look at the same thing say the same? Cohen's kappa and Krippendorff's alpha; pure.

Sources: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
Measurement 20 (1960); K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

Value = TypeVar("Value", bound=Hashable)


def cohen_kappa(pairs: Sequence[tuple[Value, Value]]) -> float | None:
    """Return how far two people agree beyond chance: 1 always, 0 as by chance; None when nothing can be said.

    None without pairs, and when both said one and the same every time: then chance agrees as well.
    """
    if not pairs:
        return None
    count = len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    seen = sum(one == other for one, other in pairs) / count
    by_chance = sum(first[value] * second[value] for value in first) / count**2
    return None if by_chance == 1 else (seen - by_chance) / (1 - by_chance)


def krippendorff_alpha(
    units: Sequence[Sequence[Value]], *, order: Sequence[Value] | None = None
) -> float | None:
    """Return how far any number of people agree on units, each of which some of them judged.

    Nominal without `order`; with the values in their order, ordinal: neighbours disagree less than ends.
    None when there is nothing to compare, or everybody said one and the same.
    """
    pairable = [list(unit) for unit in units if len(unit) > 1]
    totals = Counter(value for unit in pairable for value in unit)
    count = sum(totals.values())
    if len(totals) < 2:
        return None
    far = _ordinal(order, totals) if order is not None else _nominal
    seen = sum(
        far(one, other) / (len(unit) - 1)
        for unit in pairable
        for i, one in enumerate(unit)
        for j, other in enumerate(unit)
        if i != j
    )
    expected = sum(totals[one] * totals[other] * far(one, other) for one in totals for other in totals)
    return 1 - (count - 1) * seen / expected


def _nominal(one: Value, other: Value) -> float:
    return float(one != other)


def _ordinal(order: Sequence[Value], totals: Counter[Value]) -> Callable[[Value, Value], float]:
    """Return the squared distance of two ranks: as many values as lie between them, their own by half."""
    place = {value: number for number, value in enumerate(order)}

    def far(one: Value, other: Value) -> float:
        low, high = sorted((place[one], place[other]))
        if low == high:
            return 0.0
        between = sum(totals[value] for value in order[low : high + 1])
        return (between - (totals[one] + totals[other]) / 2) ** 2

    return far
