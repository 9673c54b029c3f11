"""What an attacker or a broken program sends: refused as problem details, and nothing is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from siquan.work.cases.models import Case
from tests import make

pytestmark = pytest.mark.django_db
REPORTS = "/api/v1/reports"
SIGHT = {"text": "垃圾堆在路口", "lon": make.INSIDE[0], "lat": make.INSIDE[1]}


@pytest.fixture(autouse=True)
def _district() -> None:
    make.rules()
    make.street()


@pytest.mark.parametrize("field", ["text", "address", "phone", "category", "datum", "lon", "accuracy"])
@pytest.mark.parametrize("value", ['"\\ud800"', '["a"]', '{"a": 1}', "9" * 400, "9" * 5000, '"a\\u0000b"'])
def test_a_value_no_form_can_read_is_refused(client: Client, field: str, value: str) -> None:
    body = json.dumps(SIGHT | {field: "@"}).replace('"@"', value)

    answer = client.post(REPORTS, body, content_type="application/json")

    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    assert not Case.objects.exists()


def test_half_a_character_in_the_name_of_a_field_is_refused(client: Client) -> None:
    answer = client.post(REPORTS, '{"\\ud800": 1}', content_type="application/json")

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=" + "x" * 300, b"--x"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"text=a"),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(6000))),
    ],
)
def test_an_unreadable_body_is_a_problem_too(client: Client, kind: str, body: bytes) -> None:
    answer: Any = client.generic("POST", REPORTS, body, content_type=kind)

    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "unreadable"


def test_a_photo_under_another_name_is_refused_and_not_dropped(client: Client) -> None:
    photo = SimpleUploadedFile("a.jpg", make.photo("red"))

    answer = client.post(REPORTS, {**SIGHT, "photo": photo})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "photo"


@pytest.mark.parametrize("token", ["%00", "a%00b", "%C3%A9"])
def test_a_token_that_nobody_made_is_not_found(client: Client, token: str) -> None:
    assert client.get(f"{REPORTS}/{token}").status_code == 404
    assert client.get(f"/r/{token}/").status_code == 404


def test_words_where_a_photo_belongs_are_refused_and_not_dropped(client: Client) -> None:
    answer: Any = client.post(REPORTS, SIGHT | {"photos": "0.5"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "photos"
    assert not Case.objects.exists()
