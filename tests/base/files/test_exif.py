"""What a photo says about itself, and what is not believed."""

import io
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from siquan.base.files.exif import Position, Witness, read_exif
from tests.base.files import photos


def said(block: Image.Exif) -> Witness:
    return read_exif(Image.open(io.BytesIO(photos.jpeg(exif=block))))


def test_position_is_read_in_wgs84_degrees_with_its_accuracy():
    position = said(photos.exif(gps=photos.gps(39.925, 116.42, accuracy=6.5, datum="WGS-84"))).position

    assert position is not None
    assert position.lat == pytest.approx(39.925, abs=1e-6)
    assert position.lon == pytest.approx(116.42, abs=1e-6)
    assert position.accuracy_m == 6.5


@given(lat=st.floats(-89.9, 89.9), lon=st.floats(-179.9, 179.9))
@settings(max_examples=40, deadline=None)
def test_any_position_on_earth_comes_back_within_a_foot(lat, lon):
    position = said(photos.exif(gps=photos.gps(lat, lon))).position

    if abs(lat) < 2e-4 and abs(lon) < 2e-4:
        return
    assert position is not None
    assert math.hypot(position.lat - lat, position.lon - lon) < 3e-6


@pytest.mark.parametrize(
    "tags",
    [
        photos.gps(0, 0),
        photos.gps(status="V"),
        photos.gps(datum="TOKYO"),
        photos.gps() | {1: "Q"},
        photos.gps() | {1: ""},
        {key: value for key, value in photos.gps().items() if key != 3},
        photos.gps() | {2: (91, 0, 0)},
        photos.gps() | {2: (90, 30, 0)},
        photos.gps() | {4: (181, 0, 0)},
        photos.gps() | {2: (39, 61, 0)},
        photos.gps() | {2: (39, 0)},
        photos.gps() | {2: (float("nan"), 0, 0)},
        photos.gps() | {2: "39.9"},
    ],
)
def test_absurd_positions_count_as_not_said(tags):
    block = photos.exif(gps=tags)

    assert _witness_of(block).position is None


@pytest.mark.parametrize("accuracy", [0, float("nan"), 2_000_000])
def test_an_absurd_accuracy_is_dropped_and_the_position_kept(accuracy):
    position = _witness_of(photos.exif(gps=photos.gps(accuracy=accuracy))).position

    assert isinstance(position, Position)
    assert position.accuracy_m is None


def _witness_of(block: Image.Exif) -> Witness:
    """Read tags that no writer would write, without writing them to a file."""

    class Told:
        def getexif(self) -> Image.Exif:
            return block

    return read_exif(Told())  # type: ignore[arg-type]


def test_time_with_offset_is_kept_in_utc():
    witness = said(photos.exif(taken="2026:09:25 16:30:00", offset="+09:00"))

    assert witness.taken_at == datetime(2026, 9, 25, 7, 30, tzinfo=UTC)
    assert witness.zone_assumed is False


@pytest.mark.parametrize("offset", [None, "", "   :  ", "Beijing"])
def test_time_without_offset_is_taken_as_shanghai_and_flagged(offset):
    witness = said(photos.exif(taken="2026:09:25 16:30:00", offset=offset))

    assert witness.taken_at == datetime(2026, 9, 25, 8, 30, tzinfo=UTC)
    assert witness.zone_assumed is True


@pytest.mark.parametrize(
    "taken",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026:02:30 10:00:00", "yesterday", "", "1:1:1 0:0:0"],
)
def test_an_impossible_time_counts_as_not_said(taken):
    assert said(photos.exif(taken=taken)).taken_at is None


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.binary(min_size=0, max_size=300))
@settings(max_examples=150, deadline=None)
def test_garbage_in_the_exif_block_never_fails(noise):
    for head in (b"", b"Exif\x00\x00II*\x00\x08\x00\x00\x00", b"Exif\x00\x00MM\x00*\x00\x00\x00\x08"):
        data = photos.jpeg(exif=head + noise)

        assert isinstance(read_exif(Image.open(io.BytesIO(data))), Witness)
