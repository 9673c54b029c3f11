"""Public test pictures with faces, and plates drawn on the spot; see tests/assets/faces/PROVENANCE.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

CROSSING: Final = Path(__file__).parents[2] / "assets" / "faces" / "crossing.jpg"
# Pictures that may not be given on, with as many faces as the name says: `6-anything.jpg`.
MORE: Final = Path(os.environ.get("SIQUAN_FACE_PICTURES", "/nowhere"))

# The middle of every face in the picture, found by eye before any network was asked.
CROSSING_FACES: Final = (
    (66, 149), (110, 147), (196, 133), (239, 131), (318, 155), (333, 144), (383, 140), (435, 149),
    (480, 151), (488, 170), (517, 147), (544, 144), (593, 122), (608, 136), (576, 182), (621, 174),
    (646, 172), (663, 141), (681, 151), (778, 135),
)  # fmt: skip
# Heads of which hardly a face is seen: a bald crown, hair, a sliver between two others.
CROSSING_HEADS: Final = ((265, 139), (284, 149), (507, 148), (674, 143))

FONTS: Final = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
COLOURS: Final = {
    "blue": ((20, 60, 160), "white"),
    "yellow": ((245, 180, 20), "black"),
    "green": ((150, 215, 165), "black"),
}


class Plate(NamedTuple):
    """A plate to draw: its letters, colour, width in pixels, turn in degrees, and the middle."""

    letters: str
    colour: str
    width: int
    turn: float
    x: int
    y: int


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font with Chinese letters, or the built-in one without."""
    for path in FONTS:
        if path.exists():
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)


def drawn(plate: Plate, height: int = 140) -> Image.Image:
    """Return the plate by itself: 440 × 140 mm, green ones 480 × 140 (GA 36)."""
    wide = 480 if plate.colour == "green" else 440
    back, ink = COLOURS[plate.colour]
    image = Image.new("RGB", (wide, height), back)
    draw = ImageDraw.Draw(image)
    step, x, letters = (wide - 24) / (len(plate.letters) + 0.4), 14.0, font(int(height * 0.66))
    for number, letter in enumerate(plate.letters):
        left, top, right, bottom = draw.textbbox((0, 0), letter, font=letters)
        place = (x + (step - (right - left)) / 2 - left, (height - (bottom - top)) / 2 - top)
        draw.text(place, letter, font=letters, fill=ink)
        x += step
        if number == 1:
            draw.ellipse((x + 1, height / 2 - 6, x + 13, height / 2 + 6), fill=ink)
            x += step * 0.4
    draw.rounded_rectangle((4, 4, wide - 5, height - 5), radius=12, outline=ink, width=3)
    return image


def street(plates: list[Plate], size: tuple[int, int] = (1280, 960), seed: int = 1) -> Image.Image:
    """Return a street-like picture with a car behind every plate."""
    random = np.random.default_rng(seed)
    grain = random.normal(128, 9, (size[1], size[0], 1)).repeat(3, 2).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(grain).filter(ImageFilter.GaussianBlur(1))
    draw = ImageDraw.Draw(image)
    for plate in plates:
        wide, high = plate.width, plate.width * 140 / 440
        left, top = plate.x - wide / 2, plate.y - high / 2
        body = tuple(int(part) for part in random.integers(20, 230, 3))
        right, low = left + wide * 1.9, top + high * 2.4
        draw.rounded_rectangle((left - wide * 0.9, top - high * 4.2, right, low), radius=high, fill=body)
        draw.rectangle(
            (left - wide * 0.6, top - high * 3.9, left + wide * 1.6, top - high * 1.8), fill=(30, 35, 40)
        )
        draw.rectangle((left - wide * 0.9, top + high * 1.3, right, low), fill=(35, 35, 38))
        small = drawn(plate).convert("RGBA").resize((wide, round(high)), Image.Resampling.LANCZOS)
        turned = small.rotate(plate.turn, expand=True, resample=Image.Resampling.BICUBIC)
        image.paste(turned, (plate.x - turned.width // 2, plate.y - turned.height // 2), turned)
    return image
