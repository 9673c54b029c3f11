"""Limits on how often, and on how many strangers at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from siquan.base.accounts.models import User
from siquan.base.accounts.services import make_token
from siquan.base.web import limits, problems
from siquan.work.cases.models import Case
from tests import make

pytestmark = pytest.mark.django_db
WORDS = "路灯不亮，从上周三开始"


@pytest.fixture
def limited(settings: Any) -> Any:
    """Turn the limits on, with two of everything."""
    settings.LIMITED = True
    settings.WEB_PROCESSES = 1
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "2/600")
    limits.forget()
    yield settings
    limits.forget()


def report(client: Client, **more: Any) -> Any:
    body = {"text": WORDS, "lon": make.INSIDE[0], "lat": make.INSIDE[1]}
    return client.post("/api/v1/reports", body, content_type="application/json", **more)


def test_the_third_report_from_one_network_is_refused_with_problem_details(
    client: Client, limited: Any
) -> None:
    make.rules()
    make.street()

    answers = [report(client) for _ in range(3)]

    assert [each.status_code for each in answers] == [201, 201, 429]
    assert answers[2]["Content-Type"].startswith("application/problem+json")
    assert answers[2].json()["code"] == "too-many"
    assert 290 <= int(answers[2]["Retry-After"]) <= 300
    assert Case.objects.count() == 2
    assert report(client, REMOTE_ADDR="203.0.113.9").status_code == 201


def test_a_refusal_costs_no_statement(client: Client, limited: Any, django_assert_num_queries: Any) -> None:
    for _ in range(2):
        report(client)

    with django_assert_num_queries(0):
        assert report(client).status_code == 429


def test_a_flood_does_not_fill_the_log(
    client: Client, limited: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        report(client)

    assert [each for each in caplog.records if "Too Many" in each.getMessage()] == []


def test_addresses_of_one_ipv6_connection_count_as_one(client: Client, limited: Any) -> None:
    seen = [report(client, REMOTE_ADDR=f"2001:db8::{number:x}").status_code for number in range(3)]

    assert seen[2] == 429
    assert report(client, REMOTE_ADDR="2001:db8:0:1::1").status_code != 429


def test_the_forwarded_address_counts_only_behind_our_own_proxy(client: Client, limited: Any) -> None:
    for number in range(3):
        last = report(client, headers={"X-Forwarded-For": f"10.0.0.{number}"})
    assert last.status_code == 429

    limited.PROXIES = 1
    limits.forget()
    for number in range(3):
        last = report(client, headers={"X-Forwarded-For": f"10.0.0.{number}"})
    assert last.status_code != 429


def test_a_refused_page_gives_back_what_was_typed(client: Client, limited: Any) -> None:
    for _ in range(2):
        client.post("/report/", {"text": WORDS})

    answer = client.post("/report/", {"text": '"><script>', "key": "one", "address": "东四"})

    assert answer.status_code == 429
    assert "操作太频繁" in answer.text
    assert 'name="address" value="东四"' in answer.text
    assert "&quot;&gt;&lt;script&gt;" in answer.text
    assert 'action="/report/"' in answer.text


def test_a_form_that_sends_itself_is_told_in_few_words(client: Client, limited: Any) -> None:
    for _ in range(3):
        answer = client.post("/report/", {"text": WORDS}, headers={"X-Once": "1"})

    assert (answer.status_code, answer.content) == (429, b"")
    assert int(answer["Retry-After"]) > 0


def test_what_is_too_long_is_not_given_back(rf: RequestFactory) -> None:
    request = rf.post("/report/", {"text": "字" * problems.KEPT_BYTES})

    assert problems.typed(request) == []


def test_programs_are_counted_by_their_token(client: Client, limited: Any) -> None:
    tokens = [make_token(make.dispatcher(), name, make.NOW) for name in "ab"]

    def asked(token: str) -> int:
        return client.get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"}).status_code

    assert [asked(tokens[0]) for _ in range(3)] == [200, 200, 429]
    assert asked(tokens[1]) == 200


def test_exports_are_counted_by_person(client: Client, limited: Any) -> None:
    seen = []
    for person in (make.dispatcher(), make.dispatcher()):
        client.force_login(person)
        seen.append([client.get("/cases/export.csv").status_code for _ in range(3)])

    assert seen == [[200, 200, 429], [200, 200, 429]]


def test_reading_is_not_limited_by_posting(client: Client, limited: Any) -> None:
    for _ in range(3):
        client.post("/report/", {"text": WORDS})

    assert client.get("/report/").status_code == 200


def test_the_setting_lifts_every_limit(client: Client, limited: Any) -> None:
    limited.LIMITED = False

    assert 429 not in [report(client).status_code for _ in range(5)]


def test_strangers_never_take_all_places(rf: RequestFactory, limited: Any) -> None:
    """Two strangers are inside; the third is sent away at once, and comes in when one has left."""
    limited.LIMITS = {}
    limits.forget()
    inside, go_on = threading.Barrier(3), threading.Event()
    limited_view = _passes(inside, go_on)
    threads = [threading.Thread(target=limited_view, args=(_post(rf),)) for _ in range(2)]
    for each in threads:
        each.start()
    inside.wait(10)

    refused = limits.Limits(lambda _request: HttpResponse()).process_view(_post(rf))
    go_on.set()
    for each in threads:
        each.join(10)

    assert refused is not None
    assert (refused.status_code, refused["Retry-After"]) == (503, "3")
    assert limits.Limits(lambda _request: HttpResponse()).process_view(_post(rf)) is None


def _post(rf: RequestFactory) -> HttpRequest:
    request = rf.post("/api/v1/reports")
    request.resolver_match = type("Match", (), {"view_name": "api-1:report", "namespace": "api-1"})()
    return request


def _passes(inside: threading.Barrier, go_on: threading.Event) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        assert limit.process_view(request) is None
        inside.wait(10)
        go_on.wait(10)
        return HttpResponse()

    limit = limits.Limits(view)
    return limit


def test_every_anonymous_post_has_a_rule() -> None:
    """A new page of the residents' door is limited without anybody thinking of it."""
    from siquan.config.limits import LIMITS

    assert LIMITS["POST portal:"].is_placed
    assert LIMITS["POST api-1:report"].is_placed
    assert {each.limit for each in LIMITS.values()} == set(_settings().LIMITS)


def _settings() -> Any:
    from siquan.config import settings

    return settings


def test_a_wrong_password_is_no_way_around(client: Client, limited: Any) -> None:
    User.objects.create_user("alice", "correct horse 42", name="爱丽")
    sent = {"username": "alice", "password": "wrong"}

    assert [client.post("/account/sign-in/", sent).status_code for _ in range(3)] == [200, 200, 429]
