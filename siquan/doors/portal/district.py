"""The district as a small drawing: its streets, tinted by how much was reported there."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from shapely.geometry import MultiPolygon, Point, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import polylabel

from siquan.city.places.models import Division, Level
from siquan.city.places.queries import areas_on

WIDTH: Final = 300.0
COARSE: Final = 0.0002  # degrees; about 20 m, less than a point of the drawing
TINTS: Final = 5


@dataclass(frozen=True)
class Street:
    """One street of the drawing: its path, where its number stands, and how much was reported."""

    name: str
    url: str
    path: str
    x: float
    y: float
    count: int
    tint: int


@dataclass(frozen=True)
class Drawing:
    """The streets and the size of the drawing."""

    width: float
    height: float
    streets: list[Street]

    @property
    def view_box(self) -> str:
        """Return the frame of the drawing, with room for the lines at its edge."""
        return f"-4 -4 {self.width + 8:.0f} {self.height + 8:.0f}"


@dataclass(frozen=True)
class _Shape:
    name: str
    name_en: str
    path: str
    x: float
    y: float


def outline(day: date, counts: Mapping[str, int]) -> Drawing | None:
    """Return the drawing of a day with the counts per street code; None when there are no boundaries."""
    shapes, height = _shapes(areas_on(day).version, day)
    if not shapes:
        return None
    areas = {area.code: str(area) for area in areas_on(day).by_id.values()}
    most = max(counts.values(), default=0)
    base = reverse("portal:map")
    streets = [
        Street(
            name=areas.get(code, drawn.name),
            url=f"{base}?{urlencode({'street': code, 'period': '7d'})}",
            path=drawn.path,
            x=drawn.x,
            y=drawn.y,
            count=counts.get(code, 0),
            tint=_tint(counts.get(code, 0), most),
        )
        for code, drawn in shapes.items()
    ]
    return Drawing(WIDTH, height, streets)


def map_start(street: str, day: date) -> dict[str, str]:
    """Return where the public map opens: the whole district, or the street that is chosen."""
    rows = Division.objects.as_of(day).filter(level=Level.STREET, code=street).exclude(boundary=None)
    row = rows.first() if street else None
    if row is None:
        return {"zoom": "11.6", "centre": ""}
    middle = shape(row.boundary).centroid
    return {"zoom": "13.6", "centre": f"{middle.x:.4f},{middle.y:.4f}"}


def _tint(count: int, most: int) -> int:
    return min(TINTS - 1, count * TINTS // most) if most else 0


@functools.lru_cache(maxsize=4)
def _shapes(version: str, day: date) -> tuple[dict[str, _Shape], float]:
    """Return the streets' paths in the units of the drawing; kept per version of the boundaries."""
    rows = Division.objects.as_of(day).filter(level=Level.STREET).exclude(boundary=None).order_by("code")
    found: dict[str, tuple[Any, BaseGeometry]] = {row.code: (row, shape(row.boundary)) for row in rows}
    if not found:
        return {}, 0.0
    bounds = [geometry.bounds for _row, geometry in found.values()]
    west, north = min(each[0] for each in bounds), max(each[3] for each in bounds)
    east, south = max(each[2] for each in bounds), min(each[1] for each in bounds)
    scale = WIDTH / max(east - west, 1e-6)
    upward = scale / math.cos(math.radians((north + south) / 2))
    drawn = {}
    for code, (row, geometry) in found.items():
        rings = _rings(geometry.simplify(COARSE))
        path = "".join(_path(ring, west, north, scale, upward) for ring in rings)
        middle = _middle(geometry)
        x, y = (middle.x - west) * scale, (north - middle.y) * upward
        drawn[code] = _Shape(row.name, row.name_en, path, round(x, 1), round(y, 1))
    return drawn, round((north - south) * upward, 1)


def _middle(geometry: BaseGeometry) -> Point:
    """Return the point farthest from every edge: where a number has room."""
    parts = geometry.geoms if isinstance(geometry, MultiPolygon) else [geometry]
    largest = max(parts, key=lambda part: part.area)
    return polylabel(largest, 0.0005) if isinstance(largest, Polygon) else largest.representative_point()


def _rings(geometry: BaseGeometry) -> Iterator[list[tuple[float, ...]]]:
    parts = geometry.geoms if isinstance(geometry, MultiPolygon) else [geometry]
    for part in parts:
        if isinstance(part, Polygon):
            yield list(part.exterior.coords)


def _path(ring: list[tuple[float, ...]], west: float, north: float, scale: float, upward: float) -> str:
    points = [f"{(lon - west) * scale:.1f} {(north - lat) * upward:.1f}" for lon, lat, *_rest in ring]
    return f"M{'L'.join(points)}Z"
