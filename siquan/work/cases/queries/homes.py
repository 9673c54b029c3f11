"""Where people live, and the fixed grid on which the public is told of matters there.

The grid lies on the ground and never moves: what is reported from one home stands in the middle of one and
the same square, so that many reports tell no more than one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from siquan.base.kernel.coordinates import distance_m
from siquan.base.kernel.districts import current_district
from siquan.city.places.models import InWindow, Site

STEP_LON: Final = 0.0012  # about 102 m at 40° north
STEP_LAT: Final = 0.0009  # about 100 m
KINDS: Final = ("compound", "courtyard", "residential")
REACH_M: Final = 80.0  # of a compound whose extent nobody has drawn (assumed)


def snapped(lon: float, lat: float) -> tuple[float, float]:
    """Return the middle of the grid square of about 100 m in which a point lies."""
    column, line = _square(lon, lat)
    return round((column + 0.5) * STEP_LON, 6), round((line + 0.5) * STEP_LAT, 6)


def _square(lon: float, lat: float) -> tuple[int, int]:
    return math.floor(lon / STEP_LON), math.floor(lat / STEP_LAT)


class Homes:
    """The compounds and courtyards of a piece of the city, by the squares they reach into."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._by_square: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
        for site in sites:
            reach = max(site.extent_m or 0.0, REACH_M)
            aside, up = reach / 111_320 / math.cos(math.radians(site.lat)), reach / 111_320
            west, south = _square(site.lon - aside, site.lat - up)
            east, north = _square(site.lon + aside, site.lat + up)
            for column in range(west, east + 1):
                for line in range(south, north + 1):
                    self._by_square.setdefault((column, line), []).append((site.lon, site.lat, reach))

    def hold(self, lon: float, lat: float) -> bool:
        """Tell whether a point lies in one of them."""
        found = self._by_square.get(_square(lon, lat), ())
        return any(distance_m(lon, lat, x, y) <= reach for x, y, reach in found)


def near(points: Sequence[tuple[float, float]]) -> Homes:
    """Return the homes around some points (one query)."""
    if not points:
        return Homes(())
    lons, lats = [lon for lon, _lat in points], [lat for _lon, lat in points]
    margin = 0.01  # wider than any compound reaches
    window = InWindow(min(lons) - margin, min(lats) - margin, max(lons) + margin, max(lats) + margin)
    sites = Site.objects.filter(window, district_id=current_district(), kind__in=KINDS, valid_to=None)
    return Homes(list(sites.only("lon", "lat", "extent_m")))
