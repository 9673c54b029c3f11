"""What a window of the map shows: the cases themselves, or how many stand together when they are many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Avg, Count, F, FloatField, IntegerField, Min
from django.db.models.functions import Cast, Floor
from django.urls import reverse
from django.utils.translation import gettext as _

from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.periods import parse_period
from siquan.city.places.models import InWindow
from siquan.work.cases.filters import Filters
from siquan.work.cases.models import Case, CaseQuerySet
from siquan.work.cases.queries import densities
from siquan.work.cases.queries.cases import sees_all
from siquan.work.cases.queries.chips import Chip, chip_of
from siquan.work.cases.queries.lists import with_deadlines
from siquan.work.cases.queries.names import put_names
from siquan.work.cases.states import FINAL

MOST_POINTS: Final = 60  # more would hide each other
CLUSTERS_ACROSS: Final = 8  # about one cluster per hundred pixels


@dataclass(frozen=True)
class Window:
    """What a map shows, in degrees WGS-84."""

    west: float
    south: float
    east: float
    north: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return (self.west, self.south, self.east, self.north)

    @classmethod
    def from_text(cls, text: str) -> Window:
        """Read "west,south,east,north". Raises BadInput."""
        try:
            west, south, east, north = (float(each) for each in text.split(","))
        except ValueError as error:
            raise BadInput(_("地图范围应写成“西,南,东,北”四个数。"), field="bbox") from error
        inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
        if not inside:
            raise BadInput(_("地图范围应写成“西,南,东,北”四个数。"), field="bbox")
        return cls(west, south, east, north)


def window_for(
    user: Any, filters: Filters, cases: CaseQuerySet, window: Window, *, at: datetime
) -> dict[str, Any]:
    """Return what a window shows of somebody's filtered cases; `cases` are these.

    A wide window for one who sees all is answered from squares that were counted in advance.
    """
    if sees_all(user) and filters.only("state", "period"):
        period = parse_period(filters.period) if filters.period else None
        heaps = densities.heaps_of(window.box, CLUSTERS_ACROSS, states=filters.states, period=period)
        if heaps is not None:
            return _collection([_cluster(each.key, each.lon, each.lat, each.count) for each in heaps])
    return in_window(cases, window, at=at)


def in_window(cases: CaseQuerySet, window: Window, *, at: datetime) -> dict[str, Any]:
    """Return a GeoJSON collection of at most some hundred features: points, or clusters with their count."""
    inside = cases.filter(InWindow(window.west, window.south, window.east, window.north))
    if inside.order_by().values("pk")[: MOST_POINTS + 1].count() <= MOST_POINTS:
        found = put_names(with_deadlines(inside).order_by("-id"))
        return _collection([point_of(case, chip_of(case, at)) for case in found])
    return _collection(_clusters(inside, window))


def point_of(case: Case, chip: Chip | None) -> dict[str, Any]:
    """Return one case as a feature of the map."""
    kind = {"green": "good", "yellow": "watch", "red": "late"}.get(chip.colour if chip else "", "plain")
    if case.state in FINAL:
        kind = "plain"
    words = [case.number, str(case.category or _("未分类")), chip.words if chip else case.get_state_display()]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [case.lon, case.lat]},
        "properties": {
            "id": case.pk,
            "title": " · ".join(words),
            "url": reverse("cases:case", args=[case.number]),
            "kind": kind,
        },
    }


def _clusters(cases: CaseQuerySet, window: Window) -> list[dict[str, Any]]:
    step = max((window.east - window.west) / CLUSTERS_ACROSS, 1e-6)
    high = step * 0.77  # a degree of latitude is longer than one of longitude at 40° north
    rows = (
        cases.order_by()
        .annotate(
            column=Cast(Floor((F("lon") - window.west) / step, output_field=FloatField()), IntegerField()),
            line=Cast(Floor((F("lat") - window.south) / high, output_field=FloatField()), IntegerField()),
        )
        .values("column", "line")
        .annotate(count=Count("id"), x=Avg("lon"), y=Avg("lat"), first=Min("id"))
    )
    return [_cluster(f"{row['first']}x{row['count']}", row["x"], row["y"], row["count"]) for row in rows]


def _cluster(key: str, lon: float, lat: float, count: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]},
        # Not the id of a case: the marks of the map are kept by it from one window to the next.
        "properties": {"id": key, "count": count, "title": str(count)},
    }


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}
