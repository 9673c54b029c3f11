"""Outside evaluation for programs: the same queries, rules and services as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.permissions import require
from siquan.doors.api.answers import Answer
from siquan.doors.api.bodies import checked
from siquan.doors.api.cases import user_of
from siquan.doors.api.problems import Problem
from siquan.doors.api.schemas import body_of
from siquan.work.evaluations import queries, services
from siquan.work.evaluations.forms import Announce, Judge
from siquan.work.evaluations.models import Round
from siquan.work.evaluations.permissions import OTHER_RULES, RULES
from siquan.work.evaluations.states import State

router = Router(tags=["evaluations"])
LARGEST = 2**63 - 1
REFUSALS = dict.fromkeys((401, 403, 404, 409, 422), Problem)


class RoundOut(Answer):
    """A round; the seed is null until the draw."""

    id: int
    title: str
    first: date
    last: date
    size: int
    repeats: int
    due_on: date
    state: str
    commitment: str
    seed: str | None


class Found(RoundOut):
    """What a round found; shares are null until it is closed."""

    closed: int
    drawn: int
    given: int
    judged: int
    put_right: float | None
    low: float | None
    high: float | None
    kappa: float | None
    alpha: float | None


class SheetOut(Answer):
    """One case as its evaluator may see it."""

    id: int
    position: int
    category: str
    place: str
    text: str
    before: list[str]
    after: list[str]
    verdict: str


def _round(key: int) -> Round:
    if not 0 < key <= LARGEST:
        raise NotFound
    return queries.round_by_key(key)


def _out(found: Round) -> dict[str, Any]:
    plain = ("title", "first", "last", "size", "repeats", "due_on", "state", "commitment")
    told = {name: getattr(found, name) for name in plain}
    return told | {"id": found.pk, "seed": found.seed if found.drawn_at else None}


@router.get("", response={200: list[RoundOut]} | REFUSALS, summary="List rounds")
def list_rounds(request: HttpRequest) -> list[dict[str, Any]]:
    """Return all rounds of outside evaluation, the newest first."""
    require(OTHER_RULES, "see", user_of(request), None)
    return [_out(each) for each in queries.rounds()]


@router.post(
    "",
    response={201: RoundOut} | REFUSALS,
    summary="Announce a round",
    openapi_extra=body_of(Announce),
)
def announce(request: HttpRequest) -> Status[dict[str, Any]]:
    """Announce a round, and publish the fingerprint of its seed."""
    require(RULES, "announce", user_of(request), None)
    given = checked(Announce, request)
    return Status(201, _out(services.announce_round(by=user_of(request), at=timezone.now(), **given)))


@router.get("/mine", response={200: list[SheetOut]} | REFUSALS, summary="What was given to me")
def mine(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the cases you are to judge, blind: no unit, no number, no closing."""
    user = user_of(request)
    require(RULES, "judge", user, None)
    keys = [key for each in queries.mine(user) for key, _position, _verdict in each.rows]
    return [_sheet(queries.sheet_of(user, key)) for key in keys]


def _sheet(found: queries.Sheet) -> dict[str, Any]:
    told = {name: getattr(found, name) for name in ("position", "category", "place", "text", "verdict")}
    photos = {name: [each["url"] for each in getattr(found, name)] for name in ("before", "after")}
    return told | photos | {"id": found.key}


@router.post(
    "/sheets/{key}/judge",
    response={200: SheetOut} | REFUSALS,
    summary="Judge a case",
    openapi_extra=body_of(Judge),
)
def judge(request: HttpRequest, key: int) -> dict[str, Any]:
    """Say what the photos show; something else later corrects it, until the round is closed."""
    user = user_of(request)
    require(RULES, "judge", user, None)
    if not 0 < key <= LARGEST:
        raise NotFound
    services.judge(key, by=user, at=timezone.now(), **checked(Judge, request))
    return _sheet(queries.sheet_of(user, key))


@router.get("/{key}", response={200: Found} | REFUSALS, summary="Read a round")
def read_round(request: HttpRequest, key: int) -> dict[str, Any]:
    """Return a round and, once it is closed, what it found."""
    require(OTHER_RULES, "see", user_of(request), None)
    found = _round(key)
    results = queries.results_of(found)
    told = {"closed": found.frame.get("closed", 0), "drawn": results.claimed, "given": results.given}
    is_shown = found.state == State.CLOSED and results.right.share is not None
    shown = {
        "put_right": results.right.share,
        "low": results.right.low,
        "high": results.right.high,
        "kappa": results.kappa,
        "alpha": results.alpha,
    }
    return _out(found) | told | {"judged": results.done} | (shown if is_shown else dict.fromkeys(shown))


@router.post("/{key}/{verb}", response={200: RoundOut} | REFUSALS, summary="Draw, cancel or close a round")
def act(request: HttpRequest, key: int, verb: str) -> dict[str, Any]:
    """Do one of `draw`, `cancel`, `close`."""
    if verb not in services.ACTS:
        raise BadInput("verb: " + ", ".join(services.ACTS), field="verb")
    _round(key)
    return _out(services.ACTS[verb](key, by=user_of(request), at=timezone.now()))
