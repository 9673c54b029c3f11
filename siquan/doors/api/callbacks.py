"""Call-backs for programs: the same queries, rules and services as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.periods import Kind, parse_period, period_of
from siquan.base.kernel.permissions import require
from siquan.doors.api.answers import Answer
from siquan.doors.api.bodies import checked
from siquan.doors.api.cases import user_of
from siquan.doors.api.problems import Problem
from siquan.doors.api.schemas import body_of
from siquan.work.callbacks import queries, services
from siquan.work.callbacks.forms import Correct, SaveCall
from siquan.work.callbacks.models import CallBack
from siquan.work.callbacks.permissions import OTHER_RULES, RULES

router = Router(tags=["call-backs"])
MOST = 200
LARGEST = 2**63 - 1


class CallBackOut(Answer):
    """One reporter asked about one closing, and what they said."""

    id: int
    case: str
    reason: str
    state: str
    channel: str
    source: str
    unit: str | None
    street: str | None
    closed_at: datetime
    attempts: int
    contacted: bool | None
    solved: str | None
    satisfied: int | None
    answered_at: datetime | None


class CallBackList(Answer):
    """Some call-backs; `next` is the cursor of those behind them, null at the end."""

    items: list[CallBackOut]
    next: str | None


class CallOut(CallBackOut):
    """A call that was taken: the number is for this call only."""

    phone: str
    script: str
    taken_until: datetime | None


class CallBackQuery(Schema):
    """The closings of a period, and how their call-backs stand."""

    period: str = ""
    state: str = ""
    solved: str = ""
    cursor: str = ""
    limit: int = 50


def _out(found: CallBack) -> dict[str, Any]:
    answer = found.answer
    return {
        "id": found.pk,
        "case": found.case.number,
        "reason": found.reason,
        "state": found.state,
        "channel": found.channel,
        "source": found.source,
        "unit": found.unit.code if found.unit else None,
        "street": found.street.code if found.street else None,
        "closed_at": found.anchor_at,
        "attempts": found.attempts_made,
        "contacted": answer.contacted if answer else None,
        "solved": answer.solved or None if answer else None,
        "satisfied": answer.satisfied if answer else None,
        "answered_at": answer.at if answer else None,
    }


def _find(key: int) -> CallBack:
    if not 0 < key <= LARGEST:
        raise NotFound
    return queries.call_back_by_key(key)


REFUSALS = dict.fromkeys((401, 403, 404, 409, 422), Problem)


@router.get("", response={200: CallBackList} | REFUSALS, summary="List call-backs")
def list_call_backs(request: HttpRequest, query: Query[CallBackQuery]) -> dict[str, Any]:
    """Return the call-backs about what was closed in a period (this month, if none is given)."""
    require(OTHER_RULES, "see", user_of(request), None)
    period = parse_period(query.period) if query.period else period_of(timezone.now(), Kind.MONTH)
    limit = max(1, min(query.limit, MOST))
    wanted = {name: getattr(query, name).replace("\0", "") for name in ("state", "solved")}
    found = queries.page_of(period, after=query.cursor, size=limit, **wanted)
    return {"items": [_out(each) for each in found.rows], "next": found.after or None}


@router.post("/next", response={200: CallOut, 204: None} | REFUSALS, summary="Take the next call")
def take_next(request: HttpRequest) -> Any:
    """Give you the next call, yours alone for some minutes; 204 when there is none now.

    That the number was shown is written down.
    """
    user, at = user_of(request), timezone.now()
    if services.take_next(by=user, at=at) is None:
        return Status(204, None)
    call = queries.current_call(user, at)
    assert call is not None
    taken = {"phone": call.number, "script": call.script, "taken_until": call.call_back.taken_until}
    return _out(call.call_back) | taken


@router.get("/{key}", response={200: CallBackOut} | REFUSALS, summary="Read a call-back")
def read_call_back(request: HttpRequest, key: int) -> dict[str, Any]:
    """Return one call-back."""
    require(OTHER_RULES, "see", user_of(request), None)
    return _out(_find(key))


@router.post(
    "/{key}/save",
    response={200: CallBackOut} | REFUSALS,
    summary="Say how a call went",
    openapi_extra=body_of(SaveCall),
)
def save_call(request: HttpRequest, key: int) -> dict[str, Any]:
    """Keep how the call you have taken went; the same `key` in the body again changes nothing."""
    require(OTHER_RULES, "take", user_of(request), None)
    _find(key)
    given = {"outcome": "answered"} | checked(SaveCall, request)  # a verdict says that somebody answered
    services.save_call(key, by=user_of(request), at=timezone.now(), **given)
    return _out(_find(key))


@router.post("/{key}/take-back", response={200: CallBackOut} | REFUSALS, summary="Take your last call back")
def take_back(request: HttpRequest, key: int) -> dict[str, Any]:
    """Take your last call back within half an hour; it is yours to make again."""
    require(OTHER_RULES, "take", user_of(request), None)
    _find(key)
    services.take_back(key, by=user_of(request), at=timezone.now())
    return _out(_find(key))


@router.post(
    "/{key}/correct",
    response={200: CallBackOut} | REFUSALS,
    summary="Correct an answer",
    openapi_extra=body_of(Correct),
)
def correct(request: HttpRequest, key: int) -> dict[str, Any]:
    """Correct what was taken down, by a new row that names the old one."""
    require(RULES, "correct", user_of(request), _find(key))
    services.correct_answer(key, by=user_of(request), at=timezone.now(), **checked(Correct, request))
    return _out(_find(key))
