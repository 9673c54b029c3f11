"""HEIC to PNG in a process of its own: a damaged HEIC can crash the decoder, and must not crash the server.

As a module it offers `as_png`; as a program (`python -I heic.py MAX_PIXELS LONG_SIDE`) it is the child that
decodes standard input to standard output. The child part therefore imports nothing of siquan.
"""

import io
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
SECONDS = 20
MEMORY_BYTES = 3 * 1024**3
TOO_LARGE = 3


class HeicTooLarge(Exception):
    """The picture declares more pixels than are allowed."""


class HeicUnreadable(Exception):
    """The decoder refused, crashed, or took too long or too much memory."""


def is_heic(data: bytes) -> bool:
    """Say whether the bytes claim to be a HEIC photo."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def as_png(data: bytes, *, max_pixels: int, long_side: int) -> bytes:
    """Return the main picture as PNG, at most `long_side` pixels long, upright, with its EXIF and profile.

    Raises `HeicTooLarge` before decoding more than `max_pixels`, else `HeicUnreadable`.
    """
    command = [sys.executable, "-I", str(Path(__file__)), str(max_pixels), str(long_side)]
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and file, numbers as arguments
            command, input=data, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise HeicUnreadable from error
    if child.returncode == TOO_LARGE:
        raise HeicTooLarge
    if child.returncode != 0:
        raise HeicUnreadable(child.stderr[-500:].decode("utf-8", "replace"))
    return child.stdout


def _limit_this_process() -> None:
    """Let the child die rather than take the machine's memory or time."""
    import resource

    with suppress(ValueError, OSError):  # macOS refuses a limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _decode(max_pixels: int, long_side: int) -> int:
    """Decode standard input to standard output; return the exit code."""
    _limit_this_process()
    import pi_heif
    from PIL import Image

    # Only the main picture is wanted; what is not parsed cannot hurt.
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    Image.MAX_IMAGE_PIXELS = None  # the next check is the stricter one
    image = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("HEIF",))
    if image.width * image.height > max_pixels:
        return TOO_LARGE
    scale = min(1.0, long_side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    kept = {key: image.info[key] for key in ("exif", "icc_profile") if image.info.get(key)}
    small.info.clear()
    small.save(sys.stdout.buffer, "PNG", compress_level=0, **kept)
    return 0


if __name__ == "__main__":
    sys.exit(_decode(int(sys.argv[1]), int(sys.argv[2])))
