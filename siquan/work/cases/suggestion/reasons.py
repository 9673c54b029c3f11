"""The words that decided: what each run of characters added, laid back onto the text and read as phrases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.features import Part
from siquan.work.cases.suggestion.grams import Joined, Whole
from siquan.work.cases.suggestion.weights import Weights

MOST: Final = 5  # phrases that are told
LONGEST: Final = 12  # characters of a phrase
SHARE: Final = 0.2  # of the strongest character's part, from which a character belongs to a phrase
WORTH_TELLING: Final = 0.15  # of the strongest phrase's weight
GRAMMAR: Final = frozenset("的了吗呢吧我你他")
_WORDS: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Reason:
    """A phrase of the text, and what it added to the score of the label over the labels' average."""

    words: str
    weight: float


def reasons(
    texts: Sequence[str],
    joined: Joined,
    found: Sequence[Part],
    weights: Weights,
    label: Whole,
) -> list[tuple[Reason, ...]]:
    """Return for each text the phrases that spoke most for its label, the strongest first."""
    added = np.zeros(len(joined.codes) + 1)
    for part in found:
        if not len(part.text):
            continue
        each = (weights.speaks(part, label) * part.value / part.count / part.block.length)[part.entry]
        for place in range(part.block.length):
            added += np.bincount(part.start + place, each, minlength=len(added))
    ends = joined.ends
    return [_phrases(text, added[ends[at] : ends[at + 1]]) for at, text in enumerate(texts)]


def _phrases(text: str, added: NDArray[np.float64]) -> tuple[Reason, ...]:
    if not len(added) or added.max() <= 0:
        return ()
    told: dict[str, float] = {}
    for first, last in _runs(added > SHARE * added.max()):
        for words in _WORDS.finditer(text, first, last):
            start, end = _trimmed(text, *_readable(text, added, *words.span()))
            if end - start > 1:
                told[text[start:end]] = told.get(text[start:end], 0.0) + float(added[start:end].sum())
    strongest = _joined(told)[:MOST]
    return tuple(Reason(words, each) for words, each in strongest if each >= WORTH_TELLING * strongest[0][1])


def _joined(told: dict[str, float]) -> list[tuple[str, float]]:
    """Return the phrases, the strongest first; a part of another one goes with the stronger of the two."""
    kept: dict[str, float] = {}
    for words, weight in sorted(told.items(), key=lambda each: -each[1])[: 4 * MOST]:
        same = next((each for each in kept if words in each or each in words), words)
        kept[same] = kept.get(same, 0.0) + weight
    return sorted(kept.items(), key=lambda each: -each[1])


def _trimmed(text: str, first: int, last: int) -> tuple[int, int]:
    """Return a stretch without what stands at its ends for grammar only."""
    while first < last and text[first] in GRAMMAR:
        first += 1
    while first < last and text[last - 1] in GRAMMAR:
        last -= 1
    return first, last


def _runs(strong: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(strong, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _readable(text: str, added: NDArray[np.float64], first: int, last: int) -> tuple[int, int]:
    """Return a stretch one can read: a single character takes its stronger neighbour, a long one is cut."""
    if last - first > LONGEST:
        sums = np.convolve(added[first:last], np.ones(LONGEST), "valid")
        first += int(sums.argmax())
        return first, first + LONGEST
    if last - first == 1:
        before = added[first - 1] if first and text[first - 1].isalnum() else -np.inf
        after = added[last] if last < len(text) and text[last].isalnum() else -np.inf
        if max(before, after) > -np.inf:
            return (first - 1, last) if before > after else (first, last + 1)
    return first, last
