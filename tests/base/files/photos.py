"""Photos for the tests, drawn on the spot; two HEIC files are committed: nothing here writes HEIC."""

import io
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

SAMPLES = Path(__file__).parent / "samples"
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 30), (30, 30, 200), (220, 200, 40)


def scene(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Draw four fields: red, green above blue, yellow, so that every turn shows."""
    image = Image.new("RGB", (width, height))
    half_w, half_h = width // 2, height // 2
    for x, y, colour in ((0, 0, RED), (half_w, 0, GREEN), (0, half_h, BLUE), (half_w, half_h, YELLOW)):
        image.paste(colour, (x, y, width, height))
    return image.convert(mode)


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return the image as a file of this kind."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(**options: Any) -> bytes:
    """Return a small JPEG."""
    return written(scene(), "JPEG", **{"quality": 90, **options})


def heic() -> bytes:
    """Return a HEIC as a phone writes it: lying, a turn in the box and again in the EXIF, a position."""
    return (SAMPLES / "phone.heic").read_bytes()


def tiled_heic() -> bytes:
    """Return a HEIC of six tiles."""
    return (SAMPLES / "tiles.heic").read_bytes()


def exif(
    *,
    orientation: int = 1,
    taken: Any = None,
    offset: Any = None,
    gps: dict[int, Any] | None = None,
) -> Image.Exif:
    """Return an EXIF block with a camera's name and what is given."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "CAMERA-MAKER"
    details = block.get_ifd(0x8769)
    if taken is not None:
        details[0x9003] = taken
    if offset is not None:
        details[0x9011] = offset
    if gps:
        block.get_ifd(0x8825).update(gps)
    return block


def gps(lat: float = 39.925, lon: float = 116.42, **more: Any) -> dict[int, Any]:
    """Return the GPS tags of a point, as cameras write them."""
    tags: dict[int, Any] = {
        1: "N" if lat >= 0 else "S",
        2: _triple(abs(lat)),
        3: "E" if lon >= 0 else "W",
        4: _triple(abs(lon)),
    }
    names = {"status": 9, "datum": 18, "accuracy": 31}
    return tags | {names[name]: value for name, value in more.items()}


def _triple(degrees: float) -> tuple[Fraction, Fraction, Fraction]:
    hundredths = round(degrees * 360_000)
    return (
        Fraction(hundredths // 360_000),
        Fraction(hundredths // 6000 % 60),
        Fraction(hundredths % 6000, 100),
    )


def declared_png(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is this large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, body)
        for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
