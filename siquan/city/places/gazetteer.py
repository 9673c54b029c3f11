"""The names of the district's places, as this process remembers them: found while typing, or in a letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from siquan.base.kernel.coordinates import distance_m
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.remembered import Remembered
from siquan.city.places import geography
from siquan.city.places.boundaries import Boundaries
from siquan.city.places.models import Division, Level, Site, kind_in_words
from siquan.city.places.names import NameIndex, plain

# How well a name of this kind stands for one point, and how far (m) the place reaches if nobody measured it.
_PRECISION: Final = {
    "road": (0.50, 400.0),
    "alley": (0.75, 150.0),
    "bus_stop": (0.60, 100.0),
    "park": (0.70, 200.0),
    "metro_station": (0.75, 150.0),
    "compound": (0.85, 120.0),
}
_POINT_LIKE: Final = (0.85, 50.0)
_WIDE: Final = 0.2  # a whole street or community is not a place to send somebody to
# Words that are names here and stand in thousands of letters of another city as plain words, not as names.
_COMMON: Final = {"交通部", "东北门", "东南门", "西北门", "西南门", "幸福家园"}
_CHAINS: Final = {"supermarket", "parking", "roadside_parking"}  # often one chain, often only a kind of shop
_SHORTEST_OF_CHAIN: Final = 6
_SAME_PLACE_M: Final = 300.0
_CLEARLY_BETTER: Final = 0.05
_FIRST: Final = {"street": 0.04, "community": 0.04, "road": 0.03, "alley": 0.03, "metro_station": 0.02}
_NAMED_LEVELS: Final = (Level.STREET, Level.COMMUNITY, Level.BLOCK)


@dataclass(frozen=True, slots=True)
class Found:
    """A place whose name fits what was typed; `id` is a site's or a division's, as `is_site` says."""

    kind: str
    kind_name: str
    name: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    street: str
    score: float
    id: int
    is_site: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a text may mean; without `lon` and `lat` it is too wide for a point.

    `accuracy_m`: how far the matter may be from the point, measured where the site has an extent, else
    assumed by kind. `score` is 0 to 1; `why` says it in words.
    """

    kind: str
    kind_name: str
    name: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    street: str
    street_id: int | None
    road_class: str
    score: float
    why: str
    id: int
    is_site: bool


class Outcome(StrEnum):
    """What came of reading a text for a place."""

    FOUND = "found"
    NOTHING = "nothing"
    AMBIGUOUS = "ambiguous"
    TOO_WIDE = "too-wide"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says about its place: the one place it means, or why none; all candidates, best first."""

    place: Candidate | None
    outcome: Outcome
    reason: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    id: int
    is_site: bool
    kind: str
    name: str
    lon: float | None
    lat: float | None
    street: str
    street_id: int | None
    kind_name: str = ""
    kind_name_en: str = ""
    extent_m: float | None = None
    road_class: str = ""

    def is_too_common(self) -> bool:
        """Tell whether these words in a letter may well mean something else."""
        is_short = self.kind in _CHAINS and len(plain(self.name)) < _SHORTEST_OF_CHAIN
        return is_short or self.name in _COMMON

    def accuracy(self) -> float | None:
        """Return how far from the point the matter may be; None for what is wider than a place."""
        if not self.is_site:
            return None
        return self.extent_m or _PRECISION.get(self.kind, _POINT_LIKE)[1]

    def kind_in_words(self) -> str:
        if not self.is_site:
            return str(Level(self.kind).label)
        return kind_in_words(self.kind_name, self.kind_name_en)


class Gazetteer:
    """The names in force, indexed."""

    def __init__(self, entries: Sequence[_Named]) -> None:
        """Index the names."""
        self._entries = entries
        typed_only = {i for i, entry in enumerate(entries) if entry.is_too_common()}
        self._index = NameIndex([entry.name for entry in entries], typed_only=typed_only)

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
        return sorted(found.values(), key=lambda f: (-f.score, len(f.name), f.name, f.kind, f.id))[:limit]

    def read(self, text: str) -> Reading:
        """Find the one place that a text means."""
        names = {name: positions for name, positions in self._index.in_text(text)}
        entries = [self._entries[p] for positions in names.values() for p in positions]
        if not entries:
            return Reading(None, Outcome.NOTHING, _("文中没有本区的地名。"))
        said = {entry.street_id for entry in entries if entry.kind == Level.STREET}
        candidates = sorted((_candidate(e, said) for e in entries), key=lambda c: (-c.score, c.kind, c.id))
        return _judged(_one_per_place(candidates))


def _judged(candidates: Sequence[Candidate]) -> Reading:
    best, all_ = candidates[0], tuple(candidates)
    if best.lon is None:
        reason = _("文中只提到%(name)s，还不能确定到一个点。") % {"name": best.name}
        return Reading(None, Outcome.TOO_WIDE, reason, all_)
    for other in candidates[1:]:
        if other.score > best.score - _CLEARLY_BETTER and _apart(best, other) > _SAME_PLACE_M:
            reason = _("文中的地名可能指%(one)s（%(street)s），也可能指%(other)s（%(other_street)s）。") % {
                "one": best.name,
                "street": best.street,
                "other": other.name,
                "other_street": other.street,
            }
            return Reading(None, Outcome.AMBIGUOUS, reason, all_)
    return Reading(best, Outcome.FOUND, best.why, all_)


def _one_per_place(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates without those of the same name within a few steps of a better one."""
    kept: list[Candidate] = []
    for candidate in candidates:
        if not any(c.name == candidate.name and _apart(c, candidate) <= _SAME_PLACE_M for c in kept):
            kept.append(candidate)
    return kept


def _apart(one: Candidate, other: Candidate) -> float:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return 0.0  # an area is no rival of a place
    return distance_m(one.lon, one.lat, other.lon, other.lat)


def _candidate(entry: _Named, streets_said: Iterable[int | None]) -> Candidate:
    precision, _reach = _PRECISION.get(entry.kind, _POINT_LIKE)
    score = (precision if entry.is_site else _WIDE) + 0.01 * min(len(plain(entry.name)), 10)
    said = set(streets_said)
    if entry.is_site and said:
        score += 0.1 if entry.street_id in said else -0.1
    why = _("文中提到%(kind)s“%(name)s”。") % {"kind": entry.kind_in_words(), "name": entry.name}
    return Candidate(
        kind=entry.kind,
        kind_name=entry.kind_in_words(),
        name=entry.name,
        lon=entry.lon if entry.is_site else None,
        lat=entry.lat if entry.is_site else None,
        accuracy_m=entry.accuracy(),
        street=entry.street,
        street_id=entry.street_id,
        road_class=entry.road_class,
        score=round(score, 3),
        why=why,
        id=entry.id,
        is_site=entry.is_site,
    )


def _found(entry: _Named, score: float) -> Found:
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


def _nearness(entry: _Named, near: tuple[float, float] | None) -> float:
    if near is None or entry.lon is None or entry.lat is None:
        return 0.0
    return 0.05 / (1 + distance_m(*near, entry.lon, entry.lat) / 1000)


def load(district_id: int) -> Gazetteer:
    """Read the names in force today: sites from the database, divisions from the boundaries in memory."""
    ground = geography.boundaries(timezone.localdate())
    columns = (
        "id",
        "kind",
        "kind_name",
        "kind_name_en",
        "name",
        "lon",
        "lat",
        "extent_m",
        "road_class",
        "street_id",
    )
    sites = Site.objects.filter(district_id=district_id).as_of(timezone.localdate()).order_by("id")
    entries = []
    for row in sites.values(*columns, "street__name"):
        street = row.pop("street__name") or ""
        entries.append(_Named(is_site=True, street=street, **row))
    return Gazetteer(entries + _of_divisions(ground))


def _of_divisions(ground: Boundaries) -> list[_Named]:
    streets = {area.code: area for area in ground.of_level(Level.STREET)}
    named = []
    for level in _NAMED_LEVELS:
        middles = ground.middles(level)
        for area in ground.of_level(level):
            street = streets.get(area.code if level == Level.STREET else area.parent)
            lon, lat = middles.get(area.id, (None, None))
            named.append(
                _Named(
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


_remembered = Remembered(load, [Site, Division])


def names() -> Gazetteer:
    """Return the names of this installation's district."""
    return _remembered.of(current_district())


def forget() -> None:
    """Notice a change at the next question; the services call this when they commit."""
    _remembered.forget()
    geography.forget()
