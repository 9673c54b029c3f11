"""What the answers say: shares with their error, and the call-backs behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.estimates import Estimate, Stratum, stratified
from siquan.base.kernel.periods import Period
from siquan.work.callbacks.models import CallBack, CallBackQuerySet, Draw, Reason, Solved
from siquan.work.callbacks.states import State

PAGE = 50
SATISFIED_FROM = 4  # “satisfied” and “very satisfied”


@dataclass(frozen=True)
class Result:
    """What became of the call-backs about the closings of a period."""

    planned: int
    by_state: dict[str, int]
    volunteered: int
    is_sample: bool
    solved: Estimate
    satisfied: Estimate
    contacted: Estimate


def of_period(period: Period) -> CallBackQuerySet:
    """Return the call-backs about what was closed in a period."""
    return CallBack.objects.filter(
        reason=Reason.CLOSED, anchor_at__gte=period.start, anchor_at__lt=period.end
    )


def result_of(period: Period) -> Result:
    """Return what was said of the closings of a period, weighted by how people were chosen.

    A draw counts whole in the period in which its stretch of time begins.
    """
    found = of_period(period)
    states = {row["state"]: row["n"] for row in found.values("state").annotate(n=Count("id"))}
    volunteered = found.filter(plan=None).count()
    draws = Draw.objects.filter(first__gte=period.first, first__lte=period.last)
    population: dict[str, int] = defaultdict(int)
    for strata in draws.values_list("strata", flat=True):
        for name, (count, _size) in strata.items():
            population[name] += count
    drawn = CallBack.objects.filter(draw__in=draws)
    asked = found.filter(draw=None, plan__isnull=False).exclude(state=State.WITHDRAWN)
    counts = [*_counts(drawn, population), *_counts(asked, {})]
    return Result(
        planned=sum(states.values()) - volunteered,
        by_state=states,
        volunteered=volunteered,
        is_sample=bool(population),
        solved=_share(counts, "solved_asked", "solved"),
        satisfied=_share(counts, "satisfied_asked", "satisfied"),
        contacted=_share(counts, "contacted_asked", "contacted"),
    )


@dataclass(frozen=True)
class Answers:
    """How many answers said what (the count of answers, not weighted)."""

    solved: dict[str, int]
    satisfied: dict[int, int]


def answers_in(period: Period) -> Answers:
    """Return how the answers about the closings of a period are spread."""
    solved: dict[str, int] = defaultdict(int)
    satisfied: dict[int, int] = defaultdict(int)
    answered = of_period(period).filter(answer__isnull=False)
    for row in answered.values("answer__solved", "answer__satisfied").annotate(n=Count("id")).order_by():
        if row["answer__solved"]:
            solved[row["answer__solved"]] += row["n"]
        if row["answer__satisfied"]:
            satisfied[row["answer__satisfied"]] += row["n"]
    return Answers(dict(solved), dict(satisfied))


def _counts(rows: Any, population: dict[str, int]) -> list[dict[str, Any]]:
    """Return what each stratum said; a stratum of nobody drawn is among them."""
    said = rows.values("stratum").annotate(
        asked=Count("id"),
        solved_asked=Count("id", filter=Q(answer__solved__in=Solved.values)),
        solved=Count("id", filter=Q(answer__solved=Solved.YES)),
        satisfied_asked=Count("id", filter=Q(answer__satisfied__isnull=False)),
        satisfied=Count("id", filter=Q(answer__satisfied__gte=SATISFIED_FROM)),
        contacted_asked=Count("id", filter=Q(answer__contacted__isnull=False)),
        contacted=Count("id", filter=Q(answer__contacted=True)),
    )
    by_name = {row["stratum"]: row for row in said}
    nothing = dict.fromkeys(
        ("solved_asked", "solved", "satisfied_asked", "satisfied", "contacted_asked", "contacted"), 0
    )
    for name, row in by_name.items():
        row["population"] = max(population.get(name, 0), row["asked"])
    silent = [nothing | {"population": count} for name, count in population.items() if name not in by_name]
    return [*by_name.values(), *silent]


def _share(counts: Iterable[dict[str, Any]], asked: str, hits: str) -> Estimate:
    return stratified(Stratum(row["population"], row[asked], row[hits]) for row in counts)


@dataclass(frozen=True)
class CallBackPage:
    """Some rows of the list, and the cursor of the rows behind them; empty at the end."""

    rows: list[CallBack]
    after: str


def page_of(
    period: Period, *, state: str = "", solved: str = "", after: str = "", size: int = PAGE
) -> CallBackPage:
    """Return the call-backs of a period that fit, newest closing first. Raises BadInput."""
    rows = of_period(period).select_related("case__category", "unit", "street", "answer")
    rows = rows.defer("street__boundary")
    if state:
        rows = rows.filter(state=state)
    if solved:
        rows = rows.filter(answer__solved=solved)
    if after:
        if not after.isascii() or not after.isdigit() or len(after) > 18:
            raise BadInput(_("这个翻页地址读不懂，请从第一页重新打开。"), field="after")
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: size + 1])
    return CallBackPage(found[:size], str(found[size - 1].pk) if len(found) > size else "")


def call_back_by_key(key: int) -> CallBack:
    """Return one call-back with its case, answer and plan. Raises NotFound."""
    rows = CallBack.objects.select_related(
        "case__category", "unit", "street", "answer", "plan", "draw", "taken_by"
    )
    found = rows.defer("street__boundary").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found
