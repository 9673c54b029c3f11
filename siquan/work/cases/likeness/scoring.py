"""The likeness of two reports as a probability, by weights that are data, and in words."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import add, mul
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

FEATURES: Final = ("one", "metres", "hours", "same", "near", "other", "words")
_LONGEST: Final = 300  # characters compared: what is meant stands at the beginning
_DISTANCE_UNIT: Final = 30.0  # metres in which the distance is counted
_TIME_UNIT: Final = 24.0  # hours
_OTHER: Final = re.compile(r"[\W_]+")  # neither letters nor digits


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two reports are; `kin` is 2 for the same category, 1 for a neighbour, 0 unknown, -1 other."""

    metres: float
    hours: float
    kin: int
    words: float

    def features(self) -> tuple[float, ...]:
        """Return the numbers that the weights belong to, in the order of FEATURES."""
        return (
            1.0,
            min(self.metres / _DISTANCE_UNIT, 6.0),
            math.log1p(abs(self.hours) / _TIME_UNIT),
            float(self.kin == 2),
            float(self.kin == 1),
            float(self.kin < 0),
            self.words,
        )

    def probability(self) -> float:
        """Return how likely it is that both are about the same matter."""
        return 1 / (1 + math.exp(-sum(map(mul, _in_order(), self.features()))))

    def why(self) -> str:
        """Return the reasons in words: 18 m away, same category, 2 h earlier, words alike."""
        parts = [_("相距%(metres)d米") % {"metres": round(self.metres)}]
        parts += {2: [_("类别相同")], 1: [_("类别相近")]}.get(self.kin, [])
        parts.append(_earlier(self.hours))
        if self.words >= ALIKE:
            parts.append(_("说法相近"))
        return _("，").join(parts)


ALIKE: Final = 0.35


def _earlier(hours: float) -> str:
    """Return how much earlier (or later) the other report came."""
    count, is_earlier = abs(hours), hours >= 0
    if count < 1:
        return _("几乎同时")
    if count < 48:
        words = (
            ngettext("早%(count)d小时", "早%(count)d小时", round(count))
            if is_earlier
            else ngettext("晚%(count)d小时", "晚%(count)d小时", round(count))
        )
        return words % {"count": round(count)}
    days = round(count / 24)
    words = (
        ngettext("早%(count)d天", "早%(count)d天", days)
        if is_earlier
        else ngettext("晚%(count)d天", "晚%(count)d天", days)
    )
    return words % {"count": days}


@cache
def weights() -> Mapping[str, float]:
    """Return the weights of the features and the threshold, as the file tells them."""
    with (Path(__file__).parent / "weights.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


@cache
def _in_order() -> tuple[float, ...]:
    return tuple(weights()[name] for name in FEATURES)


def threshold() -> float:
    """Return from which probability on two reports are shown as possibly the same."""
    return weights()["threshold"]


@dataclass(frozen=True, slots=True)
class Grams:
    """How often each character and each pair of characters stands in a text; `square` is their length."""

    counts: Mapping[str, int]
    square: int


def grams(text: str) -> Grams:
    """Return the characters and pairs of characters of a text."""
    even = _OTHER.sub("", text[:_LONGEST].casefold())
    counts = Counter(even)
    counts.update(map(add, even, even[1:]))  # a pair is never a character, so nothing is counted twice
    return Grams(counts, sum([count * count for count in counts.values()]))


def cosine(one: Grams, other: Grams) -> float:
    """Return how alike two texts are, 0 to 1."""
    few, many = sorted((one.counts, other.counts), key=len)
    product = sum([count * many[gram] for gram, count in few.items() if gram in many])
    return product / math.sqrt(one.square * other.square) if product else 0.0
