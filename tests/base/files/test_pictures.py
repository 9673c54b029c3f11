"""Photos are judged by decoding, stripped to pixels and written anew."""

import hashlib
import io
import re
import tempfile
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from siquan.base.files import heic
from siquan.base.files.pictures import Limits, Picture, as_jpeg, bare_pixels, open_picture
from siquan.base.kernel.errors import BadInput
from tests.base.files import photos

FOUR_KINDS = {
    "image/jpeg": photos.jpeg,
    "image/png": lambda: photos.written(photos.scene(), "PNG"),
    "image/webp": lambda: photos.written(photos.scene(), "WEBP"),
    "image/heic": photos.heic,
}


def pixels(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.data))


def looks_like(image: Image.Image, *, corners: list[tuple[int, int, int]], tolerance: int = 12) -> bool:
    """Compare the middles of the four quarters: top left, top right, bottom left, bottom right."""
    width, height = image.size
    found = [
        image.convert("RGB").getpixel((int(width * x), int(height * y)))
        for y in (0.25, 0.75)
        for x in (0.25, 0.75)
    ]
    return all(
        abs(a - b) <= tolerance
        for seen, wanted in zip(found, corners, strict=True)
        for a, b in zip(seen, wanted, strict=True)
    )


UPRIGHT = [photos.RED, photos.GREEN, photos.BLUE, photos.YELLOW]


@pytest.mark.parametrize("kind", FOUR_KINDS)
def test_each_kind_becomes_a_jpeg_and_both_hashes_are_told(kind):
    data = FOUR_KINDS[kind]()

    picture = open_picture(data)

    assert picture.original_kind == kind
    assert picture.original_sha256 == hashlib.sha256(data).hexdigest()
    assert picture.original == data
    assert pixels(picture).format == "JPEG"
    assert pixels(picture).size == (picture.width, picture.height)


def test_the_same_photo_gives_the_same_bytes():
    assert open_picture(photos.heic()).data == open_picture(photos.heic()).data


def test_a_phone_heic_is_turned_once_and_tells_where_and_when():
    picture = open_picture(photos.heic())

    assert looks_like(pixels(picture), corners=[photos.BLUE, photos.RED, photos.YELLOW, photos.GREEN])
    assert picture.position is not None
    assert (picture.position.lon, picture.position.lat) == pytest.approx((116.42, 39.925))
    assert picture.position.accuracy_m == 6.5
    assert picture.taken_at == datetime(2026, 9, 25, 8, 30, tzinfo=UTC)


def test_a_tiled_heic_is_put_together():
    assert looks_like(pixels(open_picture(photos.tiled_heic())), corners=UPRIGHT)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(kind, orientation):
    upright = photos.scene()
    lying = _undo(upright, orientation)

    picture = open_picture(photos.written(lying, kind, exif=photos.exif(orientation=orientation)))

    assert pixels(picture).size == upright.size
    assert looks_like(pixels(picture), corners=UPRIGHT)


def _undo(image: Image.Image, orientation: int) -> Image.Image:
    """Return the pixels as the sensor saw them, by the definition of the tag (first row, first column)."""
    cells = np.asarray(image)
    seen = {
        1: cells,
        2: cells[:, ::-1],
        3: cells[::-1, ::-1],
        4: cells[::-1, :],
        5: cells.transpose(1, 0, 2),
        6: np.rot90(cells, 1),
        7: np.rot90(cells, 2).transpose(1, 0, 2),
        8: np.rot90(cells, -1),
    }
    return Image.fromarray(np.ascontiguousarray(seen[orientation]))


def _segments(data: bytes) -> set[int]:
    """Return the marker codes of a JPEG before its pixels."""
    codes, at = set(), 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        codes.add(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return codes


def test_all_metadata_is_gone():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = photos.jpeg(
        exif=photos.exif(orientation=6, taken="2026:09:25 16:30:00", gps=photos.gps()),
        icc_profile=profile,
        comment=b"LEFT-BY-SOMEBODY",
        xmp=b"<x:xmpmeta>LEFT-BY-SOMEBODY</x:xmpmeta>",
        dpi=(300, 300),
    )
    assert b"CAMERA-MAKER" in data and b"LEFT-BY-SOMEBODY" in data

    stored = open_picture(data).data

    assert b"CAMERA-MAKER" not in stored and b"LEFT-BY-SOMEBODY" not in stored
    assert _segments(stored) <= {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF head, tables, frame: no EXIF, ICC, comment
    assert not Image.open(io.BytesIO(stored)).getexif()


def test_text_in_a_png_is_gone():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "LEFT-BY-SOMEBODY")

    assert b"LEFT-BY-SOMEBODY" not in open_picture(photos.written(photos.scene(), "PNG", pnginfo=notes)).data


@pytest.mark.parametrize("tail", [b"<html><script>alert(1)</script></html>", b"PK\x03\x04" + b"x" * 100])
def test_the_tail_of_a_polyglot_is_gone(tail):
    stored = open_picture(photos.jpeg() + tail).data

    assert tail[:4] not in stored
    assert stored.endswith(b"\xff\xd9")


def test_a_html_page_inside_a_comment_is_gone():
    assert b"<script" not in open_picture(photos.jpeg(comment=b"<script>alert(1)</script>")).data


def test_large_photos_are_scaled_to_the_long_side_and_small_ones_kept():
    large = open_picture(photos.written(photos.scene(4032, 3024), "JPEG"))
    tall = open_picture(photos.written(photos.scene(100, 3000), "PNG"))
    small = open_picture(photos.jpeg())

    assert (large.width, large.height) == (2560, 1920)
    assert (tall.width, tall.height) == (85, 2560)
    assert (small.width, small.height) == (96, 64)
    assert looks_like(pixels(large), corners=UPRIGHT)


def test_a_line_one_pixel_high_stays_a_line():
    picture = open_picture(photos.written(Image.new("RGB", (20_000, 1), "red"), "PNG"))

    assert (picture.width, picture.height) == (2560, 1)


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "RGBA"])
def test_every_mode_keeps_its_brightness(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    picture = open_picture(photos.written(photos.scene(mode=mode), kind))

    seen, drawn = (
        np.asarray(image.convert("L"), dtype=float) for image in (pixels(picture), photos.scene(mode=mode))
    )
    assert np.abs(seen - drawn).mean() < 12


def test_sixteen_bit_grey_is_scaled_not_cut():
    ramp = np.linspace(0, 65535, 64 * 64).astype("uint16").reshape(64, 64)

    seen = np.asarray(
        pixels(open_picture(photos.written(Image.fromarray(ramp), "PNG"))).convert("L"), dtype=float
    )

    assert np.abs(seen - ramp / 257).max() < 12


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_what_is_transparent_becomes_white(mode):
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 20, 40))
    data = photos.written(image.convert(mode), "PNG")

    seen = pixels(open_picture(data))

    assert min(seen.getpixel((32, 20))) > 245
    assert seen.getpixel((8, 20))[0] > 180 and seen.getpixel((8, 20))[1] < 20


def test_only_the_first_frame_of_several_is_kept():
    first, second, third = (Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "green"))
    for kind in ("WEBP", "PNG", "MPO"):
        data = photos.written(first, kind, save_all=True, append_images=[second, third])
        assert Image.open(io.BytesIO(data)).n_frames == 3

        seen = pixels(open_picture(data))

        assert getattr(seen, "n_frames", 1) == 1
        assert seen.getpixel((30, 30))[0] > 240, kind


def test_a_colour_profile_is_applied():
    swapped = _swapped_profile()
    plain = open_picture(photos.jpeg())
    profiled = open_picture(photos.jpeg(icc_profile=swapped))

    drawn = pixels(plain).getpixel((20, 16))
    seen = pixels(profiled).getpixel((20, 16))

    assert drawn[0] > 180 and drawn[2] < 50
    assert seen[0] < 90 and seen[2] > 150


def _swapped_profile() -> bytes:
    """Return an sRGB profile whose red and blue primaries have changed places."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def test_a_broken_colour_profile_costs_nothing():
    assert looks_like(pixels(open_picture(photos.jpeg(icc_profile=b"no profile" * 50))), corners=UPRIGHT)


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.jpg", photos.jpeg())
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        _zip(),
        b"%PDF-1.7\n",
        b"\x00" * 1000,
        photos.written(photos.scene(), "GIF"),
        photos.written(photos.scene(), "BMP"),
        photos.written(photos.scene(), "TIFF"),
        photos.written(photos.scene(), "AVIF"),
    ],
)
def test_what_is_no_photo_of_the_four_kinds_is_refused(data):
    with pytest.raises(BadInput, match="JPEG、PNG、WebP 或 HEIC") as refusal:
        open_picture(data)

    assert refusal.value.field == "photo"


def test_nothing_is_refused():
    with pytest.raises(BadInput, match="空"):
        open_picture(b"")


def test_too_many_bytes_are_refused_with_the_limit():
    with pytest.raises(BadInput, match="25 MB"):
        open_picture(photos.jpeg() + bytes(25_000_000))


@pytest.mark.parametrize(
    "size", [(5001, 5000), (10_000, 10_000), (20_000, 10_000), (2_000_000_000, 2_000_000_000)]
)
def test_too_many_declared_pixels_are_refused_before_decoding(size):
    begun = time.process_time()
    with pytest.raises(BadInput, match="25 百万像素"):
        open_picture(photos.declared_png(*size))

    assert time.process_time() - begun < 0.5


def test_a_photo_of_200_megapixels_is_refused_in_a_moment():
    data = photos.written(Image.new("L", (20_000, 10_000)), "JPEG", quality=1)

    begun = time.process_time()
    with pytest.raises(BadInput, match="64 百万像素"):
        open_picture(data)
    assert time.process_time() - begun < 0.5


def test_a_jpeg_of_very_many_passes_is_refused():
    data = photos.jpeg(progressive=True)
    last = data.rindex(b"\xff\xda")
    assert isinstance(open_picture(data), Picture)

    with pytest.raises(BadInput):
        open_picture(data[:last] + data[last:-2] * 40 + b"\xff\xd9")


@pytest.mark.parametrize("kind", ["JPEG", "progressive JPEG", "PNG", "WEBP", "HEIC", "tiled HEIC"])
def test_a_photo_cut_short_is_refused(kind):
    noise = Image.effect_noise((120, 90), 60).convert("RGB")
    data = {
        "JPEG": lambda: photos.written(noise, "JPEG"),
        "progressive JPEG": lambda: photos.written(noise, "JPEG", progressive=True),
        "PNG": lambda: photos.written(noise, "PNG"),
        "WEBP": lambda: photos.written(noise, "WEBP"),
        "HEIC": photos.heic,
        "tiled HEIC": photos.tiled_heic,
    }[kind]()

    parts = 10 if kind == "tiled HEIC" else 50  # each HEIC is a process of its own
    for part in range(parts):
        with pytest.raises(BadInput):
            open_picture(data[: len(data) * part // parts])


def harmless(data: bytes) -> bool:
    """Say whether the bytes either become a clean picture or are refused in words."""
    try:
        picture = open_picture(data, Limits(max_pixels=2_000_000, max_screenshot_pixels=2_000_000))
    except BadInput as refusal:
        return bool(re.search("请", str(refusal)))
    with pixels(picture) as image:
        image.load()
        return image.format == "JPEG" and not image.getexif()


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


@given(st.binary(max_size=2000))
@settings(max_examples=100, deadline=None)
def test_random_bytes_do_no_harm(data):
    assert harmless(data)


IN_THIS_PROCESS = ["image/jpeg", "image/png", "image/webp"]


def with_noise(data: bytes, at: int, noise: bytes) -> bytes:
    return data[: at % len(data)] + noise + data[at % len(data) + len(noise) :]


def with_flipped(data: bytes, bits: list[int]) -> bytes:
    flipped = bytearray(data)
    for bit in bits:
        flipped[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(flipped)


places = st.integers(0, 2**20)
noises = st.binary(min_size=1, max_size=60)


@given(kind=st.sampled_from(IN_THIS_PROCESS), at=places, noise=noises)
@settings(max_examples=150, deadline=None)
def test_noise_anywhere_in_a_photo_does_no_harm(kind, at, noise):
    assert harmless(with_noise(FOUR_KINDS[kind](), at, noise))


@given(kind=st.sampled_from(IN_THIS_PROCESS), bits=st.lists(places, min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_flipped_bits_do_no_harm(kind, bits):
    assert harmless(with_flipped(FOUR_KINDS[kind](), bits))


@given(at=places, noise=noises, bits=st.lists(places, max_size=8))
@settings(max_examples=25, deadline=None)
def test_noise_and_flipped_bits_in_a_heic_do_no_harm(at, noise, bits):
    assert harmless(with_flipped(with_noise(photos.heic(), at, noise), bits))


def test_a_decoder_that_dies_costs_one_photo_not_the_server(monkeypatch):
    dying = (
        Path(heic.__file__)
        .read_text("utf-8")
        .replace("    import pi_heif\n", "    import os\n\n    os.abort()\n")
    )
    assert "os.abort()" in dying

    with pytest.raises(BadInput, match="损坏"):
        _open_with_decoder(dying, monkeypatch)


def test_a_decoder_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(heic, "PATIENCE", 0.5)
    hanging = "import time\ntime.sleep(60)\n"

    with pytest.raises(BadInput, match="损坏"):
        _open_with_decoder(hanging, monkeypatch)


def _open_with_decoder(program: str, monkeypatch: pytest.MonkeyPatch) -> Picture:
    with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8") as file:
        file.write(program)
        file.flush()
        monkeypatch.setattr(heic, "__file__", file.name)
        return open_picture(photos.heic())


def test_thumbnail_is_small_and_of_the_same_shape():
    pixels = bare_pixels(photos.written(photos.scene(1200, 900), "PNG"))

    small = Image.open(io.BytesIO(as_jpeg(pixels, side=320)))

    assert small.format == "JPEG"
    assert small.size == (320, 240)
    assert looks_like(small, corners=UPRIGHT)
