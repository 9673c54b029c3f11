"""Answers of `siquan places locate`: text lines in, JSON lines out, ten thousand at a time.

The part of an answer that tells the areas is the same for all points of a cell, so it is made once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
from django.utils.translation import gettext as _

from siquan.base.kernel.coordinates import Datum, convert, parse_datum
from siquan.base.kernel.errors import BadInput
from siquan.city.places.queries import Area, Located, locate_many

_LONGEST_LINE = 200
_LEVELS = ("district", "street", "community", "block", "cell")
Point = tuple[int, float, float]


class Answers:
    """Answers lines about one day, and remembers how each area is told."""

    def __init__(self, on: date) -> None:
        """Keep the day."""
        self._on = on
        self._version = ""
        self._told: dict[tuple[int, ...], str] = {}
        self._datums: dict[str, Datum] = {}

    def of(self, batch: Sequence[bytes], first: int) -> tuple[str, bool]:
        """Return a JSON line per line, and whether any could not be read; `first` numbers the first."""
        told = [""] * len(batch)
        points: dict[Datum, list[Point]] = defaultdict(list)
        any_bad = False
        for i, line in enumerate(batch):
            try:
                lon, lat, datum = _read(line, self._datums)
                points[datum].append((i, lon, lat))
            except BadInput as error:
                any_bad = True
                words = {"line": first + i, "error": error.code, "message": str(error)}
                told[i] = json.dumps(words, ensure_ascii=False)
        for datum, some in points.items():
            self._tell(told, some, datum, first)
        return "".join(f"{answer}\n" for answer in told), any_bad

    def _tell(self, told: list[str], points: Sequence[Point], datum: Datum, first: int) -> None:
        numbers, lons, lats = zip(*points, strict=True)
        found = locate_many(np.array(lons), np.array(lats), datum=datum, on=self._on)
        if found.version != self._version:
            self._version, self._told = found.version, {}
        ids = zip(*(getattr(found, level).tolist() for level in _LEVELS), strict=True)
        for i, lon, lat, key in zip(numbers, found.lons.tolist(), found.lats.tolist(), ids, strict=True):
            areas = self._told.get(key)
            if areas is None:
                areas = self._told[key] = _areas(found, key)
            told[i] = f'{{"line": {first + i}, "lon": {lon:.7f}, "lat": {lat:.7f}, {areas}}}'


def _read(line: bytes, datums: dict[str, Datum]) -> tuple[float, float, Datum]:
    """Return longitude, latitude and datum of a line. Raises BadInput."""
    parts = line.split(b",") if len(line) <= _LONGEST_LINE else []
    try:
        lon, lat, *rest = parts
        x, y = float(lon), float(lat)
        name = rest[0].decode().strip() if rest else ""
    except ValueError:
        raise BadInput(_("这一行读不懂，请写成“经度,纬度”或“经度,纬度,坐标系”。")) from None
    if len(rest) > 1:
        raise BadInput(_("这一行多于三项，请写成“经度,纬度”或“经度,纬度,坐标系”。"))
    if name not in datums:
        found = parse_datum(name) if name else Datum.WGS84
        if len(datums) < 100:  # the ways to write a datum are few; a hostile file must not fill the memory
            datums[name] = found
        return _on_earth(x, y, found)
    return _on_earth(x, y, datums[name])


def _on_earth(lon: float, lat: float, datum: Datum) -> tuple[float, float, Datum]:
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        convert(lon, lat, Datum.WGS84, Datum.WGS84)  # says what is wrong with them
    return lon, lat, datum


def _areas(found: Located, ids: Sequence[int]) -> str:
    told = {level: _area(found.areas.get(key)) for level, key in zip(_LEVELS, ids, strict=True)}
    inside = ids[0] > 0
    more = {} if inside else {"reason": "outside-district"}
    return json.dumps({"inside": inside, **more, **told, "version": found.version}, ensure_ascii=False)[1:-1]


def _area(area: Area | None) -> dict[str, str] | None:
    if area is None:
        return None
    names = {"code": area.code, "name": area.name, "name_en": area.name_en, "kind": area.kind}
    return {key: value for key, value in names.items() if value}
