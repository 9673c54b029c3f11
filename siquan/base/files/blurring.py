"""Make faces and plates unrecognisable for good: what is left of each is a handful of rough colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PIL import Image

from siquan.base.files.detection import Box, Found

# By how much of its own width and height a box grows on every side: hair and ears say who it is, too.
FACE_GROWS: Final = 0.35
PLATE_GROWS: Final = 0.25
LEAST_GROWTH: Final = 3.0  # pixels
# So many cells are left: far fewer than what a gallery of faces or an alphabet could be matched against.
FACE_CELLS: Final = (4, 4)
PLATE_CELLS: Final = (3, 1)
WHOLE: Final = 1000  # areas marked by hand are in thousandths of the picture's sides
LEVELS: Final = 16  # steps of brightness that are left of 256


def blurred(
    picture: Image.Image, found: Found, areas: Sequence[tuple[int, int, int, int]] = ()
) -> Image.Image:
    """Return a copy of the RGB picture in which nothing that was found can be recognised.

    `areas` were marked by a person: left, top, right, bottom in thousandths; they are covered as they are.
    """
    copy = picture.copy()
    for boxes, grows, cells in (
        (found.faces, FACE_GROWS, FACE_CELLS),
        (found.plates, PLATE_GROWS, PLATE_CELLS),
    ):
        for box in boxes:
            _wipe(copy, grown(box, grows, copy.size), cells)
    for area in areas:
        _wipe(copy, in_pixels(area, copy.size), FACE_CELLS)
    return copy


def in_pixels(area: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return an area in thousandths as whole pixels, rounded outwards."""
    left, top, right, bottom = area
    width, height = size
    return (
        left * width // WHOLE,
        top * height // WHOLE,
        -(-right * width // WHOLE),
        -(-bottom * height // WHOLE),
    )


def grown(box: Box, by: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the box grown by this share of its sides, in whole pixels inside the picture."""
    wide = max(LEAST_GROWTH, (box.right - box.left) * by)
    high = max(LEAST_GROWTH, (box.bottom - box.top) * by)
    return (
        max(0, math.floor(box.left - wide)),
        max(0, math.floor(box.top - high)),
        min(size[0], math.ceil(box.right + wide)),
        min(size[1], math.ceil(box.bottom + high)),
    )


def _wipe(picture: Image.Image, area: tuple[int, int, int, int], cells: tuple[int, int]) -> None:
    """Replace an area by a few mean colours, rounded, that run into each other."""
    left, top, right, bottom = area
    if right <= left or bottom <= top:
        return
    step = 256 // LEVELS
    few = picture.crop(area).resize(cells, Image.Resampling.BOX)
    few = few.point(lambda value: value // step * step + step // 2)
    picture.paste(few.resize((right - left, bottom - top), Image.Resampling.BICUBIC), area)
