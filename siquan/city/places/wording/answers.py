"""What the gazetteer holds and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from siquan.city.places.models import Level, kind_in_words
from siquan.city.places.names import plain

# How well a name of this kind stands for one point, and how far (m) the place reaches if nobody measured it.
PRECISION: Final = {
    "road": (0.50, 400.0),
    "alley": (0.75, 150.0),
    "bus_stop": (0.60, 100.0),
    "park": (0.70, 200.0),
    "metro_station": (0.75, 150.0),
    "compound": (0.85, 120.0),
}
POINT_LIKE: Final = (0.85, 50.0)
WAYS: Final = frozenset({"road", "alley"})
# Words that are names here and stand in thousands of letters of another city as plain words, not as names.
_COMMON: Final = {"交通部", "东北门", "东南门", "西北门", "西南门", "幸福家园"}
_CHAINS: Final = {"supermarket", "parking", "roadside_parking"}  # often one chain, often only a kind of shop
_SHORTEST_OF_CHAIN: Final = 6


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
    why: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a text may mean; without `lon` and `lat` it is too wide for a point.

    `accuracy_m`: how far the matter may be from the point, measured where the site has an extent, else
    assumed by kind. `score` is 0 to 1; `why` says it in words. `id` is 0 for a point that is no site or
    division: a crossing, a house number, so many metres from somewhere.
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
    likeness: float = 1.0


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
class Named:
    """A site or division as the gazetteer knows it."""

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
        return self.extent_m or PRECISION.get(self.kind, POINT_LIKE)[1]

    def kind_in_words(self) -> str:
        """Return what kind of thing it is, in the reader's language."""
        if not self.is_site:
            return str(Level(self.kind).label)
        return kind_in_words(self.kind_name, self.kind_name_en)
