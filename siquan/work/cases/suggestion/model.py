"""A trained model: texts in; label, probability, whether that is sure, and the words that decided out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.calibration import Calibration, Doubles
from siquan.work.cases.suggestion.features import Part, Vocabulary, known_share, parts
from siquan.work.cases.suggestion.grams import Joined, clean, join
from siquan.work.cases.suggestion.reasons import Reason, reasons
from siquan.work.cases.suggestion.weights import Weights

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
    """What was learned from labelled texts."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: Weights
    shifts: NDArray[np.float32]
    calibration: Calibration
    least_known: float  # share of a text's pairs of characters that must be known before anything is sure
    about: dict[str, Any] = field(default_factory=dict)

    def suggest(self, texts: Sequence[str], *, why: bool = True) -> Iterator[Suggestion]:
        """Give a suggestion for each text, in order; without `why` no words are looked for."""
        for first in range(0, len(texts), BATCH):
            yield from self._suggest([clean(each) for each in texts[first : first + BATCH]], why)

    def judge(self, texts: Sequence[str]) -> Judged:
        """Return a row of scores for each text, a column for each label; and how much of it was known."""
        scores = [np.zeros((0, len(self.labels)))]
        known = [np.zeros(0)]
        for first in range(0, len(texts), BATCH):
            joined = join([clean(each) for each in texts[first : first + BATCH]])
            found = parts(joined, self.vocabulary)
            scores.append(self._score(joined, found))
            known.append(known_share(found))
        return Judged(np.concatenate(scores), np.concatenate(known))

    def is_sure(self, chances: Doubles, known: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return for each text whether its likeliest label may be called sure."""
        is_likely: NDArray[np.bool_] = chances.max(axis=1) >= self.calibration.threshold
        return is_likely & (known >= self.least_known)

    def _score(self, joined: Joined, found: Sequence[Part]) -> Doubles:
        """Return the scores of joined texts from what was found in them."""
        scores = np.tile(self.shifts.astype(np.float64), (len(joined.heads), 1))
        for part in found:
            scores += self.weights.scores(part, len(scores))
        return scores

    def _suggest(self, texts: list[str], why: bool) -> Iterator[Suggestion]:
        joined = join(texts)
        found = parts(joined, self.vocabulary)
        chances = self.calibration.probabilities(self._score(joined, found))
        best = chances.argmax(axis=1)
        sure = self.is_sure(chances, known_share(found))
        because = reasons(texts, joined, found, self.weights, best) if why else [()] * len(texts)
        for number, label in enumerate(best):
            chance = float(chances[number, label])
            yield Suggestion(self.labels[label], chance, bool(sure[number]), because[number])
