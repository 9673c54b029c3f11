"""Public pages: facts for everybody, nothing about anybody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from siquan.city.places.models import Division
from siquan.city.units.models import Unit
from siquan.work.cases.models import Case
from siquan.work.cases.queries.public import snapped
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db

SECRETS = {
    "text": "我叫赵秘密，住在三号楼五单元",
    "name": "赵秘密",
    "phone": "13912345678",
    "address": "某某胡同99号",
    "title": "赵秘密的来信",
}
EVERYWHERE = "116.3,39.8,116.5,40.0"


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


def case(state: State = State.REPORTED, **fields: Any) -> Case:
    """Return a case reported an hour ago."""
    return make.case(state, at=timezone.now() - timedelta(hours=1), **fields)


def features(client: Client, bbox: str = EVERYWHERE, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/nearby/cases.json?bbox={bbox}&zoom=12{query}")
    assert answer.status_code == 200
    return answer.json()["features"]


def test_nothing_personal_on_any_public_page(client: Client):
    private = case(State.REJECTED, photos=[make.photo()], **SECRETS)
    pages = [
        "/",
        "/nearby/",
        f"/nearby/cases.json?bbox={EVERYWHERE}",
        f"/c/{private.number}/",
        "/help/",
        "/c/",
    ]

    for path in pages:
        page = client.get(path).content.decode()
        for secret in (*SECRETS.values(), private.token, "/files/", str(make.INSIDE[0]), "不属于本区职责"):
            assert secret not in page, (path, secret)


def test_public_facts_of_a_case(client: Client):
    closed = case(State.CLOSED)
    page = client.get(f"/c/{closed.number}/").content.decode()

    for words in ("暴露垃圾", "东华门街道", "第1街区", "已结案"):
        assert words in page


def test_number_is_found_however_it_is_written_and_a_wrong_one_is_told(client: Client):
    number = case().number
    written = f"{number[:2]} {number[2:9]}-{number[9:]}"

    assert client.get("/c/", {"number": written})["Location"] == f"/c/{number}/"
    assert client.get("/c/", {"number": "12"}).status_code == 422
    assert client.get("/c/2600000009/").status_code in (400, 404)
    assert client.get("/c/x/").status_code == 400


def test_a_point_that_could_be_a_home_is_only_told_to_a_hundred_metres(client: Client):
    unclassed, classed = case(), case(State.FILED)
    shown = {each["properties"]["id"]: each["geometry"]["coordinates"] for each in features(client)}

    assert shown[classed.number] == list(make.INSIDE)
    assert shown[unclassed.number] == list(snapped(*make.INSIDE))
    assert shown[unclassed.number] != list(make.INSIDE)


def test_a_window_cut_ever_smaller_does_not_find_the_home(client: Client):
    case()
    lon, lat = make.INSIDE
    beside = f"{lon + 0.0001},{lat + 0.0001},{lon + 0.0002},{lat + 0.0002}"

    assert len(features(client, beside)) == 1  # the window beside the point answers for the whole square


def test_a_crowd_comes_as_clusters(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("siquan.work.cases.queries.public.MOST_POINTS", 2)
    for _each in range(3):
        case(State.FILED)
    found = features(client)

    assert [each["properties"]["count"] for each in found] == [3]
    assert found[0]["geometry"]["coordinates"] == list(snapped(*make.INSIDE))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("street=110101001", 2),
        ("street=110101002", 0),
        ("category=E01", 1),
        ("category=E0103", 0),
        ("state=open", 1),
        ("state=closed", 1),
        ("state=other", 0),
        ("period=7d", 2),
    ],
)
def test_filters_narrow_list_and_map_alike(client: Client, query: str, count: int):
    case()
    case(State.CLOSED)
    make.case(State.CLOSED, at=timezone.now() - timedelta(days=40))

    page = client.get(f"/nearby/?{query}").content.decode()
    assert page.count('<li data-id="') == count
    assert len(features(client, query=f"&{query}")) == count


@pytest.mark.parametrize("query", ["state=secret", "period=99y", "after=abc"])
def test_a_filter_that_does_not_exist_is_told(client: Client, query: str):
    assert client.get(f"/nearby/?{query}").status_code == 400


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "5,5,1,1", "nan,0,1,1", "-999,0,1,1"])
def test_a_window_that_is_none_is_told(client: Client, bbox: str):
    assert client.get(f"/nearby/cases.json?bbox={bbox}").status_code == 422


def test_void_cases_are_not_listed(client: Client):
    case(State.VOID)

    assert features(client) == []
    assert '<li data-id="' not in client.get("/nearby/").content.decode()


def test_home_counts_this_week(client: Client):
    case()
    case(State.CLOSED)
    make.case(State.FILED, at=timezone.now() - timedelta(days=8))
    page = client.get("/").content.decode()

    assert re.findall(r'tally__n">(\d+)<', page) == ["2", "1", "2"]
    assert "东华门街道：2件" in page


@pytest.mark.parametrize("path", ["/nearby/", f"/nearby/cases.json?bbox={EVERYWHERE}"])
def test_same_number_of_queries_for_one_and_three_cases(client: Client, path: str):
    case(State.CLOSED)
    client.get(path)
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    case(State.CLOSED)
    case()
    with CaptureQueriesContext(connection) as three:
        client.get(path)

    assert len(three) == len(one) <= 6


CHINESE = re.compile(r"[\u3400-\u9fff]+")


def test_english_pages_have_no_chinese_words(client: Client):
    states = [State.REPORTED, State.WAITING, State.CLOSED, State.REJECTED, State.VOID, State.HANDLED]
    cases = [case(state, text="a bin") for state in states]
    Division.objects.filter(name_en="").update(name_en="Somewhere")
    Unit.objects.update(name_en="Sanitation")
    client.cookies["django_language"] = "en"
    pages = ["/", "/report/", "/nearby/", "/c/", "/help/", "/c/?number=1"]
    pages += [f"/r/{each.token}/" for each in cases] + [f"/r/{each.token}/sent/" for each in cases]
    pages += [f"/c/{each.number}/" for each in cases]

    for path in pages:
        page = client.get(path).content.decode()
        assert 'lang="en"' in page
        page = page.replace("中文", "")  # the way back
        for told in (
            "在几号门？",
            "不属于本区职责",
            "重复录入",
            "已清理",
            "市容环境",
        ):  # what staff wrote stays as it is
            page = page.replace(told, "")
        assert CHINESE.findall(page) == [], path


def test_wrong_report_in_english_has_no_chinese_words(client: Client):
    make.rules()
    make.street()
    client.cookies["django_language"] = "en"
    page = client.post("/report/", {"phone": "x", "key": "k"}).content.decode().replace("中文", "")

    assert "Please tell us where" in page
    assert CHINESE.findall(page.replace("积存渣土", "")) == []
