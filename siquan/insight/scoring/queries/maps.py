"""The outlines of the streets as of a day, drawn once a process."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache

import shapely

from siquan.base.kernel.districts import current_district
from siquan.city.places.models import Division, Level
from siquan.city.places.queries import areas_on, day_with_ground
from siquan.insight.scoring.drawing import Outlines, outlines


def street_outlines(on: date) -> Outlines | None:
    """Return the streets of a day as paths, None when no boundary is known."""
    day = day_with_ground(on)
    return _drawn(areas_on(day).version, day)


@lru_cache(maxsize=8)
def _drawn(version: str, day: date) -> Outlines | None:
    found = Division.objects.as_of(day).filter(
        level=Level.STREET, district_id=current_district(), boundary__isnull=False
    )
    shapes = [
        (code, shapely.from_geojson(json.dumps(boundary)))
        for code, boundary in found.order_by("code").values_list("code", "boundary")
    ]
    return outlines(shapes) if shapes else None
