"""Everything one can ask about places: where is this point, which place is meant, what is near."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from siquan.base.kernel.coordinates import Datum, convert, convert_many, distance_m
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput, NotFound, OutsideDistrict
from siquan.city.places import boundary_files, gazetteer, geography
from siquan.city.places.boundaries import Area, Boundaries, Ids
from siquan.city.places.gazetteer import Candidate, Found, Gazetteer, Outcome, Reading
from siquan.city.places.geography import divisions_by_id, divisions_listed
from siquan.city.places.models import BoundaryDraft, InWindow, Site

__all__ = [
    "Area", "Candidate", "Found", "Gazetteer", "Located", "Location", "NearSite", "Outcome", "Reading",
    "Spot", "areas_on", "boundary_draft", "boundary_drafts", "day_with_ground", "describe_spot",
    "divisions_by_id", "divisions_listed", "find_place", "locate", "locate_inside", "locate_many", "names_on",
    "near_sites", "read_place", "search_names",
]  # fmt: skip

_METRES_PER_DEGREE: Final = 111_195.0
_LONGEST_REACH: Final = 5_000.0  # metres
_NEAR_M: Final = 150.0  # beyond that nobody says "beside"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a point lies on a day; `lon` and `lat` are WGS-84, `version` names the boundaries used."""

    lon: float
    lat: float
    on: date
    version: str
    district: Area | None
    street: Area | None
    community: Area | None
    block: Area | None
    cell: Area | None

    @property
    def is_inside(self) -> bool:
        """Tell whether the point lies in the district."""
        return self.district is not None


@dataclass(frozen=True, slots=True)
class Located:
    """Where many points lie: division ids per level, 0 for none; `areas` tells what an id is."""

    lons: npt.NDArray[np.float64]
    lats: npt.NDArray[np.float64]
    on: date
    version: str
    district: Ids
    street: Ids
    community: Ids
    block: Ids
    cell: Ids
    inside: npt.NDArray[np.bool_]
    areas: Mapping[int, Area]


@dataclass(frozen=True, slots=True)
class NearSite:
    """A site and how far it is from where one asked."""

    site: Site
    distance_m: float


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in words: where it lies and the nearest thing people know by name."""

    location: Location
    near: NearSite | None

    @property
    def words(self) -> str:
        """Return the point as one would say it on the telephone."""
        if not self.location.is_inside:
            return str(OutsideDistrict.default_message)
        areas = [str(area) for area in (self.location.street, self.location.community) if area]
        if self.near:
            areas.append(_("%(name)s附近") % {"name": self.near.site.name})
        return _("，").join(areas)


def locate(lon: float, lat: float, *, datum: Datum = Datum.WGS84, on: date) -> Location:
    """Return where a point lies on a day, also when that is outside the district.

    Raises BadInput for what is no place on earth.
    """
    lon, lat = convert(lon, lat, datum, Datum.WGS84)
    known = geography.boundaries(on)
    found = known.find(np.array([lon]), np.array([lat]))
    return Location(
        lon=lon,
        lat=lat,
        on=on,
        version=known.version,
        district=known.area(int(found.district[0])),
        street=known.area(int(found.street[0])),
        community=known.area(int(found.community[0])),
        block=known.area(int(found.block[0])),
        cell=known.area(int(found.cell[0])),
    )


def locate_inside(lon: float, lat: float, *, datum: Datum = Datum.WGS84, on: date) -> Location:
    """Return where a point of the district lies. Raises OutsideDistrict; BadInput for what is no place."""
    location = locate(lon, lat, datum=datum, on=on)
    if location.is_inside:
        return location
    if locate(lon, lat, datum=Datum.WGS84, on=on).is_inside:  # read as another datum it would have fitted
        raise OutsideDistrict(_("这个位置不在本区范围内。坐标是不是WGS-84的？请核对坐标系。"), field="datum")
    raise OutsideDistrict(field="lon")


def locate_many(lons: npt.ArrayLike, lats: npt.ArrayLike, *, datum: Datum = Datum.WGS84, on: date) -> Located:
    """Do what `locate` does for arrays; what is no place on earth lies nowhere, nothing is refused."""
    given_lons, given_lats = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
    if given_lons.shape != given_lats.shape or given_lons.ndim != 1:
        raise BadInput(_("经度和纬度的个数须相同。"), field="lon")
    wgs_lons, wgs_lats = convert_many(given_lons, given_lats, datum, Datum.WGS84)
    known = geography.boundaries(on)
    found = known.find(wgs_lons, wgs_lats)
    return Located(
        lons=wgs_lons,
        lats=wgs_lats,
        on=on,
        version=known.version,
        district=found.district,
        street=found.street,
        community=found.community,
        block=found.block,
        cell=found.cell,
        inside=found.inside,
        areas=known.by_id,
    )


def describe_spot(lon: float, lat: float, *, datum: Datum = Datum.WGS84, on: date) -> Spot:
    """Return a point in words, also when it is outside the district. Raises BadInput."""
    location = locate(lon, lat, datum=datum, on=on)
    if not location.is_inside:
        return Spot(location, None)
    near = near_sites(location.lon, location.lat, _NEAR_M, on=on)
    # what is named after its kind and road, as 停车场（某街）, says less than the road itself
    return Spot(location, next((found for found in near if "（" not in found.site.name), None))


def areas_on(day: date) -> Boundaries:
    """Return the boundaries in force on a day, to be asked many times about that one day."""
    return geography.boundaries(day)


def day_with_ground(day: date) -> date:
    """Return the day, or the first one of which boundaries are known if it was before that."""
    first = geography.first_day()
    return max(day, first) if first else day


def search_names(
    typed: str, *, limit: int = 10, near: tuple[float, float] | None = None, only_points: bool = False
) -> list[Found]:
    """Return the sites and divisions whose name fits what is typed, best first.

    The name itself comes first, then names that begin so, then names that contain it, then one slip of the
    finger. Spaces, punctuation, full width and traditional characters do not matter. `near` is (lon, lat).
    `only_points` leaves out divisions, which are no one spot.
    """
    most = max(1, min(limit, 50))
    return gazetteer.names().search(typed, limit=most, near=near, only_points=only_points)


def read_place(text: str, *, on: date | None = None) -> Reading:
    """Return what a text says about its place: the one place meant or why none, and all candidates.

    `on` asks for the names of that day, else today's count.
    """
    return gazetteer.names(on).read(text)


def names_on(day: date) -> Gazetteer:
    """Return the names in force on a day, to be asked many times about that one day."""
    return gazetteer.names(day)


def find_place(text: str, *, on: date | None = None) -> Candidate | None:
    """Return the one place a text means, None when it names none or could mean several."""
    return read_place(text, on=on).place


def near_sites(
    lon: float, lat: float, radius_m: float, kinds: Sequence[str] | None = None, *, on: date, limit: int = 50
) -> list[NearSite]:
    """Return the sites within a radius of a WGS-84 point, nearest first. Raises BadInput beyond 5 km."""
    if not (math.isfinite(lon) and math.isfinite(lat) and 0 < radius_m <= _LONGEST_REACH):
        raise BadInput(_("半径须在0到5000米之间。"), field="radius")
    up = radius_m / _METRES_PER_DEGREE
    aside = up / max(math.cos(math.radians(lat)), 0.01)
    sites = Site.objects.filter(
        InWindow(lon - aside, lat - up, lon + aside, lat + up), district_id=current_district()
    )
    if kinds is not None:
        sites = sites.filter(kind__in=kinds)
    near = [NearSite(site, distance_m(lon, lat, site.lon, site.lat)) for site in sites.as_of(on)]
    near = [found for found in near if found.distance_m <= radius_m]
    return sorted(near, key=lambda found: (found.distance_m, found.site.code))[:limit]


def boundary_drafts(most: int = 20) -> list[BoundaryDraft]:
    """Return the latest files of changed boundaries, newest first."""
    found = BoundaryDraft.objects.filter(district_id=current_district()).select_related("by")
    return list(found.defer("content").order_by("-id")[:most])


def boundary_draft(draft_id: int) -> tuple[BoundaryDraft, boundary_files.Preview]:
    """Return a file of changed boundaries with what it would change. Raises NotFound."""
    draft = BoundaryDraft.objects.filter(district_id=current_district(), pk=draft_id).first()
    if draft is None:
        raise NotFound
    if draft.published_at is not None:
        return draft, boundary_files.Preview()
    return draft, boundary_files.preview(draft.content, draft.name, draft.valid_from)
