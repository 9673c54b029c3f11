"""Which open cases a report could be about: near in place and time, then judged by category and words.

The candidates come from one statement by the index on the square of about 100 m and the time: the nine
squares around a point, of each at most the newest few. So the cost does not grow with the number of cases.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from siquan.base.kernel.coordinates import distance_m
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.work.cases.filters import undecided
from siquan.work.cases.likeness.scoring import Likeness, cosine, grams, threshold
from siquan.work.cases.models import SQUARE_LAT, SQUARE_LON, Case
from siquan.work.cases.services.ruling import book_on
from siquan.work.cases.states import State
from siquan.work.cases.twins import Twin

EARLIER: Final = timedelta(days=14)
REACH_M: Final = 100.0  # what the nine squares hold all around
OF_A_SQUARE: Final = 6
SHOWN: Final = 3
_GONE: Final = (State.REJECTED.value, State.MERGED.value, State.VOID.value)

# The names of the columns and the constants must be those of the index.
_CANDIDATES: Final = f"""
    select asked.nr, found.* from unnest(%s::int[], %s::int[], %s::float8[]) with ordinality as
        told(middle_x, middle_y, seconds, nr)
    cross join (values (-1), (0), (1)) as aside(dx) cross join (values (-1), (0), (1)) as up(dy)
    cross join lateral (
        select nr::int - 1, middle_x + dx, middle_y + dy, to_timestamp(seconds)
    ) as asked(nr, x, y, at)
    cross join lateral (
        select id, number, text, title, category_id, lon, lat, reported_at,
            closed_at
        from cases_case
        where floor(lon / {SQUARE_LON})::int = asked.x and floor(lat / {SQUARE_LAT})::int = asked.y
            and lon is not null
            and reported_at between asked.at - %s and asked.at and district_id = %s
            and state <> all(%s) and (closed_at is null or closed_at > asked.at)
        order by reported_at desc limit %s
    ) as found
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Asked:
    """A report to be compared: where, when, what."""

    lon: float
    lat: float
    at: datetime
    text: str
    category_id: int | None = None
    but: int = 0  # the case itself, when it is one already


@dataclass(frozen=True, slots=True)
class Alike:
    """An open case that a report is possibly about: how likely, and why in words."""

    id: int
    number: str
    label: str
    reported_at: datetime
    closed_at: datetime | None
    likeness: Likeness
    probability: float

    @property
    def why(self) -> str:
        """Return the reasons in words."""
        return self.likeness.why()


def possible_duplicates(asked: Asked, *, least: float | None = None) -> list[Alike]:
    """Return the open cases that a report is possibly about, the likeliest first (one statement)."""
    return possible_duplicates_of([asked], least=least)[0]


def duplicates_of(case: Case) -> list[Alike]:
    """Return the earlier cases, still open, that a case is possibly about."""
    if case.lon is None or case.lat is None:
        return []
    text = f"{case.title} {case.text}"
    asked = Asked(case.lon, case.lat, case.reported_at, text, case.category_id, but=case.pk)
    found = [alike for alike in possible_duplicates(asked) if alike.closed_at is None]
    if not found:
        return []
    parted = Twin.objects.filter(parted_at__isnull=False)
    apart = {
        key
        for pair in parted.filter(Q(case=case) | Q(other=case)).values_list("case", "other")
        for key in pair
    }
    return [alike for alike in found if alike.id not in apart]


def twins_of(cases: Sequence[Case]) -> dict[int, Twin]:
    """Return for each case the likeliest pair nobody has decided about yet; one statement for all."""
    pairs = undecided().filter(case__in=[case.pk for case in cases]).select_related("other")
    return {pair.case_id: pair for pair in pairs.order_by("words", "-metres", "id")}


def possible_duplicates_of(
    many: Sequence[Asked], *, least: float | None = None, shown: int = SHOWN
) -> list[list[Alike]]:
    """Return for each report the open cases it is possibly about; one statement for all of them."""
    least = threshold() if least is None else least
    kin = _Kin()
    found: list[list[Alike]] = [[] for _asked in many]
    own = cache(lambda nr: grams(many[nr].text))  # of each text once, and only where there is a candidate
    other = lru_cache(5000)(lambda _key, text: grams(text))  # many ask about the same case
    for nr, key, number, text, title, category_id, lon, lat, reported_at, closed_at in _rows(many):
        asked = many[nr]
        metres = distance_m(asked.lon, asked.lat, lon, lat)
        if key == asked.but or metres > REACH_M:
            continue
        likeness = Likeness(
            metres=metres,
            hours=(asked.at - reported_at).total_seconds() / 3600,
            kin=kin.of(asked.category_id, category_id),
            words=1.0,
        )
        if likeness.probability() < least:  # whatever it says: words take longest to compare
            continue
        likeness = replace(likeness, words=cosine(own(nr), other(key, f"{title} {text}")))
        probability = likeness.probability()
        if probability >= least:
            found[nr].append(
                Alike(key, number, (title or text)[:60], reported_at, closed_at, likeness, probability)
            )
    return [sorted(alike, key=lambda a: (-a.probability, a.id))[:shown] for alike in found]


def _rows(many: Sequence[Asked]) -> list[tuple[Any, ...]]:
    if not many:
        return []
    xs = [math.floor(asked.lon / SQUARE_LON) for asked in many]
    ys = [math.floor(asked.lat / SQUARE_LAT) for asked in many]
    times = [asked.at.timestamp() for asked in many]
    params: list[Any] = [xs, ys, times, EARLIER, current_district(), list(_GONE), OF_A_SQUARE]
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class _Kin:
    """How near two categories stand in the tree of the rules in force."""

    def __init__(self) -> None:
        try:
            by_id = book_on(timezone.localdate()).by_id
        except NotFound:
            by_id = {}
        self._parents: dict[int, int | None] = defaultdict(lambda: None)
        self._parents.update({key: entry.parent_id for key, entry in by_id.items()})

    def of(self, one: int | None, other: int | None) -> int:
        """Return 2 for the same category, 1 for one of the same parent, 0 when one is unknown, else -1."""
        if one is None or other is None:
            return 0
        if one == other:
            return 2
        parent = self._parents[one]
        return 1 if parent is not None and parent == self._parents[other] else -1
