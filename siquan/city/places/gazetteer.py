"""The names of places on a day, as this process remembers them: found while typing, or in a letter."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from django.utils import timezone

from siquan.base.kernel.coordinates import distance_m
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.remembered import Remembered
from siquan.city.places import geography
from siquan.city.places.boundaries import Boundaries
from siquan.city.places.models import Alias, Crossing, Division, Door, Level, RoadLine, Site
from siquan.city.places.names import NameIndex, plain
from siquan.city.places.wording.answers import Candidate, Found, Named, Outcome, Reading
from siquan.city.places.wording.reading import OtherName, Reader
from siquan.city.places.wording.ways import Point, Ways

__all__ = ["Candidate", "Found", "Gazetteer", "Outcome", "Reading", "forget", "names"]

LONGEST_TEXT: Final = 20_000  # characters that are read of one text
_FIRST: Final = {"street": 0.04, "community": 0.04, "road": 0.03, "alley": 0.03, "metro_station": 0.02}
_NAMED_LEVELS: Final = (Level.STREET, Level.COMMUNITY, Level.BLOCK)
_TABLES: Final = (Site, RoadLine, Crossing, Door, Alias)
_VERSIONS_KEPT: Final = 2  # today's, and one more while tickets of before a change are imported
_SITE: Final = (
    "id", "kind", "kind_name", "kind_name_en", "name", "lon", "lat", "extent_m", "road_class", "street_id",
)  # fmt: skip


class Gazetteer:
    """The names in force on a day, indexed."""

    def __init__(self, entries: Sequence[Named], reader: Reader) -> None:
        """Index the names for typing; `reader` reads texts."""
        self._entries = entries
        self._index = NameIndex([entry.name for entry in entries])
        self._reader = reader

    def search(
        self, typed: str, *, limit: int, near: tuple[float, float] | None, only_points: bool = False
    ) -> list[Found]:
        """Return the places that fit what is typed, best first; `near` (lon, lat) decides between equals."""
        found: dict[tuple[str, str, str], Found] = {}
        for match in self._index.search(typed, enough=limit):
            entry = self._entries[match.position]
            if only_points and not entry.is_site:
                continue
            score = match.score + _FIRST.get(entry.kind, 0.0) + _nearness(entry, near)
            key = (entry.kind, entry.name, entry.street)  # the two sides of a bus stop are one line
            if key not in found or found[key].score < score:
                found[key] = _found(entry, round(score, 4))
        best = sorted(found.values(), key=lambda f: (-f.score, len(f.name), f.name, f.kind, f.id))
        return _first_of([*self._told(typed), *best], limit)

    def read(self, text: str) -> Reading:
        """Find the one place that a text means."""
        return self._reader.read(text[:LONGEST_TEXT])

    def _told(self, typed: str) -> list[Found]:
        """Return what is no name of a place but says where: a crossing, a house number, an old name."""
        reading = self._reader.read(typed)
        is_told = [
            c
            for c in reading.candidates
            if c.lon is not None and (plain(c.name) != plain(typed)) and c.likeness == 1
        ]
        has_more = any(not c.is_site for c in is_told)
        return [_as_found(c) for c in is_told if not c.is_site or (not has_more and _is_other_name(c, typed))]


def _is_other_name(candidate: Candidate, typed: str) -> bool:
    """Tell whether what was typed is wholly another name of the place, not words around its name."""
    return plain(candidate.name) not in plain(typed)


def _first_of(found: Sequence[Found], limit: int) -> list[Found]:
    seen: dict[tuple[str, str, str], Found] = {}
    for one in found:
        seen.setdefault((one.kind, one.name, one.street), one)
    return list(seen.values())[:limit]


def _as_found(candidate: Candidate) -> Found:
    return Found(
        kind=candidate.kind,
        kind_name=candidate.kind_name,
        name=candidate.name,
        lon=candidate.lon,
        lat=candidate.lat,
        accuracy_m=candidate.accuracy_m,
        street=candidate.street,
        score=1.0 + candidate.score,
        id=candidate.id,
        is_site=candidate.is_site,
        why=candidate.why,
    )


def _found(entry: Named, score: float) -> Found:
    return Found(
        kind=entry.kind,
        kind_name=entry.kind_in_words(),
        name=entry.name,
        lon=entry.lon,
        lat=entry.lat,
        accuracy_m=entry.accuracy(),
        street=entry.street,
        score=score,
        id=entry.id,
        is_site=entry.is_site,
    )


def _nearness(entry: Named, near: tuple[float, float] | None) -> float:
    if near is None or entry.lon is None or entry.lat is None:
        return 0.0
    return 0.05 / (1 + distance_m(*near, entry.lon, entry.lat) / 1000)


class Words:
    """The gazetteer of each stretch of days between two changes, read when it is asked for."""

    def __init__(self, district_id: int, changes: Sequence[date]) -> None:
        """Keep on which days anything changed."""
        self._district = district_id
        self._changes = changes
        self._built: OrderedDict[tuple[int, str], Gazetteer] = OrderedDict()
        self._lock = threading.Lock()

    def on(self, day: date) -> Gazetteer:
        """Return the names in force on a day."""
        ground = geography.boundaries(day)
        key = bisect_right(self._changes, day), ground.version
        with self._lock:
            if key not in self._built:
                self._built[key] = self._build(day, ground)
                if len(self._built) > _VERSIONS_KEPT:
                    self._built.popitem(last=False)
            self._built.move_to_end(key)
            return self._built[key]

    def _build(self, day: date, ground: Boundaries) -> Gazetteer:
        def held(table: Any, *columns: str) -> Iterator[Any]:
            rows = table.objects.as_of(day).filter(district_id=self._district).order_by("id")
            return rows.values_list(*columns).iterator()  # type: ignore[no-any-return]

        sites = [
            Named(is_site=True, street=street or "", **dict(zip(_SITE, told, strict=True)))
            for street, *told in held(Site, "street__name", *_SITE)
        ]
        entries = sites + _of_divisions(ground)
        roads = Ways({plain(name): line for name, line in held(RoadLine, "name", "line")})
        for one, other, lon, lat in held(Crossing, "one", "other", "lon", "lat"):
            roads.crossings[frozenset((plain(one), plain(other)))].append((lon, lat))
        for road, number, lon, lat in held(Door, "road", "number", "lon", "lat"):
            roads.doors[plain(road)][number] = (lon, lat)
        others = [OtherName(*told) for told in held(Alias, "alias", "name", "sort")]
        points = [at for told in roads.crossings.values() for at in told]
        points += [at for told in roads.doors.values() for at in told.values()]
        return Gazetteer(entries, Reader(entries, roads, others, _Streets(ground, points)))


class _Streets:
    """Tells the street of a point; for crossings and house numbers at once, for they are asked most."""

    def __init__(self, ground: Boundaries, points: Sequence[Point]) -> None:
        self._ground = ground
        lons, lats = np.array(points, dtype=np.float64).reshape(-1, 2).T
        self._known = dict(zip(points, ground.find(lons, lats).street.tolist(), strict=True))

    def __call__(self, lon: float, lat: float) -> tuple[str, int | None]:
        key = self._known.get((lon, lat))
        if key is None:
            key = int(self._ground.find(np.array([lon]), np.array([lat])).street[0])
        area = self._ground.area(key)
        return (area.name, area.id) if area else ("", None)


def load(district_id: int) -> Words:
    """Read from the database on which days a name changed."""
    days: set[date] = set()
    for table in _TABLES:
        rows = table._default_manager.filter(district_id=district_id).order_by()
        days.update(*rows.values_list("valid_from", "valid_to").distinct())
    return Words(district_id, sorted(day for day in days if day))


def _of_divisions(ground: Boundaries) -> list[Named]:
    streets = {area.code: area for area in ground.of_level(Level.STREET)}
    named = []
    for level in _NAMED_LEVELS:
        middles = ground.middles(level)
        for area in ground.of_level(level):
            street = streets.get(area.code if level == Level.STREET else area.parent)
            lon, lat = middles.get(area.id, (None, None))
            named.append(
                Named(
                    id=area.id,
                    is_site=False,
                    kind=level,
                    name=area.name,
                    lon=lon,
                    lat=lat,
                    street=street.name if street else "",
                    street_id=street.id if street else None,
                )
            )
    return named


_remembered = Remembered(load, [*_TABLES, Division])


def names(day: date | None = None) -> Gazetteer:
    """Return the names of this installation's district in force on a day, today's if none is given."""
    return _remembered.of(current_district()).on(day or timezone.localdate())


def forget() -> None:
    """Notice a change at the next question; the services call this when they commit."""
    _remembered.forget()
    geography.forget()
