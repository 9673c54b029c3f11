"""Measure how long a photo takes from upload to picture: `python benchmarks/photos.py [ROUNDS]`.

The JPEGs are drawn here with the detail and weight of phone photos. The HEIC is a file of 48 tiles, as
phones write them, all pointing to the same tile so that it is small; each tile is decoded.
"""

import io
import os
import platform
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from PIL import Image

from siquan.base.files.pictures import as_jpeg, bare_pixels, open_picture

HEIC = Path(__file__).parent / "samples" / "phone-12mp.heic"


def photo(width: int, height: int) -> bytes:
    """Return a JPEG with detail on every scale, about 0.2 bytes a pixel."""
    chance = np.random.default_rng(7)
    picture = np.zeros((height, width, 3), "float32")
    for octave in range(1, 12):
        cells = 2**octave
        noise = chance.normal(size=(max(2, height * cells // width), cells)).astype("float32")
        layer = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        picture += np.asarray(layer)[..., None] * (0.75**octave)
    low, high = picture.min(), picture.max()
    out = io.BytesIO()
    Image.fromarray(((picture - low) / (high - low) * 255).astype("uint8")).save(out, "JPEG", quality=90)
    return out.getvalue()


def milliseconds(work: object, rounds: int) -> list[float]:
    """Return how long each round took."""
    taken = []
    for _round in range(rounds):
        begun = time.perf_counter()
        work()  # type: ignore[operator]
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def main() -> None:
    """Print one line per kind of photo, and the machine."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    kinds = {"JPEG 3 MP": photo(2048, 1536), "JPEG 12 MP": photo(4032, 3024), "HEIC 12 MP": HEIC.read_bytes()}
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {rounds} rounds"
    )
    for name, data in kinds.items():
        taken = milliseconds(lambda data=data: open_picture(data), rounds)
        pixels = bare_pixels(data)
        stored = as_jpeg(pixels)
        small = milliseconds(lambda pixels=pixels: as_jpeg(pixels, side=320), rounds)
        print(
            f"{name:11} {len(data) / 1e6:5.2f} MB in, {len(stored) / 1e6:4.2f} MB shown: "
            f"open {min(taken):5.0f} ms best, {statistics.median(taken):5.0f} median; "
            f"thumbnail {min(small):3.0f} ms best, {statistics.median(small):3.0f} median"
        )


if __name__ == "__main__":
    main()
