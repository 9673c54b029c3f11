"""The API: reports without account, cases with a token, every verb, and refusals as problem details."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from siquan.base.accounts.models import User
from siquan.base.accounts.services import make_token
from siquan.city.duties.models import Role
from siquan.work.cases.models import Case
from siquan.work.cases.states import VERBS, State
from tests import make

pytestmark = pytest.mark.django_db
REPORTS = "/api/v1/reports"
CASES = "/api/v1/cases"


@pytest.fixture(autouse=True)
def _district() -> None:
    make.rules()
    make.street()


def bearer(person: User) -> dict[str, str]:
    return {"authorization": f"Bearer {make_token(person, label='test', at=make.NOW)}"}


def post(client: Client, url: str, body: Any, **headers: str) -> Any:
    return client.post(url, json.dumps(body), content_type="application/json", headers=headers)


def sight(**fields: Any) -> dict[str, Any]:
    return {"text": "垃圾堆在路口", "lon": make.INSIDE[0], "lat": make.INSIDE[1], "datum": "WGS84", **fields}


def test_a_report_is_answered_with_number_and_private_link(client: Client) -> None:
    answer = post(client, REPORTS, sight(), **{"idempotency-key": "a1"})

    assert answer.status_code == 201
    case = Case.objects.get(number=answer.json()["number"])
    assert answer.json()["url"] == answer["Location"]
    assert case.token in answer.json()["url"]
    followed = client.get(f"{REPORTS}/{case.token}")
    assert (followed.status_code, followed.json()["state"]) == (200, "reported")


def test_a_repeated_report_gives_the_same_number(client: Client) -> None:
    first, again = (post(client, REPORTS, sight(), **{"idempotency-key": "a1"}) for _ in range(2))

    assert first.json() == again.json()
    assert again.status_code == 201
    assert again["Idempotent-Replayed"] == "true"
    assert Case.objects.count() == 1


def test_photos_come_by_multipart_on_the_same_address(client: Client) -> None:
    photos = [SimpleUploadedFile(f"{n}.jpg", make.photo("red")) for n in range(2)]

    answer = client.post(REPORTS, {**sight(), "photos": photos}, headers={"idempotency-key": "p"})

    assert answer.status_code == 201, answer.content
    assert Case.objects.get().photos.count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ([], None),
        (sight(lon="west"), "lon"),
        (sight(lon=make.OUTSIDE[0], lat=make.OUTSIDE[1]), None),
        (sight(datum="Venus"), None),
        (sight(colour="red"), "colour"),
        (sight(category="nothing"), "category"),
        (sight(text="a" * 1_000_000), "text"),
    ],
)
def test_a_wrong_report_is_refused_with_what_to_do(client: Client, body: Any, field: str | None) -> None:
    answer = post(client, REPORTS, body)

    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["detail"]
    assert field is None or field in [each["field"] for each in problem["errors"]]
    assert not Case.objects.exists()


def test_broken_json_is_refused(client: Client) -> None:
    answer = client.post(REPORTS, b"{", content_type="application/json")

    assert answer.status_code == 422


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer nonsense", "Basic abc"])
def test_cases_need_a_token(client: Client, token: str) -> None:
    answer = client.get(CASES, headers={"authorization": token})

    assert (answer.status_code, answer.json()["code"]) == (401, "token-needed")


def test_a_list_is_paged_by_cursor_without_losing_or_doubling(client: Client) -> None:
    numbers = {make.case().number for _ in range(5)}
    headers = bearer(make.dispatcher())
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = client.get(CASES, {"limit": 2, "cursor": cursor}, headers=headers).json()
        seen += [item["number"] for item in page["items"]]
        cursor = page["next"]

    assert len(seen) == 5
    assert set(seen) == numbers


def test_a_list_takes_the_same_statements_for_one_and_for_three(
    client: Client, django_assert_max_num_queries: Any, settings: Any
) -> None:
    headers = bearer(make.dispatcher())
    make.case(State.DISPATCHED)
    assert len(client.get(CASES, headers=headers).json()["items"]) == 1
    settings.RECHECK_SECONDS = 60.0  # as in service: names are in memory now
    for _ in range(2):
        make.case(State.DISPATCHED)
    with django_assert_max_num_queries(3):
        assert len(client.get(CASES, headers=headers).json()["items"]) == 3


def test_a_list_shows_only_what_one_may_see(client: Client) -> None:
    mine = make.case(State.DISPATCHED, of=make.unit("MINE"))
    make.case(State.DISPATCHED, of=make.unit("OTHER"))

    items = client.get(CASES, headers=bearer(make.clerk(make.unit("MINE")))).json()["items"]

    assert [item["number"] for item in items] == [mine.number]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"state": "dispatched"}, 1),
        ({"state": "open"}, 2),
        ({"category": "E01"}, 1),
        ({"category": "E0103"}, 0),
        ({"division": "110101001"}, 2),
        ({"division": "110101001B01"}, 2),
        ({"unit": "HW"}, 1),
        ({"q": "垃圾"}, 2),
        ({"period": "2026-09"}, 2),
        ({"period": "2026-08"}, 0),
        ({"due": "overdue"}, 2),
        ({"source": "hotline"}, 0),
    ],
)
def test_filters_narrow_the_list(client: Client, query: dict[str, str], count: int) -> None:
    make.case()
    make.case(State.DISPATCHED)

    answer = client.get(CASES, query, headers=bearer(make.dispatcher()))

    assert len(answer.json()["items"]) == count


@pytest.mark.parametrize(
    "query", [{"state": "asleep"}, {"period": "soon"}, {"cursor": "x"}, {"limit": "many"}]
)
def test_a_wrong_filter_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.get(CASES, query, headers=bearer(make.dispatcher())).status_code == 422


def test_a_case_file_tells_the_deadline_in_words_and_what_may_be_done(client: Client) -> None:
    case = make.case(State.FILED)

    body = client.get(f"{CASES}/{case.number}", headers=bearer(make.dispatcher())).json()

    assert body["verbs"] == ["dispatch", "merge"]
    assert body["deadline"]["headline"]
    assert [step["event"] for step in body["history"]] == ["case.reported", "case.filed"]


def test_a_case_one_may_not_see_is_not_found(client: Client) -> None:
    case = make.case()

    answer = client.get(f"{CASES}/{case.number}", headers=bearer(make.user()))

    assert answer.status_code == 404


def test_a_case_goes_its_way_by_verbs(client: Client) -> None:
    case = make.case()
    centre, clerk, checker = make.dispatcher(), make.clerk(make.unit("HW")), make.checker(make.street())
    way = [
        (centre, "file", {"category": "E0102"}, "filed"),
        (centre, "dispatch", {}, "dispatched"),
        (clerk, "accept", {}, "in_hand"),
        (clerk, "report-done", {"note": "清完了"}, "handled"),
    ]
    for person, verb, said, state in way:
        answer = post(client, f"{CASES}/{case.number}/{verb}", said, **bearer(person))
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.content
    photo = SimpleUploadedFile("after.jpg", make.photo())
    answer = client.post(f"{CASES}/{case.number}/verify-pass", {"photos": photo}, headers=bearer(checker))
    assert (answer.status_code, answer.json()["state"]) == (200, "verified"), answer.content


def test_the_wrong_person_and_the_wrong_state_are_told_apart(client: Client) -> None:
    case = make.case(State.DISPATCHED)
    url = f"{CASES}/{case.number}/accept"

    not_allowed = post(client, url, {}, **bearer(make.dispatcher()))
    assert (not_allowed.status_code, not_allowed.json()["code"]) == (403, "not-allowed")
    clerk = make.clerk(make.unit("HW"))
    post(client, url, {}, **bearer(clerk))
    again = post(client, url, {}, **bearer(clerk))
    assert (again.status_code, again.json()["code"]) == (409, "not-possible")
    assert "report-done" in again.json()["possible"]


def test_an_unknown_verb_names_the_ones_there_are(client: Client) -> None:
    case = make.case()

    answer = post(client, f"{CASES}/{case.number}/dance", {}, **bearer(make.dispatcher()))

    assert answer.status_code == 422
    assert "dispatch" in answer.json()["detail"]


def test_every_verb_is_in_the_schema_with_its_fields(client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()

    paths = {f"/api/v1/cases/{{number}}/{verb}" for verb in VERBS}
    assert schema["openapi"].startswith("3.1")
    assert paths <= set(schema["paths"])
    body = schema["paths"]["/api/v1/cases/{number}/reject"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["required"] == ["reason"]


def test_a_report_costs_at_most_twelve_statements(client: Client, settings: Any) -> None:
    post(client, REPORTS, sight(), **{"idempotency-key": "first"})  # rules and boundaries are in memory now
    settings.RECHECK_SECONDS = 60.0  # as in service: not asked again for every report

    with CaptureQueriesContext(connection) as seen:
        answer = post(client, REPORTS, sight(), **{"idempotency-key": "second"})

    assert answer.status_code == 201
    assert len(seen) <= 12, "\n".join(query["sql"][:100] for query in seen)


def no_database(*_: Any) -> Any:
    raise OperationalError("the server closed the connection")


def test_while_the_database_is_away_one_is_asked_to_come_back(client: Client) -> None:
    with connection.execute_wrapper(no_database):
        report = post(client, REPORTS, sight(), **{"idempotency-key": "k"})
        page = client.get("/nearby/")

    assert (report.status_code, report.json()["code"], report["Retry-After"]) == (503, "database-away", "5")
    assert (page.status_code, page["Retry-After"]) == (503, "5")


def test_refusals_speak_english_too(client: Client) -> None:
    answer = client.get(CASES, headers={"accept-language": "en"})

    assert answer.json()["detail"].startswith("Send a valid token")


@pytest.mark.parametrize("act", [*VERBS, "contact"])
def test_who_may_not_do_it_is_told_so_before_the_body_is_read(act: str, client: Client) -> None:
    case = make.case(State.IN_HAND)
    sees_all, stranger = make.staff(Role.LEADER), make.clerk(make.unit("OTHER"))

    for body in ("{", "[]", '{"nothing": "known"}'):
        for person, status in ((sees_all, 403), (stranger, 404)):
            answer = client.post(
                f"{CASES}/{case.number}/{act}", body, content_type="application/json", headers=bearer(person)
            )
            assert answer.status_code == status, (body, answer.content)
