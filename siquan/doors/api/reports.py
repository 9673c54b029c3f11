"""Reports without an account: what somebody saw, taken in once however often it is sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Status

from siquan.base.kernel.coordinates import parse_datum
from siquan.base.kernel.errors import BadInput
from siquan.doors.api.answers import Answer
from siquan.doors.api.bodies import checked
from siquan.doors.api.problems import Problem
from siquan.doors.api.schemas import body_of
from siquan.work.cases import queries, services
from siquan.work.cases.forms import PhotosField
from siquan.work.cases.services import Report

router = Router(tags=["reports"])
LONGEST_KEY = 100


class ReportForm(forms.Form):
    """What somebody saw."""

    text = forms.CharField(strip=False, max_length=5000)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90)
    datum = forms.CharField(required=False, max_length=20)
    accuracy = forms.FloatField(required=False, min_value=0, max_value=100_000)
    address = forms.CharField(required=False, max_length=200)
    category = forms.CharField(required=False, max_length=20)
    phone = forms.CharField(required=False, max_length=30)
    photos = PhotosField(required=False)


class Received(Answer):
    """The case a report became, and the private link to follow it."""

    number: str
    token: str
    url: str
    state: str


class Followed(Answer):
    """What the private link tells."""

    number: str
    state: str
    reported_at: datetime
    closed_at: datetime | None
    category: str | None


@router.post(
    "",
    auth=None,
    response={201: Received, 413: Problem, 422: Problem, 429: Problem, 503: Problem},
    summary="Report something",
    openapi_extra=body_of(ReportForm)
    | {
        "parameters": [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "description": "The same key again gives the same case again; at most 100 characters.",
                "schema": {"type": "string", "maxLength": LONGEST_KEY, "minLength": 1},
            }
        ]
    },
)
def report(request: HttpRequest, response: HttpResponse) -> Status[dict[str, Any]]:
    """Take in a report.

    Needs `text` and a place: `lon` and `lat` (in `datum`, WGS84 if not said), or an `address`.
    """
    key = request.headers.get("Idempotency-Key", "") or f"none-{uuid.uuid4()}"
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise BadInput(field="Idempotency-Key")
    given = checked(ReportForm, request)
    datum = parse_datum(given.pop("datum", "") or "WGS84")
    accuracy, category = given.pop("accuracy", None), given.pop("category", "")
    received = services.report_case(
        Report(datum=datum, accuracy_m=accuracy, category_code=category, **given),
        key=key,
        by=None,
        at=timezone.now(),
    )
    if not received.is_new:
        response["Idempotent-Replayed"] = "true"
    case = received.case
    url = request.build_absolute_uri(reverse("portal:follow", args=[case.token]))
    response["Location"] = url
    told = {"number": case.number, "token": case.token, "url": url, "state": case.state}
    return Status(201, told)


@router.get("/{token}", auth=None, response={200: Followed, 404: Problem}, summary="Follow a report")
def follow(request: HttpRequest, token: str) -> dict[str, Any]:
    """Return how far a report is; `token` is the last part of the private link."""
    case = queries.case_by_token(token)
    plain = ("number", "state", "reported_at", "closed_at")
    code = case.category.code if case.category else None
    return {name: getattr(case, name) for name in plain} | {"category": code}
