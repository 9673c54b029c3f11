"""A perceptual hash: pictures that look the same have nearly the same 64 bits.

The DCT pHash as the `imagehash` library computes it: grey, 32 × 32, the 8 × 8 lowest frequencies, each
above or below their median. Two shots scaled, recompressed or a little brighter differ in a few bits of 64;
different scenes in about 32.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BITS: Final = 64
NEAR: Final = 8  # bits; up to here two pictures count as nearly the same
_SIDE, _KEPT = 32, 8


def likeness(picture: Image.Image) -> int:
    """Return the hash of a picture as a signed 64-bit number, as PostgreSQL keeps it."""
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(grey, np.float64)
    lowest = (_cosines() @ pixels @ _cosines().T)[:_KEPT, :_KEPT]
    bits = (lowest > np.median(lowest)).ravel()
    number: int = int("".join("1" if bit else "0" for bit in bits), 2)
    return number - (1 << BITS) if number >> (BITS - 1) else number


def distance(one: int, other: int) -> int:
    """Return in how many bits two hashes differ."""
    return ((one ^ other) & ((1 << BITS) - 1)).bit_count()


@cache
def _cosines() -> NDArray[np.float64]:
    """Return the matrix of the discrete cosine transform (type II)."""
    at = np.arange(_SIDE)
    return np.cos(math.pi / _SIDE * np.outer(at, at + 0.5)) * 2.0
