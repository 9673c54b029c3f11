"""Where the tickets of a file are: by their coordinates, or by the words of the letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _

from siquan.base.kernel.coordinates import Datum
from siquan.city.places import queries as places
from siquan.work.cases.imports.tickets import Ticket

# In the middle of a letter a short name (美术馆, 小卖部) is rarely this one; roads and alleys say where.
SURE_FROM = 4
WAYS = frozenset({"road", "alley"})
OPEN = frozenset({places.Outcome.AMBIGUOUS})  # what the address leaves open, the letter may not decide


@dataclass(slots=True)
class TicketPlace:
    """The place of one ticket; without `lon` it waits for somebody to find it.

    `why` says how it was found or why it was not; `given` are coordinates that could not be used.
    """

    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    datum: str = ""
    road_class: str = ""
    site_id: int | None = None
    street_id: int | None = None
    community_id: int | None = None
    block_id: int | None = None
    cell_id: int | None = None
    why: str = ""
    given: str = ""
    is_read: bool = False  # from words, not from coordinates


def places_of(tickets: Sequence[Ticket], *, at: datetime) -> list[TicketPlace]:
    """Return the place of each ticket; where nothing is sure there is none. Refuses nothing."""
    names, ground = cache(places.names_on), cache(places.day_with_ground)  # each day is asked for once
    days = [ground(timezone.localdate(ticket.reported_at or at)) for ticket in tickets]
    found = [_given(ticket) or _read(ticket, names(day)) for ticket, day in zip(tickets, days, strict=True)]
    groups: dict[tuple[str, date], list[int]] = {}
    for number, (day, place) in enumerate(zip(days, found, strict=True)):
        if place.lon is not None:
            groups.setdefault((place.datum, day), []).append(number)
    for (datum, day), numbers in groups.items():
        _locate([found[number] for number in numbers], Datum(datum), day)
    return found


def _given(ticket: Ticket) -> TicketPlace | None:
    if ticket.lon is None or ticket.lat is None:
        return None
    return TicketPlace(lon=ticket.lon, lat=ticket.lat, datum=ticket.datum.value)


def _read(ticket: Ticket, names: places.Gazetteer) -> TicketPlace:
    """Look for the place in the words: first in the address alone, then in all of them."""
    reading = names.read(ticket.address) if ticket.address else None
    if reading is None or (reading.place is None and reading.outcome not in OPEN):
        # a stop between the parts, so that no name is made of the end of one and the start of the next
        reading = names.read("\n".join((ticket.address, ticket.title, ticket.text)))
        if (
            reading.place
            and len(reading.place.name) < SURE_FROM
            and reading.place.kind not in WAYS
            and reading.place.is_site
        ):
            reason = _("文中的“%(name)s”太笼统，不能确定地点。") % {"name": reading.place.name}
            return TicketPlace(why=reason)
    place = reading.place
    if place is None or place.lon is None:
        return TicketPlace(why=reading.reason)
    return TicketPlace(
        lon=place.lon,
        lat=place.lat,
        accuracy_m=place.accuracy_m,
        datum=Datum.WGS84.value,
        road_class=place.road_class,
        site_id=place.id if place.is_site else None,
        why=place.why,
        is_read=True,
    )


def _locate(found: Sequence[TicketPlace], datum: Datum, day: date) -> None:
    """Put each point into its divisions of that day; a point outside the district is taken away again."""
    lons = np.array([place.lon for place in found], dtype=np.float64)
    lats = np.array([place.lat for place in found], dtype=np.float64)
    located = places.locate_many(lons, lats, datum=datum, on=day)
    for number, place in enumerate(found):
        if not located.inside[number]:
            if not place.is_read:
                place.given = f"{place.lon:.6f},{place.lat:.6f} {datum.label}"
            place.why = _("来件坐标不在本区范围内，请核对坐标系或按文字定位。")
            place.lon = place.lat = place.accuracy_m = place.site_id = None
            place.datum = place.road_class = ""
            place.is_read = False
            continue
        place.lon, place.lat = float(located.lons[number]), float(located.lats[number])
        place.street_id = int(located.street[number]) or None
        place.community_id = int(located.community[number]) or None
        place.block_id = int(located.block[number]) or None
        place.cell_id = int(located.cell[number]) or None
