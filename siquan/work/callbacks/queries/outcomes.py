"""What became of the cases that were closed in some time, in the eyes of those who reported them.

For every room that reckons with answers (rates, analysis): one row a case, plain values, two queries in all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from siquan.work.callbacks.models import CallBack, Reason
from siquan.work.callbacks.states import State
from siquan.work.cases.models import Case

REACHED = (State.ANSWERED, State.DECLINED)


class Outcome(NamedTuple):
    """One closing of one case, and what its reporter said of it.

    `is_asked`: a plan wanted the reporter to be asked. `is_reached`: somebody took the call or answered.
    `contacted`: did the unit get in touch before the closing, as the reporter says; None when not answered.
    `solved`: yes, partly, no, or "" when not answered. `satisfied`: 1 to 5 or None.
    `is_of_sample`: chance chose the case, in `stratum` of draw `draw_id`. `is_volunteered`: answered without
    being asked; such an answer speaks for nobody else.
    """

    case_id: int
    number: str
    source: str
    category_id: int | None
    unit_id: int | None
    street_id: int | None
    reported_at: datetime
    closed_at: datetime
    call_back_id: int | None = None
    state: str = ""
    is_asked: bool = False
    is_reached: bool = False
    is_of_sample: bool = False
    is_volunteered: bool = False
    draw_id: int | None = None
    stratum: str = ""
    contacted: bool | None = None
    solved: str = ""
    satisfied: int | None = None
    answered_at: datetime | None = None
    channel: str = ""


def outcomes(
    closed_from: datetime,
    closed_to: datetime,
    *,
    unit_id: int | None = None,
    street_id: int | None = None,
    source: str = "",
    with_unasked: bool = True,
) -> Iterator[Outcome]:
    """Yield the cases closed from one moment to before another, each once, with what was said of it.

    A case that was taken up again after an answer is still among them: what was said of its closing counts.
    Unit and street are those of the closing. `with_unasked`: also cases nobody was asked about.
    """
    bounds = {"unit_id": unit_id, "street_id": street_id, "source": source}
    wanted = {name: value for name, value in bounds.items() if value}
    asked = (
        CallBack.objects.filter(
            reason=Reason.CLOSED, anchor_at__gte=closed_from, anchor_at__lt=closed_to, **wanted
        )
        .exclude(state=State.WITHDRAWN)
        .order_by("case_id", "-anchor_at", "-id")
        .distinct("case_id")
    )
    for row in asked.values_list(*_ASKED).iterator(5000):
        yield _outcome(row)
    if not with_unasked:
        return
    known = CallBack.objects.filter(case=OuterRef("pk"), reason=Reason.CLOSED).exclude(state=State.WITHDRAWN)
    known = known.filter(anchor_at__gte=closed_from, anchor_at__lt=closed_to)
    rest = Case.objects.filter(closed_at__gte=closed_from, closed_at__lt=closed_to, **wanted)
    for row in rest.filter(~Exists(known)).values_list(*_CASE).iterator(5000):
        yield Outcome(*row)


_CASE = ("id", "number", "source", "category_id", "unit_id", "street_id", "reported_at", "closed_at")
_ASKED = (
    "case_id",
    "case__number",
    "source",
    "case__category_id",
    "unit_id",
    "street_id",
    "case__reported_at",
    "anchor_at",
    "id",
    "state",
    "draw_id",
    "plan_id",
    "stratum",
    "answer__contacted",
    "answer__solved",
    "answer__satisfied",
    "answer__at",
    "answer__channel",
)


def _outcome(row: tuple[Any, ...]) -> Outcome:
    state, draw_id, plan_id, stratum, contacted, solved, satisfied, answered_at, channel = row[9:]
    asked = (
        state,
        plan_id is not None,
        state in REACHED,
        draw_id is not None,
        plan_id is None,
        draw_id,
        stratum,
    )
    said = (contacted, solved or "", satisfied, answered_at, channel or "")
    return Outcome._make((*row[:9], *asked, *said))
