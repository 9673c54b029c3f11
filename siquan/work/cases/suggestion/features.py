"""Which runs of characters a model knows, what each is worth, and a text as a row of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.grams import Block, Hashes, Joined, Occurrences, Whole

Reals = NDArray[np.float32]

# Single characters carry the subject, pairs and triples the matter; the head is often a title.
BLOCKS: Final = (
    Block(length=1, head_only=False, weight=0.7),
    Block(length=2, head_only=False, weight=1.0),
    Block(length=3, head_only=False, weight=1.0),
    Block(length=1, head_only=True, weight=0.5),
    Block(length=2, head_only=True, weight=1.0),
)
FEWEST_TEXTS: Final = 2  # a run seen in one text only is a name more often than a word
SMOOTHING: Final = 2.0  # texts that are added to each run's, with the labels of all texts


@dataclass(frozen=True)
class Vocabulary:
    """The runs that are known, by hash in ascending order; `worth` is each one's weight before the text's."""

    blocks: tuple[Block, ...]
    hashes: Hashes
    worth: Reals

    def columns(self, hashes: Hashes) -> Whole:
        """Return for every run the column it is known under, -1 for none."""
        column = np.full(len(hashes), -1, dtype=np.int64)
        if not len(self.hashes):
            return column
        shift, starts = self._shelves
        shelf = (hashes >> shift).astype(np.int64)
        place, end = starts[shelf], starts[shelf + 1]
        left = np.flatnonzero(place < end)
        while len(left):
            there = place[left]
            is_it = self.hashes[there] == hashes[left]
            column[left[is_it]] = there[is_it]
            place[left] += 1
            left = left[~is_it & (there + 1 < end[left])]
        return column

    @cached_property
    def _shelves(self) -> tuple[np.uint64, Whole]:
        """Return how far to shift a hash to get its shelf, and where each shelf begins.

        Hashes are spread evenly, so that a shelf holds one or none: five times as fast as a binary search.
        """
        bits = max(len(self.hashes).bit_length() + 2, 4)
        shift = np.uint64(64 - bits)
        shelves = np.bincount((self.hashes >> shift).astype(np.int64), minlength=1 << bits)
        return shift, np.concatenate([[0], np.cumsum(shelves)]).astype(np.int32)


@dataclass(frozen=True)
class Part:
    """One block of several texts: each known run of each text once, and how it came from the occurrences."""

    block: Block
    known: NDArray[np.float64]  # of each text: which share of its runs is known, 0 without any
    text: Whole
    column: Whole
    value: Reals
    count: Whole
    start: Whole  # of every known occurrence
    entry: Whole  # of every known occurrence: where in `text`, `column`, `value` it went


def parts(joined: Joined, vocabulary: Vocabulary) -> list[Part]:
    """Return texts as rows, block by block; every text's values of a block have length `block.weight`."""
    found = [joined.occurrences(block) for block in vocabulary.blocks]
    # Looked up all at once: for a single short text most of the time would go into the calls.
    columns = vocabulary.columns(np.concatenate([each.hash for each in found]))
    ends = np.cumsum([len(each.hash) for each in found])[:-1]
    return [
        _part(joined, vocabulary, block, runs, column)
        for block, runs, column in zip(vocabulary.blocks, found, np.split(columns, ends), strict=True)
    ]


def _part(joined: Joined, vocabulary: Vocabulary, block: Block, found: Occurrences, column: Whole) -> Part:
    known = np.flatnonzero(column >= 0)
    width = max(len(vocabulary.hashes), 1)
    pair, entry, count = np.unique(
        found.text[known] * width + column[known], return_inverse=True, return_counts=True
    )
    text, at = pair // width, pair % width
    value = (1 + np.log(count)) * vocabulary.worth[at]
    length = np.sqrt(np.bincount(text, value * value, minlength=len(joined.heads)))
    value *= block.weight / np.maximum(length, 1e-9)[text]
    known_runs = np.bincount(found.text[known], minlength=len(joined.heads))
    share = known_runs / np.maximum(np.bincount(found.text, minlength=len(joined.heads)), 1)
    return Part(block, share, text, at, value.astype(np.float32), count, found.start[known], entry)


def known_share(found: Sequence[Part]) -> NDArray[np.float64]:
    """Return for each text which share of its pairs of characters is known; 0 without any."""
    return next(each.known for each in found if each.block.length == 2 and not each.block.head_only)


def learn_vocabulary(
    joined: Joined, labels: Sequence[int] | Whole, classes: int, *, blocks: Sequence[Block] = BLOCKS
) -> Vocabulary:
    """Return the runs of at least two texts, each worth what it tells about the label.

    The worth is the root of the Kullback-Leibler divergence of the labels of the texts that hold it from
    the labels of all texts: a run found everywhere is worth nothing, one of a single label the most.
    """
    labels = np.asarray(labels)
    prior = np.bincount(labels, minlength=classes) + 1e-3
    prior = prior / prior.sum()
    hashes: list[Hashes] = []
    worth: list[Reals] = []
    for block in blocks:
        known, counts = _counts(joined.occurrences(block), labels, classes)
        hashes.append(known)
        worth.append(_surprise(counts, prior))
    joined_hashes = np.concatenate(hashes)
    order = np.argsort(joined_hashes)
    return Vocabulary(tuple(blocks), joined_hashes[order], np.concatenate(worth)[order])


def _counts(found: Occurrences, labels: Whole, classes: int) -> tuple[Hashes, Whole]:
    """Return the runs of enough texts, and for each how many texts of each label hold it."""
    hashes, index = np.unique(found.hash, return_inverse=True)
    pair = np.unique(index * len(labels) + found.text)  # each run once a text
    index, text = pair // len(labels), pair % len(labels)
    kept = np.flatnonzero(np.bincount(index, minlength=len(hashes)) >= FEWEST_TEXTS)
    place = np.full(len(hashes), -1)
    place[kept] = np.arange(len(kept))
    held = place[index] >= 0
    cells = place[index[held]] * classes + labels[text[held]]
    return hashes[kept], np.bincount(cells, minlength=len(kept) * classes).reshape(len(kept), classes)


def _surprise(counts: Whole, prior: Reals) -> Reals:
    """Return for each run how far the labels of its texts are from the labels of all texts (√ nats)."""
    shares = counts + SMOOTHING * prior
    shares /= shares.sum(axis=1, keepdims=True)
    divergence = (shares * np.log(shares / prior)).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(divergence, 1e-9)), dtype=np.float32)
