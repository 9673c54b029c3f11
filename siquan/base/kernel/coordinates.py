"""Coordinates in the three datums met in China, and the way between them.

WGS-84 is what satellites and this product use. GCJ-02 (火星坐标) is what map services in China must show,
up to about 700 m away from it; BD-09 is Baidu's variant of GCJ-02. The shift outwards is a published closed
formula; the way back is found by iterating it, so that there and back is exact to less than a millimetre.
Datums of survey offices (CGCS2000) agree with WGS-84 within what a phone can measure and are read as it.
"""

import math
import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput, UnknownDatum

Degrees = npt.NDArray[np.float64]
# A pair of floats or of arrays: the formulas are written once, with `math` or `numpy` handed in as `m`.
Pair = tuple[Any, Any]


class Datum(TextChoices):
    """What a pair of coordinates refers to."""

    WGS84 = "wgs84", "WGS-84"
    GCJ02 = "gcj02", _("GCJ-02（高德、腾讯）")
    BD09 = "bd09", _("BD-09（百度）")


_NAMES: Final = {
    Datum.WGS84: "wgs84 wgs gps epsg4326 4326 crs84 北斗 cgcs2000 国家2000 2000国家大地坐标系 天地图",
    Datum.GCJ02: "gcj02 gcj 火星 火星坐标 火星坐标系 mars amap gaode 高德 高德地图 tencent qq 腾讯 腾讯地图",
    Datum.BD09: "bd09 bd bd09ll baidu 百度 百度地图 百度坐标",
}
_DATUMS: Final = {name: datum for datum, names in _NAMES.items() for name in names.split()}
_LONGEST_NAME: Final = 40

_AXIS: Final = 6378245.0  # metres; Krassowsky 1940, on which the formula of GCJ-02 rests
_ECCENTRICITY: Final = 0.00669342162296594323  # squared
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271  # GCJ-02 shifts only inside this box
# Each round leaves less than 1/100 of the error (from 700 m): six rounds leave less than a nanometre.
_ROUNDS: Final = 6
_EARTH_RADIUS: Final = 6_371_008.8  # metres, mean


def parse_datum(text: str) -> Datum:
    """Return the datum that a file header or a person names. Raises UnknownDatum."""
    key = re.sub(r"[\W_]", "", text.casefold()) if len(text) <= _LONGEST_NAME else ""
    if key not in _DATUMS:
        raise UnknownDatum(field="datum")
    return _DATUMS[key]


def convert(lon: float, lat: float, from_: Datum, to: Datum) -> tuple[float, float]:
    """Return longitude and latitude, in degrees, in another datum. Raises BadInput for what is no place."""
    _check(lon, lat)
    if from_ == to:
        return lon, lat
    if from_ is Datum.BD09:
        lon, lat = _undo(_gcj_to_bd, lon, lat, math)
    if Datum.WGS84 in (from_, to) and _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH:
        lon, lat = _wgs_to_gcj(lon, lat, math) if from_ is Datum.WGS84 else _undo(_wgs_to_gcj, lon, lat, math)
    return _gcj_to_bd(lon, lat, math) if to is Datum.BD09 else (lon, lat)


def convert_many(
    lons: npt.ArrayLike, lats: npt.ArrayLike, from_: Datum, to: Datum
) -> tuple[Degrees, Degrees]:
    """Do what `convert` does for arrays; what is not a number stays so, nothing is refused."""
    lon, lat = np.array(lons, dtype=np.float64), np.array(lats, dtype=np.float64)
    if from_ == to:
        return lon, lat
    if from_ is Datum.BD09:
        lon, lat = _undo(_gcj_to_bd, lon, lat, np)
    if Datum.WGS84 in (from_, to):
        inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
        x, y = lon[inside], lat[inside]
        lon[inside], lat[inside] = (
            _wgs_to_gcj(x, y, np) if from_ is Datum.WGS84 else _undo(_wgs_to_gcj, x, y, np)
        )
    return _gcj_to_bd(lon, lat, np) if to is Datum.BD09 else (lon, lat)


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the distance in metres between two points of one datum, along a great circle."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    across = math.sin(math.radians(lon2 - lon1) / 2) ** 2 * math.cos(phi1) * math.cos(phi2)
    chord = math.sin((phi2 - phi1) / 2) ** 2 + across
    return 2 * _EARTH_RADIUS * math.asin(math.sqrt(min(1.0, chord)))


def _check(lon: float, lat: float) -> None:
    """Refuse what is no place on earth, and say so when the two were swapped."""
    if abs(lon) <= 180 and abs(lat) <= 90:
        return
    if abs(lat) <= 180 and abs(lon) <= 90:
        raise BadInput(_("经度和纬度好像写反了：经度在前，纬度在后。"), field="lon")
    field = "lat" if abs(lon) <= 180 else "lon"
    raise BadInput(_("经度须在-180到180之间，纬度须在-90到90之间。"), field=field)


def _undo(forward: Callable[[Any, Any, Any], Pair], lon: Any, lat: Any, m: Any) -> Pair:
    """Return the pair that `forward` takes to (lon, lat), by fixed-point iteration."""
    x, y = lon, lat
    for _round in range(_ROUNDS):
        there_x, there_y = forward(x, y, m)
        x, y = x + lon - there_x, y + lat - there_y
    return x, y


def _wgs_to_gcj(lon: Any, lat: Any, m: Any) -> Pair:
    """Return the GCJ-02 pair of a WGS-84 pair inside the box. Source: the formula published in 2010."""
    x, y = lon - 105.0, lat - 35.0
    root = m.sqrt(m.fabs(x))
    waves = (20 * m.sin(6 * x * m.pi) + 20 * m.sin(2 * x * m.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20 * m.sin(y * m.pi) + 40 * m.sin(y / 3 * m.pi)) * 2 / 3
    north += (160 * m.sin(y / 12 * m.pi) + 320 * m.sin(y / 30 * m.pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20 * m.sin(x * m.pi) + 40 * m.sin(x / 3 * m.pi)) * 2 / 3
    east += (150 * m.sin(x / 12 * m.pi) + 300 * m.sin(x / 30 * m.pi)) * 2 / 3
    phi = lat / 180 * m.pi
    bend = 1 - _ECCENTRICITY * m.sin(phi) ** 2
    metres_north = _AXIS * (1 - _ECCENTRICITY) / (bend * m.sqrt(bend)) * m.pi / 180
    metres_east = _AXIS / m.sqrt(bend) * m.cos(phi) * m.pi / 180
    return lon + east / metres_east, lat + north / metres_north


def _gcj_to_bd(lon: Any, lat: Any, m: Any) -> Pair:
    """Return the BD-09 pair of a GCJ-02 pair. Source: the formula published in 2010."""
    turn = m.pi * 3000 / 180
    radius = m.sqrt(lon * lon + lat * lat) + 0.00002 * m.sin(lat * turn)
    angle = m.atan2(lat, lon) + 0.000003 * m.cos(lon * turn)
    return radius * m.cos(angle) + 0.0065, radius * m.sin(angle) + 0.006
