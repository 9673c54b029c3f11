"""What everybody may know about cases: number, category, street and block, how far, which day.

Never words, photos or people. Matters of the home are shown on a grid of about 100 m, and asked for on it
too: a window cut ever smaller must not find the house.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.core.cache import cache
from django.db.models import Avg, Count, F, FloatField, IntegerField, Min
from django.db.models.functions import Cast, Floor
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.city.places.models import Division, InWindow, Level
from siquan.city.rules import queries as rules
from siquan.city.rules.models import CaseKind
from siquan.work.cases.models import Case, CaseQuerySet, Source
from siquan.work.cases.queries import homes
from siquan.work.cases.queries.homes import STEP_LAT, STEP_LON, snapped
from siquan.work.cases.queries.lists import CasePage, count_up_to, page_of
from siquan.work.cases.queries.maps import Window
from siquan.work.cases.services.ruling import book_on
from siquan.work.cases.states import OPEN, State

PERIODS: Final = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}
USUAL_PERIOD: Final = "30d"
STATES: Final = {
    "open": OPEN,
    "closed": [State.CLOSED],
    "other": [State.REJECTED, State.MERGED],
}
PUBLIC: Final = [state for state in State if state is not State.VOID]
ROWS: Final = 20
MOST_POINTS: Final = 250
CLUSTERS_ACROSS: Final = 24  # fine enough: the map gathers what stands too close on its screen
KEPT_S: Final = 60


@dataclass(frozen=True)
class PublicFilters:
    """What the public list and map are narrowed to."""

    category: str = ""
    street: str = ""
    state: str = ""
    period: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Read the filters of a URL. Raises BadInput for a state or period that does not exist."""
        given = {each.name: str(query.get(each.name, ""))[:40].replace("\x00", "") for each in fields(cls)}
        found = cls(**given)
        if found.state and found.state not in STATES:
            raise BadInput(_("没有这个状态。"), field="state")
        if found.period and found.period not in PERIODS:
            raise BadInput(_("没有这个时间范围。"), field="period")
        return found

    def apply(self, at: datetime) -> CaseQuerySet:
        """Return the public cases that fit; without a period those of the last 30 days."""
        since = at - timedelta(days=PERIODS[self.period or USUAL_PERIOD])
        cases = Case.objects.filter(reported_at__gte=since, state__in=STATES.get(self.state, PUBLIC))
        if self.category:
            cases = cases.filter(category_id__in=rules.category_ids_below(self.category))
        if self.street:
            streets = Division.objects.filter(level=Level.STREET, code=self.street)
            cases = cases.filter(street_id__in=list(streets.values_list("pk", flat=True)))
        return cases


@dataclass(frozen=True)
class PublicCase:
    """The public facts of one case; `lon` and `lat` are rounded when it concerns private premises."""

    number: str
    state: State
    category: str
    street: str
    block: str
    reported_at: datetime
    closed_at: datetime | None
    lon: float | None
    lat: float | None
    is_rounded: bool
    merged_into: str = ""


def public_page(filters: PublicFilters, *, at: datetime, after: str = "", before: str = "") -> CasePage:
    """Return a page of public cases, newest first. Raises BadInput for an unreadable cursor."""
    return page_of(_named(filters.apply(at)), after=after, before=before, size=ROWS)


def public_case(number: str) -> PublicCase:
    """Return the public facts of a case by its number. Raises BadInput, NotFound."""
    found = _named(Case.objects.all()).filter(number=parse_number(number)).first()
    if found is None:
        raise NotFound
    return public_facts_of([found])[0]


def recently_closed(at: datetime, count: int = 5) -> list[PublicCase]:
    """Return the cases closed last, of the last seven days."""
    closed = Case.objects.filter(state=State.CLOSED, closed_at__gte=at - timedelta(days=7), closed_at__lte=at)
    return public_rows(list(_named(closed).order_by("-closed_at", "-id")[:count]))


def public_facts_of(cases: Sequence[Case]) -> list[PublicCase]:
    """Return what everybody may know about some cases (one query for the homes near them)."""
    points = [(case.lon, case.lat) for case in cases if case.lon is not None and case.lat is not None]
    near = homes.near(points)
    return [_facts(case, near) for case in cases]


def public_rows(cases: Sequence[Case]) -> list[PublicCase]:
    """Return what a list shows everybody about some cases: no points."""
    return [_facts(case, None) for case in cases]


def _facts(case: Case, near: homes.Homes | None) -> PublicCase:
    lon, lat = (case.lon, case.lat) if near else (None, None)
    rounded = is_private(case)
    if lon is not None and lat is not None:
        rounded = rounded or bool(near and near.hold(lon, lat))
        lon, lat = snapped(lon, lat) if rounded else (lon, lat)
    return PublicCase(
        number=case.number,
        state=State(case.state),
        category=str(case.category or ""),
        street=str(case.street or ""),
        block=str(case.block or ""),
        reported_at=case.reported_at,
        closed_at=case.closed_at,
        lon=lon,
        lat=lat,
        is_rounded=rounded,
        merged_into=case.merged_into.number if case.merged_into_id and case.merged_into else "",
    )


def is_private(case: Case) -> bool:
    """Tell whether the matter could be one of a home: by its class, by its site, or not yet classed."""
    category = case.category
    if category is None or category.is_private or category.kind == CaseKind.SERVICE:
        return True
    return case.site is not None and case.site.kind in homes.KINDS


def whole_squares(window: Window) -> Window:
    """Return the window widened to whole squares of the grid."""
    return Window(
        math.floor(window.west / STEP_LON) * STEP_LON,
        math.floor(window.south / STEP_LAT) * STEP_LAT,
        math.ceil(window.east / STEP_LON) * STEP_LON,
        math.ceil(window.north / STEP_LAT) * STEP_LAT,
    )


@dataclass(frozen=True)
class Cluster:
    """Several cases that stand near each other on the map."""

    key: str
    lon: float
    lat: float
    count: int


def public_window(
    filters: PublicFilters, window: Window, *, at: datetime
) -> tuple[list[PublicCase], list[Cluster]]:
    """Return what a window of the public map shows: at most some hundred cases, or else clusters."""
    window = whole_squares(window)
    inside = filters.apply(at).filter(InWindow(window.west, window.south, window.east, window.north))
    # Counting stops early; sorting a whole district only to find it too many would take seconds.
    _count, too_many = count_up_to(inside, MOST_POINTS)
    if too_many:
        return [], _clusters(inside, window)
    return public_facts_of(list(_named(inside).order_by("-reported_at", "-id"))), []


def _clusters(cases: CaseQuerySet, window: Window) -> list[Cluster]:
    step = max((window.east - window.west) / CLUSTERS_ACROSS, STEP_LON)
    high = max(step * 0.77, STEP_LAT)
    # Every case counts as standing in the middle of its square, also for which cluster it falls into: neither
    # the middles of clusters nor their edges, moved about, tell where in its square a home is.
    rows = (
        cases.order_by()
        .annotate(square_lon=_middle("lon", STEP_LON), square_lat=_middle("lat", STEP_LAT))
        .annotate(
            column=_whole((F("square_lon") - window.west) / step),
            line=_whole((F("square_lat") - window.south) / high),
        )
        .values("column", "line")
        .annotate(count=Count("id"), x=Avg("square_lon"), y=Avg("square_lat"), first=Min("id"))
    )
    return [
        Cluster(f"{row['first']}x{row['count']}", *snapped(row["x"], row["y"]), row["count"]) for row in rows
    ]


def _middle(name: str, step: float) -> Any:
    """Return the middle of the grid square a column's value lies in, for the database."""
    return (Floor(F(name) / step, output_field=FloatField()) + 0.5) * step


def _whole(value: Any) -> Cast:
    return Cast(Floor(value, output_field=FloatField()), IntegerField())


def _named(cases: CaseQuerySet) -> CaseQuerySet:
    """Return the cases with what the public facts need, and without their words."""
    named = cases.select_related("category", "street", "block", "site", "merged_into")
    hidden = ("text", "title", "address", "street__boundary", "block__boundary", "merged_into__text")
    return named.defer(*hidden)


@dataclass(frozen=True)
class Week:
    """What happened in the last seven days, counted at a moment; per street by its code."""

    at: datetime
    reported: int
    closed: int
    open: int
    by_street: Mapping[str, int]


def week_of(at: datetime) -> Week:
    """Return the figures of the public start page, counted at most a minute ago."""
    key = f"cases.week.{current_district()}"
    known: Week | None = cache.get(key)
    if known is None or not timedelta(0) <= at - known.at < timedelta(seconds=KEPT_S):
        known = _count_week(at)
        cache.set(key, known, KEPT_S)
    return known


def _count_week(at: datetime) -> Week:
    since = at - timedelta(days=7)
    reported = Case.objects.filter(reported_at__gte=since, reported_at__lte=at, state__in=PUBLIC)
    by_street = dict(reported.order_by().values_list("street__code").annotate(Count("id")))
    closed = Case.objects.filter(state=State.CLOSED, closed_at__gte=since, closed_at__lte=at)
    return Week(
        at=at,
        reported=sum(by_street.values()),
        closed=closed.count(),
        open=Case.objects.filter(state__in=OPEN).count(),
        by_street={code: count for code, count in by_street.items() if code},
    )


def usual_categories(at: datetime, count: int = 12) -> Sequence[rules.CategoryEntry]:
    """Return the categories that residents report most, of those a photo can show; looked up once an hour."""
    try:
        book = book_on(timezone.localdate(at))
    except NotFound:
        return []
    leaves = {entry.code: entry for entry in book.leaf_categories if entry.kind != CaseKind.SERVICE}
    pack = next(iter(book.by_id), 0)
    key = f"cases.usual.{current_district()}.{pack}.{at:%Y%m%d%H}"
    codes: list[str] | None = cache.get(key)
    if codes is None:
        recent = Case.objects.filter(source=Source.SNAPSHOT, reported_at__gte=at - timedelta(days=60))
        counted = recent.filter(category__code__in=leaves).order_by().values_list("category__code")
        codes = [
            code for code, _n in counted.annotate(n=Count("id")).order_by("-n", "category__code")[:count]
        ]
        cache.set(key, codes, 3600)
    filled = [*codes, *(code for code in leaves if code not in codes)][:count]
    return [leaves[code] for code in filled if code in leaves]


def category_groups(at: datetime) -> list[tuple[str, str]]:
    """Return the second level of the categories in force, code and name."""
    try:
        book = book_on(timezone.localdate(at))
    except NotFound:
        return []
    tops = {entry.id for entry in book.by_id.values() if entry.parent_id is None}
    return [(entry.code, str(entry)) for entry in book.by_id.values() if entry.parent_id in tops]


def point_feature(case: PublicCase, *, title: str, url: str, kind: str) -> dict[str, Any]:
    """Return a public case as a feature of a map."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [case.lon, case.lat]},
        "properties": {"id": case.number, "title": title, "url": url, "kind": kind},
    }
