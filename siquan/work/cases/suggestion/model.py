"""A trained model: texts in; label, probability, whether that is sure, and the words that decided out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.calibration import Calibration, Doubles
from siquan.work.cases.suggestion.features import Part, Vocabulary, known_share, parts
from siquan.work.cases.suggestion.grams import Joined, clean, join
from siquan.work.cases.suggestion.reasons import Reason, reasons

WIDENED: Final = 2_500_000  # weights that are held twice as wide, because that is faster
MANY: Final = 500  # texts for which a wide copy of the weights is worth making; it is dropped again
BATCH: Final = 64  # texts that are worked on together: enough to be fast, few enough to stay in the cache


@dataclass(frozen=True)
class Suggestion:
    """What a text is about: the likeliest label, how likely, whether that is sure, and why."""

    label: str
    probability: float
    is_sure: bool
    because: tuple[Reason, ...]


@dataclass(frozen=True)
class Judged:
    """What a model makes of texts before it says so: scores, and the share of each text that it knows."""

    scores: Doubles
    known: NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """What was learned from labelled texts. `weights` has a row per known run, a column per label."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.float16]
    shifts: NDArray[np.float32]
    calibration: Calibration
    least_known: float  # share of a text's pairs of characters that must be known before anything is sure
    about: dict[str, Any] = field(default_factory=dict)

    def suggest(self, texts: Sequence[str], *, why: bool = True) -> Iterator[Suggestion]:
        """Give a suggestion for each text, in order; without `why` no words are looked for."""
        weights = self.weights.astype(np.float32) if len(texts) >= MANY else self._weights
        for first in range(0, len(texts), BATCH):
            yield from self._suggest([clean(each) for each in texts[first : first + BATCH]], why, weights)

    def judge(self, texts: Sequence[str]) -> Judged:
        """Return a row of scores for each text, a column for each label; and how much of it was known."""
        scores = [np.zeros((0, len(self.labels)))]
        known = [np.zeros(0)]
        for first in range(0, len(texts), BATCH):
            joined = join([clean(each) for each in texts[first : first + BATCH]])
            found = parts(joined, self.vocabulary)
            scores.append(self._score(joined, found, self._weights))
            known.append(known_share(found))
        return Judged(np.concatenate(scores), np.concatenate(known))

    def is_sure(self, chances: Doubles, known: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return for each text whether its likeliest label may be called sure."""
        is_likely: NDArray[np.bool_] = chances.max(axis=1) >= self.calibration.threshold
        return is_likely & (known >= self.least_known)

    def _score(self, joined: Joined, found: Sequence[Part], weights: NDArray[Any]) -> Doubles:
        """Return the scores of joined texts from what was found in them."""
        scores = np.tile(self.shifts.astype(np.float64), (len(joined.heads), 1))
        for part in found:
            ends = np.searchsorted(part.text, np.arange(len(scores) + 1))
            for text in range(len(scores)):
                held = slice(ends[text], ends[text + 1])
                scores[text] += part.value[held] @ weights[part.column[held]].astype(np.float32, copy=False)
        return scores

    @cached_property
    def _weights(self) -> NDArray[Any]:
        """Return the weights as they are reckoned with; many labels stay as small as they are in the file."""
        return self.weights if self.weights.size > WIDENED else self.weights.astype(np.float32)

    def _suggest(self, texts: list[str], why: bool, weights: NDArray[Any]) -> Iterator[Suggestion]:
        joined = join(texts)
        found = parts(joined, self.vocabulary)
        chances = self.calibration.probabilities(self._score(joined, found, weights))
        best = chances.argmax(axis=1)
        sure = self.is_sure(chances, known_share(found))
        because = reasons(texts, joined, found, weights, best) if why else [()] * len(texts)
        for number, label in enumerate(best):
            chance = float(chances[number, label])
            yield Suggestion(self.labels[label], chance, bool(sure[number]), because[number])
