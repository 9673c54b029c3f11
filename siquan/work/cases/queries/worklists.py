"""What waits for a person, by deadline; and the counts that stand in the rail and on the start page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import Words
from siquan.city.duties.queries import duties_of
from siquan.work.cases.filters import Filters
from siquan.work.cases.models import Case, CaseQuerySet
from siquan.work.cases.permissions import CENTRE
from siquan.work.cases.queries.cases import my_work, visible_to
from siquan.work.cases.queries.lists import with_deadlines
from siquan.work.cases.queries.names import put_names
from siquan.work.cases.states import OPEN, State

SHOWN: Final = 12
SOON: Final = timedelta(days=3)


@dataclass(frozen=True)
class Section:
    """Some of the cases that wait, alike in how urgent they are; `count` is how many there are in all."""

    code: str
    title: Words
    colour: str
    count: int
    cases: Sequence[Case]


TITLES: Final = {
    "late": (_("已超期"), "red"),
    "today": (_("今天到期"), "yellow"),
    "soon": (_("三天内到期"), "green"),
    "later": (_("以后到期"), "green"),
    "paused": (_("计时暂停"), ""),
}


def sections_of(user: Any, at: datetime, shown: int = SHOWN) -> list[Section]:
    """Return what waits for a person in sections by deadline, the most urgent first.

    One query counts, and each section that has something is read by one more.
    """
    waiting, which = my_work(user), conditions(at)
    counts = waiting.order_by().aggregate(
        **{code: Count("pk", filter=narrow) for code, narrow in which.items()}
    )
    return [
        Section(
            code,
            TITLES[code][0],
            TITLES[code][1],
            counts[code],
            put_names(with_deadlines(waiting.filter(narrow))[:shown]) if counts[code] else [],
        )
        for code, narrow in which.items()
    ]


def conditions(at: datetime) -> dict[str, Q]:
    """Return what belongs into each section; every case belongs into exactly one."""
    tonight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    running = Q(is_paused=False)
    soon = tonight + SOON
    return {
        "late": running & Q(due_at__lt=at),
        "today": running & Q(due_at__gte=at, due_at__lt=tonight),
        "soon": running & Q(due_at__gte=max(at, tonight), due_at__lt=soon),
        "later": running & (Q(due_at__gte=soon) | Q(due_at=None)),
        "paused": Q(is_paused=True),
    }


def waiting_count(user: Any, most: int = 1000) -> int:
    """Return how many cases wait for a person, counting no further than `most`."""
    return _up_to(most, my_work(user))


def placeless(user: Any) -> CaseQuerySet:
    """Return the reported cases without a place, oldest first, for those who may set it."""
    if not duties_of(user).holds(*CENTRE):
        return Case.objects.none()
    return Case.objects.needs_place().order_by("reported_at", "id")


def undecided_count(user: Any, most: int = 1000) -> int:
    """Count the cases this person sees that possibly repeat another and of which nobody has decided."""
    return _up_to(most, Filters(twins="1").apply(visible_to(user), at=timezone.now()))


def placeless_count(user: Any, most: int = 1000) -> int:
    """Return how many cases wait for a place, counting no further than `most`."""
    return _up_to(most, placeless(user))


def _up_to(most: int, cases: CaseQuerySet) -> int:
    return cases.order_by().values("pk")[:most].count()


@dataclass(frozen=True)
class Figures:
    """Where the cases a person may see stand at a moment."""

    open: int
    late: int
    due_today: int
    supervised: int
    reported_today: int
    closed_this_month: int
    by_state: Sequence[tuple[State, int]]


def figures(user: Any, at: datetime) -> Figures:
    """Return the figures of the start page, counted from the cases themselves (three queries)."""
    cases = visible_to(user).order_by()
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    running = Q(is_paused=False)
    counted = cases.filter(state__in=OPEN).aggregate(
        open=Count("pk"),
        late=Count("pk", filter=running & Q(due_at__lt=at)),
        due_today=Count("pk", filter=running & Q(due_at__gte=at, due_at__lt=today + timedelta(days=1))),
        supervised=Count("pk", filter=Q(is_supervised=True)),
    )
    # Two ranges of two indexes: one pass over all cases would read a million rows for some hundred.
    reported = cases.filter(reported_at__gte=today).count()
    closed = cases.filter(state=State.CLOSED, closed_at__gte=today.replace(day=1)).count()
    states = cases.filter(state__in=OPEN).values_list("state").annotate(Count("pk"))
    by_state: dict[str, int] = dict(states)
    return Figures(
        **counted,
        reported_today=reported,
        closed_this_month=closed,
        by_state=[(state, by_state.get(state, 0)) for state in State if state in OPEN],
    )


@dataclass(frozen=True)
class StreetRow:
    """One street's open cases and how many of them are late."""

    code: str
    name: str
    open: int
    late: int


def by_street(user: Any, at: datetime) -> list[StreetRow]:
    """Return the open cases per street, the most late first; cases without a street are left out."""
    late = Count("pk", filter=Q(is_paused=False, due_at__lt=at))
    found = (
        visible_to(user)
        .filter(state__in=OPEN, street__isnull=False)
        .order_by()
        .values("street__code", "street__name", "street__name_en")
        .annotate(open=Count("pk"), late=late)
        .order_by("-late", "-open", "street__code")
    )
    english = get_language() == "en"
    return [
        StreetRow(
            row["street__code"],
            row["street__name_en"] if english and row["street__name_en"] else row["street__name"],
            row["open"],
            row["late"],
        )
        for row in found
    ]
