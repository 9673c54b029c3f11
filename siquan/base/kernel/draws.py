"""Random draws that anyone can replay: a seed and a list give the same sample on every machine.

Each member gets the number SHA-256("seed:member"); those with the smallest numbers are drawn. So the draw
depends on no library, no order of the list and no other stratum, and every member has the same chance.
A seed can be committed to before the list is known: publish its `commitment` first, the seed afterwards.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput


def new_seed() -> str:
    """Return a seed nobody can guess."""
    return secrets.token_hex(16)


def commitment(seed: str) -> str:
    """Return what is published of a seed before the draw: its SHA-256, in hexadecimal digits."""
    return hashlib.sha256(f"siquan draw:{seed}".encode()).hexdigest()


def keeps(commitment_: str, seed: str) -> bool:
    """Tell whether a seed is the one that was committed to."""
    return hmac.compare_digest(commitment(seed), commitment_)


def ranked(seed: str, members: Iterable[str]) -> list[str]:
    """Return the members in the order of the draw; each once, whatever order they came in."""
    return sorted(set(members), key=lambda each: (_number(seed, each), each))


def drawn(seed: str, strata: Mapping[str, Iterable[str]], sizes: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the sample of each stratum; a stratum smaller than its size is taken whole."""
    return {name: ranked(seed, members)[: max(0, sizes.get(name, 0))] for name, members in strata.items()}


def _number(seed: str, member: str) -> bytes:
    return hashlib.sha256(f"{seed}:{member}".encode()).digest()


def sizes_by_fraction(
    population: Mapping[str, int],
    fraction: float,
    *,
    fractions: Mapping[str, float] | None = None,
    at_least: int = 0,
) -> dict[str, int]:
    """Return how many to draw of each stratum: its own fraction or the common one, rounded up.

    `at_least` so many are drawn of each stratum that has them and is to be drawn from at all.
    """
    own = fractions or {}
    return {name: _part(count, own.get(name, fraction), at_least) for name, count in population.items()}


def _part(count: int, fraction: float, at_least: int) -> int:
    if not 0 <= fraction <= 1:
        raise BadInput(_("抽样比例须在0到1之间。"), field="fraction")
    if fraction == 0:
        return 0
    exact = Fraction(fraction).limit_denominator(1_000_000) * count
    return min(count, max(-(-exact.numerator // exact.denominator), at_least))


def sizes_by_total(population: Mapping[str, int], total: int, *, at_least: int = 0) -> dict[str, int]:
    """Return how many to draw of each stratum when `total` are drawn in all, in proportion.

    `at_least` so many are drawn of each stratum that has them, as far as `total` reaches.
    """
    if total < 0:
        raise BadInput(_("样本量不能是负数。"), field="size")
    wanted = min(total, sum(population.values()))
    names = sorted(population)
    sizes = dict.fromkeys(names, 0)
    for _round in range(at_least):
        for name in names:
            if sizes[name] < population[name] and sum(sizes.values()) < wanted:
                sizes[name] += 1
    left, room = wanted - sum(sizes.values()), sum(population.values())
    if left <= 0 or not room:
        return sizes
    ideal = {name: Fraction(wanted * population[name], room) for name in names}
    while left > 0:
        # The stratum that is furthest below its share gets the next one.
        open_ = [name for name in names if sizes[name] < population[name]]
        gain = max(open_, key=lambda name: (ideal[name] - sizes[name], population[name], name))
        step = max(1, min(left, int(ideal[gain] - sizes[gain]), population[gain] - sizes[gain]))
        sizes[gain] += step
        left -= step
    return sizes
