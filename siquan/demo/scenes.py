"""Draw simple street scenes, before and after: photos for the demo district that show nobody real."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (800, 600)
KERB, ROAD = 430, 500  # where the pavement and the road begin, from above
WALLS = ((150, 150, 148), (163, 148, 132), (178, 176, 168), (138, 142, 146))
DOORS = ((132, 36, 30), (70, 86, 66), (96, 62, 40))
BAGS = ((34, 36, 40), (226, 226, 220), (46, 96, 62), (190, 60, 52), (66, 92, 150))
BIKES = ((38, 128, 196), (240, 190, 20), (52, 160, 120), (60, 60, 64))

Colour = tuple[int, int, int]
Random = np.random.Generator


def photo(kind: str, variant: int, *, is_after: bool = False) -> bytes:
    """Return a drawn scene as JPEG; the same variant shows the same street before and after."""
    random = np.random.default_rng(variant)
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    _street(draw, random)
    _WHAT[kind](draw, random, is_after)
    image = _weather(image, np.random.default_rng([variant, is_after]))
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=82)
    return stored.getvalue()


def _street(draw: ImageDraw.ImageDraw, random: Random) -> None:
    """Draw a lane: sky, a wall with a door and a window, pavement and road."""
    sky = int(random.integers(185, 225))
    draw.rectangle((0, 0, SIZE[0], 140), fill=(sky - 30, sky, min(255, sky + 25)))
    wall = WALLS[int(random.integers(len(WALLS)))]
    draw.rectangle((0, 130, SIZE[0], KERB), fill=wall)
    draw.rectangle((0, 112, SIZE[0], 134), fill=(86, 88, 92))  # the eaves
    for row, y in enumerate(range(150, KERB, 16)):
        draw.line((0, y, SIZE[0], y), fill=_darker(wall, 12))
        for x in range(-20 * (row % 2), SIZE[0], 40):
            draw.line((x, y, x, y + 16), fill=_darker(wall, 12))
    x = int(random.integers(60, 520))
    draw.rectangle((x - 10, 200, x + 120, KERB), fill=_darker(wall, 50))
    draw.rectangle((x, 212, x + 110, KERB), fill=DOORS[int(random.integers(len(DOORS)))])
    draw.line((x + 55, 212, x + 55, KERB), fill=(40, 24, 20), width=3)
    x = (x + 260) % 640
    draw.rectangle((x, 220, x + 120, 310), fill=(92, 112, 128), outline=(60, 60, 60), width=5)
    draw.rectangle((0, KERB, SIZE[0], ROAD), fill=(176, 172, 164))
    for x in range(0, SIZE[0], 50):
        draw.line((x, KERB, x - 18, ROAD), fill=(156, 152, 146))
    draw.rectangle((0, ROAD, SIZE[0], SIZE[1]), fill=(96, 97, 100))
    draw.rectangle((0, ROAD - 6, SIZE[0], ROAD + 4), fill=(142, 140, 136))


def _rubbish(draw: ImageDraw.ImageDraw, random: Random, is_after: bool) -> None:
    if is_after:
        _bin(draw, int(random.integers(140, 600)), upright=True)
        return
    middle = int(random.integers(240, 560))
    for _ in range(int(random.integers(9, 16))):
        x, y = int(random.normal(middle, 85)), int(random.integers(KERB - 30, ROAD + 30))
        wide, high = int(random.integers(36, 90)), int(random.integers(36, 74))
        colour = BAGS[int(random.integers(len(BAGS)))]
        if random.random() < 0.3:
            draw.rectangle((x, y - high, x + wide, y), fill=(164, 124, 78), outline=(112, 82, 48), width=3)
            draw.line((x, y - high // 2, x + wide, y - high // 2), fill=(130, 96, 56), width=3)
        else:
            draw.ellipse((x, y - high, x + wide, y), fill=colour, outline=_darker(colour, 25), width=3)
            draw.polygon(
                [(x + wide // 2 - 9, y - high - 12), (x + wide // 2 + 9, y - high - 12)]
                + [(x + wide // 2, y - high + 8)],
                fill=colour,
            )


def _bikes(draw: ImageDraw.ImageDraw, random: Random, is_after: bool) -> None:
    count = int(random.integers(5, 9))
    for number in range(count):
        colour = BIKES[int(random.integers(len(BIKES)))]
        x, y = (int(each) for each in random.integers((30, KERB + 10), (640, ROAD + 60)))
        lean = int(random.integers(-26, 27))
        if is_after:
            x, y, lean = 40 + number * 78, KERB + 34, 0
        _bike(draw, x, y, lean, colour)


def _bike(draw: ImageDraw.ImageDraw, x: int, y: int, lean: int, colour: Colour) -> None:
    for centre in (x, x + 84):
        draw.ellipse((centre - 26, y - 26, centre + 26, y + 26), outline=(28, 28, 30), width=5)
    seat, bar = (x + 26 + lean, y - 52), (x + 70 + lean, y - 56)
    for begin, end in (
        ((x, y), seat),
        (seat, bar),
        (bar, (x + 84, y)),
        ((x, y), (x + 40, y)),
        ((x + 40, y), bar),
    ):
        draw.line((*begin, *end), fill=colour, width=6)
    draw.line((seat[0] - 12, seat[1] - 4, seat[0] + 12, seat[1] - 4), fill=(30, 30, 30), width=7)
    draw.line((bar[0] - 4, bar[1] - 14, bar[0] + 14, bar[1] - 14), fill=(30, 30, 30), width=6)


def _posters(draw: ImageDraw.ImageDraw, random: Random, is_after: bool) -> None:
    if is_after:  # scraped off
        return
    for _ in range(int(random.integers(10, 18))):
        x, y = (int(each) for each in random.integers((30, 165), (720, 370)))
        wide, high = (int(each) for each in random.integers((30, 36), (60, 74)))
        paper = ((250, 246, 228), (252, 226, 120), (244, 176, 176))[int(random.integers(3))]
        draw.rectangle((x, y, x + wide, y + high), fill=paper, outline=(150, 140, 120))
        for line in range(y + 9, y + high - 5, 9):
            draw.line((x + 5, line, x + wide - 6, line), fill=(150, 40, 40), width=3)


def _broken_bin(draw: ImageDraw.ImageDraw, random: Random, is_after: bool) -> None:
    x = int(random.integers(160, 560))
    _bin(draw, x, upright=is_after)
    if not is_after:
        for _ in range(9):
            left, top = (int(each) for each in random.integers((x - 110, ROAD - 40), (x + 190, ROAD + 40)))
            colour = BAGS[int(random.integers(len(BAGS)))]
            draw.ellipse((left, top, left + 26, top + 16), fill=colour)


def _bin(draw: ImageDraw.ImageDraw, x: int, *, upright: bool) -> None:
    body, lid = (40, 104, 74), (26, 72, 52)
    if upright:
        draw.rectangle((x, KERB - 66, x + 66, KERB + 44), fill=body, outline=lid, width=4)
        draw.rectangle((x - 6, KERB - 80, x + 72, KERB - 64), fill=lid)
        draw.ellipse((x + 22, KERB - 30, x + 44, KERB - 8), fill=(222, 226, 222))
    else:
        draw.polygon(
            [(x, ROAD - 62), (x + 108, ROAD - 74), (x + 118, ROAD - 8), (x + 8, ROAD + 4)],
            fill=body,
            outline=lid,
        )
        draw.polygon([(x - 46, ROAD - 10), (x - 10, ROAD - 40), (x, ROAD - 30), (x - 34, ROAD + 2)], fill=lid)


def _pothole(draw: ImageDraw.ImageDraw, random: Random, is_after: bool) -> None:
    x, y = (int(each) for each in random.integers((200, ROAD + 30), (560, ROAD + 60)))
    angles = np.linspace(0, 2 * np.pi, 18, endpoint=False)
    reach = random.uniform(0.7, 1.15, 18)
    edge = [(x + 120 * r * np.cos(a), y + 34 * r * np.sin(a)) for a, r in zip(angles, reach, strict=True)]
    if is_after:
        draw.polygon(edge, fill=(70, 71, 74))
        return
    draw.polygon(edge, fill=(58, 54, 50), outline=(120, 116, 110))
    draw.ellipse((x - 60, y - 8, x + 50, y + 16), fill=(92, 104, 116))  # rain stands in it
    for _ in range(7):
        end = (x + int(random.integers(-220, 220)), y + int(random.integers(-50, 60)))
        draw.line((x, y, *end), fill=(70, 68, 66), width=3)


def _weather(image: Image.Image, random: Random) -> Image.Image:
    """Return the scene under some light, a little out of focus and grainy, as phones see it."""
    image = image.filter(ImageFilter.GaussianBlur(0.8))
    pixels = np.asarray(image, dtype=np.int16)
    grain = random.integers(-7, 8, (*pixels.shape[:2], 1), dtype=np.int16)
    light = np.linspace(int(random.integers(-14, 6)), int(random.integers(-6, 16)), pixels.shape[1])
    return Image.fromarray(
        (pixels + grain + light.astype(np.int16)[None, :, None]).clip(0, 255).astype(np.uint8)
    )


def _darker(colour: Colour, by: int) -> Colour:
    red, green, blue = (max(0, part - by) for part in colour)
    return red, green, blue


_WHAT: Mapping[str, Callable[[ImageDraw.ImageDraw, Random, bool], None]] = {
    "rubbish": _rubbish,
    "bikes": _bikes,
    "posters": _posters,
    "bin": _broken_bin,
    "pothole": _pothole,
}
KINDS = tuple(_WHAT)
