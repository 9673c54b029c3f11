"""What else places are told by (road lines, crossings, house numbers, other names): read and written.

A file is complete: what it no longer names ends on the day. A missing file changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import shapely
from django.utils.translation import gettext as _

from siquan.base.kernel.coordinates import Datum, convert, parse_datum
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput
from siquan.city.places import outlines
from siquan.city.places.models import Alias, AliasSort, Crossing, Door, RoadLine, Wording

Told = tuple[Any, ...]
_BATCH: Final = 1000
# file, table, the columns that tell one row from another
FILES: Final[Mapping[str, tuple[type[Wording], tuple[str, ...]]]] = {
    "roads": (RoadLine, ("name", "line")),
    "crossings": (Crossing, ("one", "other", "lon", "lat")),
    "doors": (Door, ("road", "number", "lon", "lat")),
    "aliases": (Alias, ("alias", "name", "sort")),
}


def understand(stem: str, row: Any) -> Told | None:
    """Return what a row tells, its source last; None for a line without a name. Raises BadInput."""
    told = {"roads": _line, "crossings": _crossing, "doors": _door, "aliases": _alias}[stem](row)
    return (*told, row.text("source", longest=200) or row.file) if told else None


def write(told: Mapping[str, Sequence[Told]], on: date) -> int:
    """Write what is new and end what is no longer told; return how many rows that were."""
    return sum(_write(*FILES[stem], rows, on) for stem, rows in told.items())


def _write(table: type[Wording], columns: Sequence[str], rows: Sequence[Told], on: date) -> int:
    known = table.objects.filter(district_id=current_district(), valid_to=None)
    held = {_key(told): (key, since) for key, since, *told in known.values_list("id", "valid_from", *columns)}
    wanted = {_key(row[:-1]): row for row in rows}
    ended = [found for key, found in held.items() if key not in wanted]
    if any(since >= on for _id, since in ended):
        raise BadInput(_("道路、路口、门牌或别名的现有记录自这一天或更晚起生效，新的变更须晚于它。"))
    new = [row for key, row in wanted.items() if key not in held]
    table.objects.filter(pk__in=[key for key, _since in ended]).update(valid_to=on)
    table.objects.bulk_create(
        [table(**dict(zip(columns, row, strict=False)), source=row[-1], valid_from=on) for row in new],
        batch_size=_BATCH,
    )
    return len(ended) + len(new)


def _key(row: Sequence[Any]) -> str:
    """Return what a row says as text that can be compared."""
    return json.dumps(row, ensure_ascii=False)


def _line(row: Any) -> Told | None:
    name = row.text("name", longest=100)
    line = shapely.from_geojson(json.dumps(row.outline), on_invalid="ignore") if name else None
    if line is None or line.is_empty:
        return None
    parts = [[list(at) for at in part.coords] for part in getattr(line, "geoms", [line])]
    return name, [[[round(lon, 6), round(lat, 6)] for lon, lat, *_ in part] for part in parts]


def _crossing(row: Any) -> Told:
    names = [row.text(column, longest=100, needed=True) for column in ("one", "other")]
    return *names, *_point(row)


def _door(row: Any) -> Told:
    return (
        row.text("road", longest=100, needed=True),
        row.text("number", longest=12, needed=True),
        *_point(row),
    )


def _alias(row: Any) -> Told:
    sort = row.text("sort", longest=10, needed=True)
    if sort not in AliasSort.values:
        raise BadInput(_("不认识这种别名：%(sort)s。") % {"sort": sort}, field="sort")
    name = row.text("name", longest=210, needed=sort != AliasSort.OUTSIDE)
    return row.text("alias", longest=100, needed=True), name, sort


def _point(row: Any) -> tuple[float, float]:
    datum = parse_datum(row.text("datum", longest=40) or Datum.WGS84)
    lon, lat = convert(row.number("lon"), row.number("lat"), datum, Datum.WGS84)
    return round(lon, outlines.DIGITS), round(lat, outlines.DIGITS)
