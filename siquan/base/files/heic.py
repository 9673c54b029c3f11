"""HEIC photos, decoded in a process of their own: a damaged one can crash the decoder, not the server.

As a module it offers `decoded`; as a program (`python -I heic.py MAX_PIXELS LONG_SIDE`) it is the child that
decodes standard input and answers on standard output: four numbers, then mode, profile, EXIF and pixels.
The child part imports nothing of siquan.
"""

import io
import struct
import subprocess
import sys
from contextlib import suppress

from PIL import Image

BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
SECONDS = 20  # of computing; a photo of 48 megapixels takes about six
PATIENCE = 60  # seconds by the wall clock, for a machine that has other things to do
MEMORY_BYTES = 2 * 1024**3
TOO_LARGE = 3
_HEAD = struct.Struct(">IIII")  # width, height, bytes of profile, bytes of EXIF
_MODES = {b"L...": "L", b"LA..": "LA", b"RGB.": "RGB", b"RGBA": "RGBA"}


class HeicTooLarge(Exception):
    """The picture declares more pixels than are allowed."""


class HeicUnreadable(Exception):
    """The decoder refused, crashed, or took too long or too much memory."""


def is_heic(data: bytes) -> bool:
    """Say whether the bytes claim to be a HEIC photo."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def decoded(data: bytes, *, max_pixels: int, long_side: int) -> Image.Image:
    """Return the main picture, upright and at most `long_side` pixels long, with EXIF and profile in `info`.

    Raises `HeicTooLarge` before decoding more than `max_pixels`, else `HeicUnreadable`.
    """
    command = [sys.executable, "-I", __file__, str(max_pixels), str(long_side)]
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and file, numbers as arguments
            command, input=data, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise HeicUnreadable from error
    if child.returncode == TOO_LARGE:
        raise HeicTooLarge
    if child.returncode != 0:
        raise HeicUnreadable(child.stderr[-500:].decode("utf-8", "replace"))
    return _unpacked(child.stdout)


def _unpacked(answer: bytes) -> Image.Image:
    width, height, profile, exif = _HEAD.unpack_from(answer)
    mode = _MODES[answer[_HEAD.size : _HEAD.size + 4]]
    parts = memoryview(answer)[_HEAD.size + 4 :]
    image = Image.frombytes(mode, (width, height), parts[profile + exif :])
    image.info["icc_profile"] = bytes(parts[:profile])
    image.info["exif"] = bytes(parts[profile : profile + exif])
    return image


def _limit_this_process() -> None:
    """Let the child die rather than take the machine's memory or time."""
    import resource

    with suppress(ValueError, OSError):  # macOS refuses a limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(max_pixels: int, long_side: int) -> int:
    """Decode standard input to standard output; return the exit code."""
    _limit_this_process()
    import pi_heif

    # Only the main picture is wanted; what is not parsed cannot hurt.
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    Image.MAX_IMAGE_PIXELS = None  # the next check is the stricter one
    image = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("HEIF",))
    if image.width * image.height > max_pixels:
        return TOO_LARGE
    scale = min(1.0, long_side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    if small.mode.ljust(4, ".").encode() not in _MODES:
        small = small.convert("RGB")
    profile, exif = (image.info.get(key) or b"" for key in ("icc_profile", "exif"))
    head = _HEAD.pack(*size, len(profile), len(exif)) + small.mode.ljust(4, ".").encode()
    for part in (head, profile, exif, small.tobytes()):
        sys.stdout.buffer.write(part)
    return 0


if __name__ == "__main__":
    sys.exit(_answer(int(sys.argv[1]), int(sys.argv[2])))
