"""Measure how faces and plates are found and covered: `python benchmarks/blur.py [FOLDER]`.

The crowd of `tests/assets/faces`, drawn plates of three colours by width and turn, and, with FOLDER, pictures
that may not be given on, named by how many faces they show (`6-group.jpg`). Time is the processor's.
"""

from __future__ import annotations

import itertools
import os
import platform
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from PIL import Image

from siquan.base.files import blurring, detection
from siquan.base.files.detection import Box
from tests.base.files.faces import CROSSING, CROSSING_FACES, CROSSING_HEADS, Plate, street

LETTERS = [
    ("京A12345", "blue"),
    ("冀C3N5K7", "yellow"),
    ("京AD12345", "green"),
    ("苏E05EV8", "blue"),
    ("沪B8K669", "yellow"),
    ("粤AF88888", "green"),
]


def covers(boxes: list[Box], x: float, y: float) -> bool:
    """Tell whether a point lies in one of the boxes."""
    return any(box.left <= x <= box.right and box.top <= y <= box.bottom for box in boxes)


def share_changed(picture: Image.Image, found: detection.Found) -> float:
    """Return which part of the picture is covered."""
    mask = Image.new("1", picture.size)
    for boxes, grows in ((found.faces, blurring.FACE_GROWS), (found.plates, blurring.PLATE_GROWS)):
        for box in boxes:
            mask.paste(1, blurring.grown(box, grows, picture.size))
    return float(np.asarray(mask).mean())


def look(name: str, picture: Image.Image) -> detection.Found:
    """Find, and print what it took."""
    begun = time.process_time()
    found = detection.find(picture)
    taken = time.process_time() - begun
    faces, covered = detection.count(found.faces), share_changed(picture, found)
    print(
        f"{name:24} {picture.width:4} × {picture.height:4}: {faces:3} faces, "
        f"{detection.count(found.plates)} plates, {covered:5.1%} covered, {taken:5.2f} s"
    )
    return found


def crowds() -> None:
    """Print how many of the faces marked by eye are found, in several sizes."""
    picture = Image.open(CROSSING).convert("RGB")
    detection.find(picture.resize((64, 64)))  # read the networks
    for side in (480, 800, 1280, 2560):
        scale = side / picture.width
        found = look("crowd", picture.resize((side, round(picture.height * scale)), Image.Resampling.BICUBIC))
        seen = sum(covers(found.faces, x * scale, y * scale) for x, y in CROSSING_FACES)
        heads = sum(covers(found.faces, x * scale, y * scale) for x, y in CROSSING_HEADS)
        print(f"{'':24} {seen} of {len(CROSSING_FACES)} faces, {heads} of {len(CROSSING_HEADS)} heads")


def plates() -> None:
    """Print how many drawn plates are found, by width and turn, in a picture of 1600 × 1200."""
    turns = (-20, -10, 0, 10, 20)
    print("plates found of 6, by width in pixels and turn in degrees")
    print(f"{'':8}" + "".join(f"{turn:+5}°" for turn in turns))
    for width in (32, 48, 64, 96, 160, 300):
        line = []
        for turn in turns:
            drawn = [
                Plate(letters, colour, width, turn, 260 + 500 * (number % 3), 340 + 520 * (number // 3))
                for number, (letters, colour) in enumerate(LETTERS)
            ]
            found = detection.find(street(drawn, (1600, 1200))).plates
            line.append(sum(covers(found, each.x, each.y) for each in drawn))
        print(f"{width:8}" + "".join(f"{each:6}" for each in line))


def main() -> None:
    """Print everything, and the machine."""
    print(f"{platform.platform()}, {os.cpu_count()} cores, one used; {detection.VERSION}")
    crowds()
    for path in sorted(itertools.chain.from_iterable(Path(each).glob("*.jpg") for each in sys.argv[1:])):
        found = look(path.stem[:24], Image.open(path).convert("RGB"))
        sure = sum(face.score > 0.3 for face in found.faces)
        print(f"{'':24} {sure} faces above 0.3, {path.name.split('-')[0]} by its name")
    plates()
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
