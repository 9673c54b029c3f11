"""Every face and every plate in the test pictures is found, and a street without anybody is left alone."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from siquan.base.files import blurring, detection
from siquan.base.files.detection import Box
from tests.base.files import faces
from tests.base.files.faces import CROSSING, CROSSING_FACES, CROSSING_HEADS, Plate


def covers(boxes: list[Box], x: float, y: float) -> bool:
    return any(box.left <= x <= box.right and box.top <= y <= box.bottom for box in boxes)


def grown(boxes: list[Box], by: float, size: tuple[int, int]) -> list[Box]:
    return [Box(*map(float, blurring.grown(box, by, size)), box.score) for box in boxes]


@pytest.fixture(scope="module")
def crossing() -> detection.Found:
    return detection.find(Image.open(CROSSING).convert("RGB"))


def test_every_face_in_a_crowd_is_found(crossing):
    assert [face for face in CROSSING_FACES if not covers(crossing.faces, *face)] == []


def test_heads_without_a_face_beside_the_others_are_covered_too(crossing):
    covered = grown(crossing.faces, blurring.FACE_GROWS, (800, 564))

    assert [head for head in CROSSING_HEADS if not covers(covered, *head)] == []


def test_a_crowd_is_not_blurred_away(crossing):
    picture = Image.open(CROSSING).convert("RGB")
    changed = np.asarray(picture) != np.asarray(blurring.blurred(picture, crossing))

    assert changed.any(axis=2).mean() < 0.2


@pytest.mark.parametrize("scale", [0.6, 3.2])
def test_every_face_is_found_in_smaller_and_larger_copies(scale):
    picture = Image.open(CROSSING).convert("RGB")
    found = detection.find(picture.resize((round(800 * scale), round(564 * scale)), Image.Resampling.BICUBIC))

    missed = [(x, y) for x, y in CROSSING_FACES if not covers(found.faces, x * scale, y * scale)]
    assert missed == []


@pytest.mark.parametrize("path", sorted(faces.MORE.glob("*.jpg")) or [None])
def test_every_face_is_found_in_pictures_that_may_not_be_given_on(path: Path | None):
    if path is None:
        pytest.skip("SIQUAN_FACE_PICTURES names no folder with pictures")
    found = detection.find(Image.open(path).convert("RGB"))

    assert len([face for face in found.faces if face.score > 0.3]) >= int(path.name.split("-")[0])


PLATES = [
    Plate("京A12345", "blue", 200, 0, 250, 300),
    Plate("沪B8K669", "yellow", 140, -10, 760, 260),
    Plate("京AD12345", "green", 160, 10, 1300, 300),
    Plate("苏E05EV8", "blue", 64, 15, 200, 650),
    Plate("粤AF88888", "green", 96, -15, 500, 680),
    Plate("冀C3N5K7", "yellow", 80, 0, 300, 1000),
    Plate("津RQ1234", "blue", 300, 5, 1200, 1000),
]
STREET = (1600, 1200)


def test_every_plate_is_found_whatever_its_colour_size_and_turn():
    found = detection.find(faces.street(PLATES, STREET))

    missed = [
        plate.letters
        for plate in PLATES
        if not any(
            covers([box], plate.x, plate.y) and box.right - box.left > plate.width * 0.5
            for box in found.plates
        )
    ]
    assert missed == []


def test_no_letter_of_a_plate_sticks_out_of_what_is_covered():
    picture = faces.street(PLATES, STREET)
    covered = grown(detection.find(picture).plates, blurring.PLATE_GROWS, picture.size)

    for plate in PLATES:
        half = plate.width * 0.5 * np.cos(np.radians(plate.turn))
        rise = plate.width * 0.5 * np.sin(np.radians(plate.turn))
        for end in (-1, 1):
            assert covers(covered, plate.x + end * half, plate.y - end * rise), plate.letters


def test_an_empty_street_is_left_nearly_as_it_is():
    from siquan.demo import scenes

    for kind in ("rubbish", "bikes", "pothole"):
        import io

        picture = Image.open(io.BytesIO(scenes.photo(kind, 3))).convert("RGB")
        found = detection.find(picture)
        changed = np.asarray(picture) != np.asarray(blurring.blurred(picture, found))

        assert found.faces == []
        assert changed.any(axis=2).mean() < 0.15


def test_a_picture_of_any_size_can_be_looked_at():
    for size in ((1, 1), (3, 900), (1025, 33), (2560, 40)):
        assert detection.find(Image.new("RGB", size, "grey")).faces == []


@given(st.integers(1, 4000))
def test_tiles_cover_every_pixel_and_stay_inside(length):
    starts = detection._starts(length)

    covered = np.zeros(length, bool)
    for start in starts:
        assert 0 <= start < length
        covered[start : start + detection.TILE] = True
    assert covered.all()


@given(st.integers(detection.TILE + 1, 4000))
def test_whatever_is_no_larger_than_the_margin_lies_whole_in_one_tile(length):
    starts = detection._starts(length)

    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert max(gaps) <= detection.TILE - detection.MARGIN + 1


def test_what_is_mostly_another_find_is_not_counted_twice():
    boxes = np.array(
        [[0, 0, 10, 10, 0.5], [1, 1, 11, 11, 0.9], [50, 50, 60, 60, 0.4], [5, 5, 5, 9, 0.9]], np.float32
    )

    kept = detection.without_repeats(boxes)

    assert kept[:, 4].tolist() == pytest.approx([0.9, 0.4])


def test_the_weights_are_those_that_were_measured():
    import hashlib

    told = (detection.WEIGHTS / "PROVENANCE.md").read_text()
    for name in ("faces.onnx", "plates.onnx"):
        assert hashlib.sha256((detection.WEIGHTS / name).read_bytes()).hexdigest() in told
