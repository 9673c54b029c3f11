"""Small charts as SVG, drawn on the server: lines with their intervals, and a map of tinted streets.

Coordinates only; colours are classes of the style sheet. Behind every chart stands a table with the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

WIDTH, HEIGHT = 240, 72
MARGIN: Final = 6
TINTS: Final = 5  # steps of the map's tint, 0 for none
MAP_WIDTH: Final = 320
_SIMPLE: Final = 0.00015  # degrees, about 15 m


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a line: the share and its interval, between 0 and 1; None where there were no cases."""

    label: str
    share: float | None = None
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Line:
    """A line with the band of its intervals, broken where there were no cases."""

    lines: list[str]
    bands: list[str]
    dots: list[tuple[str, str]]
    last: tuple[str, str] | None
    least: str
    most: str
    is_empty: bool


def line_of(points: Sequence[Point], width: int = WIDTH, height: int = HEIGHT) -> Line:
    """Return the drawing of a row of periods; the scale spans the intervals and is said beside it."""
    known = [point for point in points if point.share is not None]
    if not known:
        return Line([], [], [], None, "", "", is_empty=True)
    least = max(0.0, min(point.low for point in known) - 0.01)
    most = min(1.0, max(point.high for point in known) + 0.01)
    step = (width - 2 * MARGIN) / max(len(points) - 1, 1)

    def at(number: int, share: float) -> str:
        y = MARGIN + (height - 2 * MARGIN) * (most - share) / ((most - least) or 1)
        return f"{MARGIN + number * step:.1f},{y:.1f}"

    lines, bands, dots = [], [], []
    for run in _runs(points):
        middle = [at(number, point.share or 0.0) for number, point in run]
        upper = [at(number, point.high) for number, point in run]
        lower = [at(number, point.low) for number, point in reversed(run)]
        if len(run) > 1:
            lines.append(" ".join(middle))
            bands.append(" ".join(upper + lower))
        else:
            x, y = middle[0].split(",")
            dots.append((x, y))
    number = max(number for number, point in enumerate(points) if point.share is not None)
    x, y = at(number, points[number].share or 0.0).split(",")
    return Line(lines, bands, dots, (x, y), f"{least * 100:.0f}", f"{most * 100:.0f}", is_empty=False)


def _runs(points: Sequence[Point]) -> list[list[tuple[int, Point]]]:
    runs: list[list[tuple[int, Point]]] = [[]]
    for number, point in enumerate(points):
        if point.share is None:
            runs.append([])
        else:
            runs[-1].append((number, point))
    return [run for run in runs if run]


@dataclass(frozen=True)
class Outlines:
    """Outlines of places as SVG paths in one picture."""

    paths: dict[str, str]
    middles: dict[str, tuple[str, str]]
    width: int
    height: int


def outlines(shapes: Sequence[tuple[str, BaseGeometry]]) -> Outlines:
    """Return the outlines of places, north up, simplified to what a small picture can show."""
    west, south, east, north = shapely.total_bounds([shape for _code, shape in shapes])
    across = MAP_WIDTH / ((east - west) or 1)
    up = across / 0.767  # a degree of longitude at 39.9° N is 0.767 of a degree of latitude
    height = round((north - south) * up)

    def drawn(ring: Any) -> str:
        corners = [f"{(x - west) * across:.1f} {(north - y) * up:.1f}" for x, y in ring.coords]
        return f"M{'L'.join(corners)}Z"

    paths, middles = {}, {}
    for code, shape in shapes:
        simple = shape.simplify(_SIMPLE)
        rings = [ring for part in shapely.get_parts(simple) for ring in (part.exterior, *part.interiors)]
        paths[code] = "".join(map(drawn, rings))
        middle = shapely.point_on_surface(shape)
        middles[code] = (f"{(middle.x - west) * across:.1f}", f"{(north - middle.y) * up:.1f}")
    return Outlines(paths, middles, MAP_WIDTH, height)


def tint_of(share: float | None, least: float, most: float) -> int:
    """Return the step of the tint between the lowest and the highest share, 1 to `TINTS`; 0 without cases."""
    if share is None:
        return 0
    if most <= least:
        return TINTS
    return min(TINTS, 1 + int((share - least) / (most - least) * TINTS))
