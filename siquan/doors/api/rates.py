"""The three rates for programs: figures as two integers, the cases behind them, appeals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Query, Router, Schema, Status

from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.periods import parse_period
from siquan.base.kernel.permissions import require
from siquan.doors.api.answers import Answer
from siquan.doors.api.bodies import checked
from siquan.doors.api.cases import user_of
from siquan.doors.api.problems import Problem
from siquan.doors.api.schemas import body_of
from siquan.insight.scoring import queries, services
from siquan.insight.scoring.forms import FORMS
from siquan.insight.scoring.forms import Appeal as AppealForm
from siquan.insight.scoring.models import Appeal, RateKind, Scope
from siquan.insight.scoring.permissions import OTHER_RULES, RULES, Opened
from siquan.insight.scoring.states import TRANSITIONS, VERBS, AppealState

router = Router(tags=["rates"])
MOST = 200
LARGEST = 2**63 - 1
REFUSALS = dict.fromkeys((401, 403, 404, 409, 422), Problem)


class FigureOut(Answer):
    """One rate: `numerator` of `denominator` points; `low` to `high` is its interval, null without cases."""

    rate: str
    cases: int
    numerator: int
    denominator: int
    share: float | None
    low: float | None
    high: float | None
    left_out: int
    left_out_by_appeal: int
    first_rank: int | None = None
    last_rank: int | None = None


class ScopeOut(Answer):
    """A place or unit with its rates."""

    scope: str
    code: str
    name: str
    rates: list[FigureOut]


class PeriodOut(Answer):
    """The rates of a period, by which formula, from what was known when."""

    period: str
    formula: str
    source: str
    known_at: datetime
    computed_at: datetime
    district: list[FigureOut]
    streets: list[ScopeOut]
    units: list[ScopeOut]


class CountedOut(Answer):
    """A case behind a figure; `reason` says why it is left out, empty when it counts."""

    number: str
    street: str
    unit: str
    points: int
    full: int
    reason: str


class CountedPage(Answer):
    """A page of cases; `total` is the figure's own count, `next` the offset of the following page."""

    items: list[CountedOut]
    total: int
    next: int | None


class CountedQuery(Schema):
    """Which list: of the district, a street or a unit, and which part of it."""

    scope: str = "district"
    code: str = ""
    part: str = "counted"
    offset: int = 0
    limit: int = 50


class DecisionOut(Answer):
    """A decision on an appeal; a later one takes its place, `ground` says on which recorded reason."""

    state: str
    ground: str
    answer: str
    at: datetime


class AppealOut(Answer):
    """An appeal and its decision."""

    id: int
    case: str
    unit: str
    rate: str
    reason: str
    text: str
    state: str
    asked_at: datetime
    decided_at: datetime | None
    answer: str
    decisions: list[DecisionOut]
    verbs: list[str]


class AppealList(Answer):
    """Some appeals, newest first."""

    items: list[AppealOut]


def _figure(figure: queries.Figure, row: queries.Row | None = None) -> dict[str, Any]:
    rank = row.ranks.get(figure.rate) if row else None
    return {
        "rate": figure.rate,
        "cases": figure.cases,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "share": figure.share,
        "low": figure.interval.low if figure.interval else None,
        "high": figure.interval.high if figure.interval else None,
        "left_out": figure.left_out,
        "left_out_by_appeal": figure.left_out_by_appeal,
        "first_rank": rank.first if rank else None,
        "last_rank": rank.last if rank else None,
    }


def _scope(row: queries.Row) -> dict[str, Any]:
    rates = [_figure(each, row) for each in row.figures.values()]
    return {"scope": row.scope, "code": row.code, "name": row.name, "rates": rates}


def _board(request: HttpRequest, period: str) -> queries.Board:
    require(OTHER_RULES, "read-rates", user_of(request), None)
    board = queries.board(parse_period(period))
    if board is None:
        raise NotFound
    return board


def _appeal(request: HttpRequest, appeal: Appeal) -> dict[str, Any]:
    return {
        "id": appeal.pk,
        "case": appeal.case.number,
        "unit": appeal.unit.code,
        "rate": appeal.rate,
        "reason": appeal.reason,
        "text": appeal.text,
        "state": appeal.state,
        "asked_at": appeal.asked_at,
        "decided_at": appeal.decided_at,
        "answer": appeal.answer,
        "decisions": [
            {name: getattr(each, name) for name in ("state", "ground", "answer", "at")}
            for each in sorted(appeal.decisions.all(), key=lambda each: each.pk)
        ],
        "verbs": queries.possible_verbs(user_of(request), appeal),
    }


@router.get("/appeals", response={200: AppealList} | REFUSALS, summary="List appeals")
def list_appeals(request: HttpRequest, state: str = "") -> dict[str, Any]:
    """Return the newest appeals this person may see; `state` narrows."""
    require(OTHER_RULES, "read-rates", user_of(request), None)
    if state and state not in AppealState:
        raise BadInput(field="state")
    found = queries.appeals_for(user_of(request), state)[:MOST]
    return {"items": [_appeal(request, each) for each in found]}


@router.get("/appeals/{appeal_id}", response={200: AppealOut} | REFUSALS, summary="Read an appeal")
def read_appeal(request: HttpRequest, appeal_id: int) -> dict[str, Any]:
    """Return one appeal and what you may do."""
    return _appeal(request, _found(request, appeal_id))


def _found(request: HttpRequest, appeal_id: int) -> Appeal:
    if not 0 < appeal_id <= LARGEST:
        raise NotFound
    return queries.appeal_by_id(user_of(request), appeal_id)


@router.post(
    "/appeals/new/{number}",
    response={201: AppealOut} | REFUSALS,
    summary="Appeal against a case in one's rates",
    openapi_extra=body_of(AppealForm),
)
def new_appeal(request: HttpRequest, number: str) -> Status[dict[str, Any]]:
    """Ask that the last closing of a case not count; `reason` is a code of the formula pack."""
    user = user_of(request)
    case = queries.case_to_appeal(user, number)
    require(OTHER_RULES, "appeal", user, case)
    made = services.appeal(case.pk, by=user, at=timezone.now(), **checked(AppealForm, request))
    return Status(201, _appeal(request, made))


def _add(verb: str) -> None:
    """Add the endpoint of a verb; its body is described by the verb's form."""

    def act(request: HttpRequest, appeal_id: int) -> dict[str, Any]:
        appeal = _found(request, appeal_id)
        if verb in TRANSITIONS[AppealState(appeal.state)]:
            require(RULES, verb, user_of(request), appeal)
        given = checked(FORMS[verb], request)
        services.ACTS[verb](appeal.pk, by=user_of(request), at=timezone.now(), **given)
        return _appeal(request, _found(request, appeal_id))

    router.add_api_operation(
        f"/appeals/{{appeal_id}}/{verb}",
        ["POST"],
        act,
        response={200: AppealOut} | REFUSALS,
        operation_id=f"appeal_{verb}",
        summary=f"{verb}: {FORMS[verb].__doc__}",
        openapi_extra=body_of(FORMS[verb]),
    )


for each in VERBS:
    _add(each)


@router.get("/{period}", response={200: PeriodOut} | REFUSALS, summary="Read the rates of a period")
def read_period(request: HttpRequest, period: str) -> dict[str, Any]:
    """Return the rates of the district, its streets and its units; `period` is 2026-11, 2026Q4 or 2026."""
    board = _board(request, period)
    return {
        "period": board.period.code,
        "formula": str(board.reckoning.pack),
        "source": board.formula.source,
        "known_at": board.reckoning.known_at,
        "computed_at": board.reckoning.computed_at,
        "district": [_figure(figure) for figure in board.district.values()],
        "streets": [_scope(row) for row in board.streets],
        "units": [_scope(row) for row in board.units],
    }


@router.get(
    "/{period}/{rate}/cases", response={200: CountedPage} | REFUSALS, summary="Open a rate to its cases"
)
def read_cases(request: HttpRequest, period: str, rate: str, query: Query[CountedQuery]) -> dict[str, Any]:
    """Return the very cases a figure was summed from."""
    if rate not in RateKind or query.scope not in Scope or query.part not in queries.PARTS:
        raise NotFound
    unit = queries.unit_in(parse_period(period), query.code) if query.scope == Scope.UNIT else None
    require(OTHER_RULES, "open-cases", user_of(request), Opened(query.scope, unit))
    board = _board(request, period)
    full = board.formula.rates[rate].full
    code = query.code.replace("\0", "")[:24]
    asked = queries.Asked(board.reckoning, rate, full, query.scope, code, query.part)
    total = queries.part_counts(asked)[query.part]
    offset, limit = max(0, min(query.offset, LARGEST)), max(1, min(query.limit, MOST))
    lines = queries.lines_of(asked, offset=offset, limit=limit)
    language = get_language() or ""
    items = [
        {
            "number": line.number,
            "street": line.street,
            "unit": line.unit,
            "points": line.points,
            "full": full,
            "reason": board.formula.title_of_reason(line.reason, language) if line.reason else "",
        }
        for line in lines
    ]
    more = offset + len(lines)
    return {"items": items, "total": total, "next": more if lines and more < total else None}
