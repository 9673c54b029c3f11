"""Sites and the areas they lie in: written with them, and written anew when the map under them changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput
from siquan.city.places import geography
from siquan.city.places.boundaries import Boundaries, Found
from siquan.city.places.changes import Fault, GeographyFaults
from siquan.city.places.models import Site
from siquan.city.places.versioning import close, may_follow, open_

_TOLD: Final = (
    "kind", "kind_name", "kind_name_en", "name", "road_class", "lon", "lat", "extent_m", "address", "source",
)  # fmt: skip


@dataclass(slots=True)
class SiteLine:
    """One site as a file tells it, in WGS-84."""

    file: str
    row: int
    code: str
    kind: str
    kind_name: str
    kind_name_en: str
    name: str
    lon: float
    lat: float
    address: str
    road_class: str
    extent_m: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Written:
    """How many sites are new, changed, and as they were."""

    new: int
    changed: int
    unchanged: int


def write_sites(lines: Sequence[SiteLine], on: date) -> Written:
    """Write the sites that are new or told otherwise than they are held. Raises GeographyFaults."""
    known = _newest()
    ground = _ground(on)
    found = ground.find(np.array([line.lon for line in lines]), np.array([line.lat for line in lines]))
    opened, closed, faults = [], [], []
    for i, line in enumerate(lines):
        before = known.get(line.code)
        if not found.inside[i]:
            faults.append(
                Fault(
                    line.file,
                    line.row,
                    "outside-district",
                    _("“%(name)s”不在本区范围内。") % {"name": line.name},
                )
            )
        elif before is None or before.valid_to is not None or _told(before) != _told(line):
            try:
                may_follow(before, on)
            except BadInput as error:
                faults.append(Fault(line.file, line.row, "too-early", str(error)))
            opened.append(_site(line, line.code, on, found, i))
            closed += [before] if before and before.valid_to is None else []
    if faults:
        raise GeographyFaults(faults)
    close(closed, on)
    open_(opened)
    return Written(len(opened) - len(closed), len(closed), len(lines) - len(opened))


def relocate_sites(on: date) -> int:
    """Write anew the sites that lie in another street, block or cell than written; return how many.

    A division that has only a new row of the same code is no move.
    """
    sites = list(
        Site.objects.filter(district_id=current_district(), valid_to=None, valid_from__lt=on)
        .select_related("street", "block", "cell")
        .defer("street__boundary", "block__boundary", "cell__boundary")
    )
    if not sites:
        return 0
    ground = _ground(on)
    found = ground.find(np.array([site.lon for site in sites]), np.array([site.lat for site in sites]))
    opened, closed = [], []
    for i, site in enumerate(sites):
        held = [area.code if area else "" for area in (site.street, site.block, site.cell)]
        areas = [ground.area(int(ids[i])) for ids in (found.street, found.block, found.cell)]
        if held != [area.code if area else "" for area in areas]:
            opened.append(_site(site, site.code, on, found, i))
            closed.append(site)
    close(closed, on)
    open_(opened)
    return len(opened)


def _ground(on: date) -> Boundaries:
    """Return the boundaries as the transaction sees them, not as other requests remember them."""
    return geography.load(current_district()).on(on)


def _newest() -> dict[str, Site]:
    rows = Site.objects.filter(district_id=current_district()).order_by("valid_from")
    return {row.code: row for row in rows}


def _told(site: Site | SiteLine) -> tuple[object, ...]:
    return tuple(getattr(site, name) for name in _TOLD)


def _site(told: Site | SiteLine, code: str, on: date, found: Found, i: int) -> Site:
    return Site(
        code=code,
        street_id=int(found.street[i]) or None,
        block_id=int(found.block[i]) or None,
        cell_id=int(found.cell[i]) or None,
        valid_from=on,
        **dict(zip(_TOLD, _told(told), strict=True)),
    )
