"""Find faces and licence plates: two small networks, run on the processor over tiles of several sizes.

Recall comes first: a flower too many blurred costs little, a face too few costs somebody. Where the weights
come from: `weights/PROVENANCE.md`. Needs numpy, Pillow and onnxruntime, and nothing of Django.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Kept with every blurred picture; change it whenever other boxes may come out.
VERSION: Final = "centerface-bn+clp-2021/1"
WEIGHTS: Final = Path(__file__).with_name("weights")

FACE_SCORE: Final = 0.2
PLATE_SCORE: Final = 0.15
OVERLAP: Final = 0.4  # boxes that share more than this are one find
TILE: Final = 1024  # pixels; bounds the memory of one run
MARGIN: Final = 160  # pixels by which tiles overlap: what is larger is found whole at a smaller size
STEP: Final = 32  # both networks halve the picture five times
SMALLEST_SIDE: Final = 320
# Enlargements at which a picture is looked at as well, and the long side up to which it is done; for plates
# more of them: a small plate that hangs askew is found in one and missed in the other.
FACES_ENLARGED: Final = ((2.0, 1000),)
PLATES_ENLARGED: Final = ((1.5, 4000), (2.0, 1700))
_PLATE_STEPS: Final = ((8, (24, 48)), (16, (96, 192)), (32, (384, 768)))
_PLATE_MEAN: Final = (104.0, 117.0, 123.0)  # blue, green, red

Numbers = NDArray[np.float32]


class Box(NamedTuple):
    """Where something was found, in pixels from the top left, and how sure the network is (0 to 1)."""

    left: float
    top: float
    right: float
    bottom: float
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one picture."""

    faces: list[Box]
    plates: list[Box]


def find(picture: Image.Image) -> Found:
    """Return the faces and plates in an RGB picture."""
    return Found(
        faces=_everywhere(picture, _faces_in, FACES_ENLARGED),
        plates=_everywhere(picture, _plates_in, PLATES_ENLARGED),
    )


def count(boxes: Sequence[Box]) -> int:
    """Return how many things the boxes show: boxes whose middle lies in a surer one show the same."""
    counted: list[Box] = []
    for box in boxes:
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        if not any(each.left <= x <= each.right and each.top <= y <= each.bottom for each in counted):
            counted.append(box)
    return len(counted)


def _everywhere(
    picture: Image.Image,
    look: Callable[[NDArray[np.uint8]], Numbers],
    enlarged: Sequence[tuple[float, int]],
) -> list[Box]:
    """Return what `look` finds in the tiles of every size of the picture."""
    finds = [np.empty((0, 5), np.float32)]
    for scale in scales(max(picture.size), enlarged):
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        pixels = np.asarray(picture if scale == 1 else picture.resize(size, Image.Resampling.BICUBIC))
        for left, top in _tiles(*size):
            found = look(pixels[top : top + TILE, left : left + TILE])
            found[:, :4] += (left, top, left, top)
            found[:, :4] /= scale
            finds.append(found)
    return [Box(*map(float, row)) for row in without_repeats(np.concatenate(finds))]


def scales(long_side: int, enlarged: Sequence[tuple[float, int]]) -> list[float]:
    """Return the sizes at which a picture is looked at: small faces need many pixels, large ones few."""
    found, scale = [1.0], 0.5
    while long_side * scale >= SMALLEST_SIDE:
        found.append(scale)
        scale /= 2
    return found + [scale for scale, up_to in enlarged if long_side <= up_to]


def _tiles(width: int, height: int) -> Iterator[tuple[int, int]]:
    """Return the corners of overlapping tiles that cover the picture."""
    for top in _starts(height):
        for left in _starts(width):
            yield left, top


def _starts(length: int) -> list[int]:
    if length <= TILE:
        return [0]
    count = -(-(length - MARGIN) // (TILE - MARGIN))
    return [round(number * (length - TILE) / (count - 1)) for number in range(count)]


def without_repeats(found: Numbers) -> Numbers:
    """Return the finds, surest first, without those that are mostly another one."""
    rest = found[found[:, 4].argsort()[::-1]]
    areas = (rest[:, 2] - rest[:, 0]) * (rest[:, 3] - rest[:, 1])
    rest = rest[areas > 0]
    kept = []
    while len(rest):
        first, rest = rest[0], rest[1:]
        kept.append(first)
        rest = rest[_shared(first, rest) <= OVERLAP]
    return np.array(kept, np.float32).reshape(-1, 5)


def _shared(one: Numbers, others: Numbers) -> Numbers:
    """Return the shared area over the whole area, of one box with each of the others."""
    wide = np.minimum(one[2], others[:, 2]) - np.maximum(one[0], others[:, 0])
    high = np.minimum(one[3], others[:, 3]) - np.maximum(one[1], others[:, 1])
    both = wide.clip(0) * high.clip(0)
    area = (one[2] - one[0]) * (one[3] - one[1])
    shared: Numbers = both / (area + (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1]) - both)
    return shared


def _faces_in(pixels: NDArray[np.uint8]) -> Numbers:
    """Return the faces in one tile: a map of how likely each point is the middle of a face, and how large."""
    heat, size, shift, _marks = _network("faces").run(None, {"input.1": _as_input(pixels)})
    row, column = np.where(heat[0, 0] > FACE_SCORE)
    high, wide = np.exp(size[0, :, row, column].T) * 4
    y = (row + shift[0, 0, row, column] + 0.5) * 4
    x = (column + shift[0, 1, row, column] + 0.5) * 4
    return _rows(x, y, wide, high, heat[0, 0, row, column])


def _plates_in(pixels: NDArray[np.uint8]) -> Numbers:
    """Return the plates in one tile: corrections to boxes of fixed sizes, with a score for each."""
    given = _as_input(pixels[:, :, ::-1], _PLATE_MEAN)
    shifts, scores, _corners = _network("plates").run(None, {"image": given})
    score = scores[0, :, 1]
    likely = score > PLATE_SCORE
    fixed = _fixed_boxes(*given.shape[2:])[likely]
    shift = shifts[0][likely]
    x, y = (fixed[:, :2] + shift[:, :2] * 0.1 * fixed[:, 2:]).T
    wide, high = (fixed[:, 2:] * np.exp(shift[:, 2:] * 0.2)).T
    return _rows(x, y, wide, high, score[likely])


def _rows(x: Numbers, y: Numbers, wide: Numbers, high: Numbers, score: Numbers) -> Numbers:
    return np.stack([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2, score], 1).astype(np.float32)


@cache
def _fixed_boxes(height: int, width: int) -> Numbers:
    """Return middle and size of the boxes that the network for plates corrects."""
    parts = []
    for step, sides in _PLATE_STEPS:
        y, x, side = np.meshgrid(
            np.arange(-(-height // step)), np.arange(-(-width // step)), np.array(sides), indexing="ij"
        )
        parts.append(np.stack([(x + 0.5) * step, (y + 0.5) * step, side, side], -1).reshape(-1, 4))
    return np.concatenate(parts).astype(np.float32)


def _as_input(pixels: NDArray[np.uint8], mean: tuple[float, ...] = (0.0, 0.0, 0.0)) -> Numbers:
    """Return a tile as the networks take it: channels first, padded to full steps."""
    height, width = (-(-side // STEP) * STEP for side in pixels.shape[:2])
    given = np.zeros((1, 3, height, width), np.float32)
    given[0, :, : pixels.shape[0], : pixels.shape[1]] = (pixels - np.array(mean, np.float32)).transpose(
        2, 0, 1
    )
    return given


@cache
def _network(name: str) -> Any:
    """Return a network, read on first use."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the machine has other things to do
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # tiles of all sizes would pile up
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(WEIGHTS / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
