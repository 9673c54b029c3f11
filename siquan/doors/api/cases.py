"""Cases for programs: the same queries, rules and services as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from ninja import Query, Router, Schema

from siquan.base.accounts.models import User
from siquan.base.kernel.errors import BadInput
from siquan.doors.api.answers import Answer
from siquan.doors.api.bodies import checked
from siquan.doors.api.problems import Problem
from siquan.doors.api.schemas import body_of
from siquan.work.cases import queries, services
from siquan.work.cases.filters import Filters
from siquan.work.cases.forms import FORMS, PHOTO_FORMS, OpenOriginal, Unmask
from siquan.work.cases.models import Case
from siquan.work.cases.states import VERBS

router = Router(tags=["cases"])
MOST = 200


class Place(Answer):
    """Where a case is, in WGS-84, with the divisions of the day it was reported."""

    lon: float | None
    lat: float | None
    address: str
    street: str | None
    community: str | None
    block: str | None
    cell: str | None


class CaseOut(Answer):
    """A case in a list."""

    number: str
    state: str
    source: str
    source_ref: str
    category: str | None
    title: str
    text: str
    unit: str | None
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    is_paused: bool
    is_supervised: bool
    rework_count: int
    reopen_count: int
    place: Place


class Step(Answer):
    """One thing that happened to a case."""

    at: datetime
    event: str
    by: str | None
    by_kind: str
    details: dict[str, Any]


class PhotoOut(Answer):
    """A photo; at `url` lies the blurred picture, or a drawing until `is_blurred` and while `is_withheld`."""

    key: str
    purpose: str
    at: datetime
    url: str
    is_blurred: bool
    is_withheld: bool
    verbs: list[str]


class DeadlineOut(Answer):
    """The running clock, explained."""

    clock: str
    due_at: datetime | None
    colour: str
    headline: str
    lines: list[str]


class CaseFile(CaseOut):
    """A whole case file."""

    verbs: list[str]
    deadline: DeadlineOut | None
    responsibility: str | None
    history: list[Step]
    photos: list[PhotoOut]


class CasePage(Answer):
    """A page of cases; `next` is the cursor of the following page, null at the end."""

    items: list[CaseOut]
    next: str | None


class CaseQuery(Schema):
    """The filters of a list, as in the URL of the page."""

    q: str = ""
    state: str = ""
    category: str = ""
    division: str = ""
    unit: str = ""
    source: str = ""
    due: str = ""
    period: str = ""
    place: str = ""
    supervised: str = ""
    twins: str = ""
    cursor: str = ""
    limit: int = 50


PLAIN = ("number", "state", "source", "source_ref", "title", "text", "reported_at", "due_at", "closed_at") + (
    "is_paused",
    "is_supervised",
    "rework_count",
    "reopen_count",
)


def user_of(request: HttpRequest) -> User:
    """Return whom the token speaks for."""
    return request.auth  # type: ignore[attr-defined, no-any-return]


def case_out(case: Case) -> dict[str, Any]:
    """Return a case as a program sees it."""
    place = {
        "lon": case.lon,
        "lat": case.lat,
        "address": case.address,
        "street": case.street.code if case.street else None,
        "community": case.community.code if case.community else None,
        "block": case.block.code if case.block else None,
        "cell": case.cell.code if case.cell else None,
    }
    return {name: getattr(case, name) for name in PLAIN} | {
        "category": case.category.code if case.category else None,
        "unit": case.unit.code if case.unit else None,
        "place": place,
    }


@router.get("", response={200: CasePage, 401: Problem, 422: Problem}, summary="List cases")
def list_cases(request: HttpRequest, query: Query[CaseQuery]) -> dict[str, Any]:
    """Return the cases this person may see that fit the filters, newest first."""
    given = query.model_dump()
    limit = max(1, min(given.pop("limit"), MOST))
    cursor = given.pop("cursor")
    cases = Filters.from_query(given).apply(queries.visible_to(user_of(request)), at=timezone.now())
    found = queries.newest(cases, after=cursor, limit=limit)
    return {"items": [case_out(case) for case in found.cases], "next": found.next}


@router.get(
    "/{number}", response={200: CaseFile, 401: Problem, 404: Problem, 422: Problem}, summary="Read a case"
)
def read_case(request: HttpRequest, number: str) -> dict[str, Any]:
    """Return one case file with its deadline in words, its history and what you may do now."""
    case = queries.case_by_number(user_of(request), number)
    return case_file(user_of(request), case)


def case_file(user: User, case: Case) -> dict[str, Any]:
    """Return a whole case file as a program sees it."""
    deadline = queries.deadline_of(case, at=timezone.now(), language=get_language() or "zh-hans")
    return case_out(case) | {
        "verbs": queries.possible_verbs(user, case),
        "responsibility": str(case.responsibility) if case.responsibility else None,
        "deadline": deadline
        and {
            "clock": deadline.run.kind,
            "due_at": None if deadline.is_paused else deadline.run.due_at,
            "colour": deadline.colour.value,
            "headline": deadline.explanation.headline,
            "lines": list(deadline.explanation.lines),
        },
        "history": [
            {
                "at": entry.at,
                "event": entry.event,
                "by": entry.by.username if entry.by else None,
                "by_kind": entry.by_kind,
                "details": entry.details,
            }
            for entry in queries.history(case)
        ],
        "photos": [
            {
                "key": each.file.key,
                "purpose": each.purpose,
                "at": each.at,
                "url": reverse("files:picture", args=[each.file.key]),
                "is_blurred": each.file.is_blurred,
                "is_withheld": each.file.is_withheld,
                "verbs": queries.possible_photo_verbs(user, each, case),
            }
            for each in queries.photos_of(case)
        ],
    }


def _add(verb: str) -> None:
    """Add the endpoint of a verb; its body is described by the verb's form."""

    def act(request: HttpRequest, number: str) -> dict[str, Any]:
        user = user_of(request)
        case = queries.case_by_number(user, number)
        services.ask_rule(verb, case, by=user)
        services.ACTS[verb](case.pk, by=user, at=timezone.now(), **checked(FORMS[verb], request))
        return case_out(queries.case_by_number(user, number))

    form = FORMS[verb]
    refusals = dict.fromkeys((401, 403, 404, 409, 422), Problem)
    router.add_api_operation(
        f"/{{number}}/{verb}",
        ["POST"],
        act,
        response={200: CaseOut} | refusals,
        operation_id=f"case_{verb.replace('-', '_')}",
        summary=f"{verb}: {form.__doc__}",
        openapi_extra=body_of(form),
    )


class ContactOut(Answer):
    """What a reporter told, not masked; words only where they are masked in the case."""

    name: str
    phone: str
    title: str
    text: str
    address: str
    remarks: list[str]


@router.post(
    "/{number}/contact",
    response={200: ContactOut} | dict.fromkeys((401, 403, 404, 422), Problem),
    summary="See who reported, with a reason that is written down",
    operation_id="case_contact",
    openapi_extra=body_of(Unmask),
)
def unmask(request: HttpRequest, response: HttpResponse, number: str) -> dict[str, Any]:
    """Return the contact data of a reporter; the journal keeps who asked and why."""
    user = user_of(request)
    case = queries.case_by_number(user, number)
    services.ask_rule("unmask", case, by=user)
    found = services.unmask(case.pk, by=user, at=timezone.now(), **checked(Unmask, request))
    add_never_cache_headers(response)
    given = {name: getattr(found, name) for name in ("name", "phone", "title", "text", "address")}
    return given | {"remarks": [each.text for each in found.remarks]}


@router.post(
    "/{number}/photos/{key}/original",
    response=dict.fromkeys((401, 403, 404, 422), Problem),
    summary="Read a photo exactly as it was uploaded, with a reason that is written down",
    operation_id="case_photo_original",
    openapi_extra=body_of(OpenOriginal)
    | {
        "responses": {
            200: {
                "description": "The bytes as they were uploaded: foreign, not blurred, metadata included.",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def read_original(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Return the sealed original of a photo; the journal keeps who asked and why."""
    user = user_of(request)
    case = queries.case_by_number(user, number)
    services.ask_rule("open-original", case, by=user)
    given = checked(OpenOriginal, request)
    opened = services.open_original(case.pk, key=key, by=user, at=timezone.now(), **given)
    answer = HttpResponse(
        opened.content,
        content_type="application/octet-stream",  # for programs; no browser may make anything of it
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": 'attachment; filename="original"',
        },
    )
    add_never_cache_headers(answer)
    return answer


def _add_to_photo(verb: str) -> None:
    """Add the endpoint of what can be done about a photo."""

    def act(request: HttpRequest, number: str, key: str) -> dict[str, Any]:
        user = user_of(request)
        case = queries.case_by_number(user, number)
        services.ask_rule(verb, case, by=user)
        given = checked(PHOTO_FORMS[verb], request)
        services.PHOTO_ACTS[verb](case.pk, key=key, by=user, at=timezone.now(), **given)
        return case_file(user, queries.case_by_number(user, number))

    form = PHOTO_FORMS[verb]
    router.add_api_operation(
        f"/{{number}}/photos/{{key}}/{verb}",
        ["POST"],
        act,
        response={200: CaseFile} | dict.fromkeys((401, 403, 404, 409, 422), Problem),
        operation_id=f"case_{verb.replace('-', '_')}",
        summary=f"{verb}: {form.__doc__}",
        openapi_extra=body_of(form),
    )


for each in VERBS:
    _add(each)
for each in PHOTO_FORMS:
    _add_to_photo(each)


@router.post("/{number}/{verb}", include_in_schema=False, response={404: Problem})
def unknown_verb(request: HttpRequest, number: str, verb: str) -> dict[str, Any]:
    """Name the verbs there are."""
    raise BadInput("verb: " + ", ".join(VERBS), field="verb")
