"""Parts of a labelled file for cross-validation: near-duplicate letters never on both sides.

Near-duplicates are found by MinHash over runs of four characters, in bands, so that the work grows with the
number of letters and not with its square; candidates are then compared by the runs they really share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from siquan.work.cases.suggestion.grams import Block, Hashes, Whole, clean, join

SHINGLE: Final = Block(length=4, head_only=False, weight=1.0)
BANDS: Final = 40
ROWS: Final = 3  # of 40 bands of 3: a pair of letters that share half their runs is missed once in 200 times
ALIKE: Final = 0.5  # of the shorter letter's runs that are also the other's


def near_duplicates(texts: Sequence[str]) -> Whole:
    """Return for each text the number of its group; texts that mostly say the same have the same number."""
    found = join([clean(each) for each in texts]).occurrences(SHINGLE)
    shingles = [np.unique(each) for each in _split(found.hash, found.text, len(texts))]
    parent = list(range(len(texts)))
    for one, other in _candidates(shingles):
        first, second = _root(parent, one), _root(parent, other)
        if first != second and _alike(shingles[one], shingles[other]):
            parent[max(first, second)] = min(first, second)
    return np.unique([_root(parent, each) for each in range(len(texts))], return_inverse=True)[1]


def _split(hashes: Hashes, text: Whole, count: int) -> list[Hashes]:
    return np.split(hashes, np.searchsorted(text, np.arange(1, count)))


def _candidates(shingles: Sequence[Hashes]) -> Iterator[tuple[int, int]]:
    """Give pairs that have a band of their signatures in common; each with the one before it in the band."""
    random = np.random.default_rng(20260923)
    odd = random.integers(1, 2**63, size=BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for number, each in enumerate(shingles):
        if not len(each):
            continue
        with np.errstate(over="ignore"):
            spread = each[None, :] * odd[:, None]
        signature = (spread ^ (spread >> np.uint64(31))).min(axis=1).reshape(BANDS, ROWS)
        for band, row in enumerate(signature):
            bands[band, row.tobytes()].append(number)
    for members in bands.values():
        yield from pairwise(members)


def _alike(one: Hashes, other: Hashes) -> bool:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared >= ALIKE * min(len(one), len(other))


def _root(parent: list[int], each: int) -> int:
    while parent[each] != each:
        parent[each] = parent[parent[each]]
        each = parent[each]
    return each


def grouped_folds(labels: Whole, groups: Whole, *, count: int = 5, seed: int = 0) -> Whole:
    """Return for each letter the fold it is tested in: groups whole, each label spread evenly."""
    random = np.random.default_rng(seed)
    sizes = np.bincount(groups)
    order = random.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1])
    load = np.zeros((count, int(labels.max()) + 1))
    fold = np.zeros(len(labels), dtype=np.int64)
    for group in order:
        letters = members[group]
        wanted = labels[letters]
        crowd = load[:, wanted].sum(axis=1) * len(labels) + load.sum(axis=1)
        chosen = int(np.argmin(crowd))
        fold[letters] = chosen
        np.add.at(load, (chosen, wanted), 1)
    return fold
