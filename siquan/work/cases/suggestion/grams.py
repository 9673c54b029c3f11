"""Texts as numbers: every run of one to a few characters, hashed, with where it stands and how often.

A run of characters is known by a 64-bit hash of its code points, so that a model needs no words: the words
that decided are read from the text itself. All texts of a call are hashed together, as one array.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Whole = NDArray[np.int64]

LONGEST_TEXT: Final = 20_000  # characters that are read of one text
LONGEST_HEAD: Final = 60  # characters of a head: what stands before the first full stop
_HEAD_ENDS: Final = re.compile("[。！？!?\n]")
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)


@dataclass(frozen=True)
class Block:
    """A family of features: runs of `length` characters of the whole text, or of its head only."""

    length: int
    head_only: bool
    weight: float

    @property
    def salt(self) -> np.uint64:
        """Return what keeps this family's hashes apart from the others'."""
        return np.uint64(((self.length << 1) | self.head_only) * 0x2545F4914F6CDD1D % 2**64)


@dataclass(frozen=True)
class Occurrences:
    """Every run of one block: which text, where it begins in the joined text, its hash."""

    text: Whole
    start: Whole
    hash: Hashes


@dataclass(frozen=True)
class Joined:
    """Several texts as one array of characters; text `i` lies from `ends[i]` to `ends[i + 1]`."""

    codes: NDArray[np.uint32]
    ends: Whole
    heads: Whole

    def occurrences(self, block: Block) -> Occurrences:
        """Return every run of the block's length that lies inside one text."""
        lengths = self.heads if block.head_only else np.diff(self.ends)
        runs = np.maximum(lengths - block.length + 1, 0)
        text = np.repeat(np.arange(len(runs)), runs)
        first = np.cumsum(runs) - runs
        start = np.arange(len(text)) - np.repeat(first, runs) + np.repeat(self.ends[:-1], runs)
        return Occurrences(text, start, self._hashes(start, block))

    def _hashes(self, start: Whole, block: Block) -> Hashes:
        codes = self.codes.astype(np.uint64)
        found = np.full(len(start), block.salt, dtype=np.uint64)
        with np.errstate(over="ignore"):
            for place in range(block.length):
                found = (found ^ codes[start + place]) * _BASE
                found ^= found >> np.uint64(29)
            found *= _MIX
        return found ^ (found >> np.uint64(32))


def clean(text: str) -> str:
    """Return the text as it is read: without halves of characters, not longer than the longest."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def join(texts: Sequence[str]) -> Joined:
    """Return texts (already `clean`) as one array: width, case, digits made equal, no character lost."""
    lengths = np.array([len(each) for each in texts], dtype=np.int64)
    raw = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    low = raw < len(_PLAIN)
    codes = np.where(low, _PLAIN[np.where(low, raw, 0)], raw)
    ends = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    heads = np.array([_head_length(each) for each in texts], dtype=np.int64)
    return Joined(codes, ends, heads)


def _head_length(text: str) -> int:
    ends = _HEAD_ENDS.search(text, 0, LONGEST_HEAD)
    return ends.start() if ends else min(len(text), LONGEST_HEAD)


def _plain() -> NDArray[np.uint32]:
    """Return for each code point of the basic plane the one it is read as."""
    plain = np.arange(0x10000, dtype=np.uint32)
    plain[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)  # full width
    plain[:0x20] = plain[0xA0] = plain[0x3000] = 0x20
    plain[0x2000:0x2010] = 0x20
    upper = (plain >= ord("A")) & (plain <= ord("Z"))
    plain[upper] += 0x20
    plain[(plain >= ord("0")) & (plain <= ord("9"))] = ord("0")
    return plain


_PLAIN: Final = _plain()
