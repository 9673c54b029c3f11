"""Changed boundaries by a page: handed in, looked at, published; cases keep what they had."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.city.duties.models import Role
from siquan.city.places.models import BoundaryDraft, Division, Level
from siquan.work.cases import services
from siquan.work.cases.models import Case
from tests import make

pytestmark = pytest.mark.django_db
PAGE = "/desk/boundaries/"
WEST, EAST = "110101801", "110101802"
SOUTH, NORTH = 39.90, 39.92


def outline(west: float, east: float) -> dict[str, Any]:
    ring = [[west, SOUTH], [east, SOUTH], [east, NORTH], [west, NORTH], [west, SOUTH]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(west: float, east: float, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": outline(west, east)}


MOVED = [feature(116.40, 116.405, code=WEST), feature(116.405, 116.42, code=EAST)]


@pytest.fixture
def admin(client: Client) -> User:
    """Return an administrator who is signed in; two streets lie side by side, with the border at 116.41."""
    district = make.division(Level.DISTRICT, code="110101", name="东城区")
    for code, name, west, east in ((WEST, "西街道", 116.40, 116.41), (EAST, "东街道", 116.41, 116.42)):
        make.division(code=code, name=name, parent=district, square=(west, SOUTH, east, NORTH))
    person = make.staff(Role.ADMIN)
    client.force_login(person)
    return person


def send(client: Client, features: Any, *, on: date | None = None, **more: Any) -> Any:
    raw = features if isinstance(features, bytes) else json.dumps({"features": features}).encode()
    file = SimpleUploadedFile("新边界.geojson", raw)
    given = {"file": file, "valid_from": on or timezone.localdate(), "reason": "京民发〔2026〕1号"} | more
    return client.post(PAGE, given)


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_file_is_looked_at_and_then_published_from_its_day(admin: User, client: Client) -> None:
    make.rules()
    today = timezone.localdate()
    was = Division.objects.get(code=WEST)
    stays, moves = (
        services.report_case(make.report(lon=lon), key=str(lon), by=None, at=timezone.now()).case
        for lon in (116.404, 116.408)
    )
    assert stays.street == moves.street == was

    address = send(client, MOVED, on=today + timedelta(days=3))["Location"]
    shown = words(client.get(address))
    assert "西街道" in shown
    assert "有1件在办案件" in shown
    assert Division.objects.filter(code=WEST).count() == 1, "looking changes nothing"

    assert client.post(address)["Location"] == address

    old, new = Division.objects.filter(code=WEST).order_by("valid_from")
    assert (old.valid_to, new.valid_from) == (today + timedelta(days=3), today + timedelta(days=3))
    assert Case.objects.get(pk=moves.pk).street == was, "a case keeps the division of its day"
    entry = Entry.objects.get(event="places_division.changed", about_id=new.pk)
    assert (entry.by, entry.details["reason"]) == (admin, "京民发〔2026〕1号")
    assert Entry.objects.filter(event="places_boundaries.published", by=admin).exists()
    assert "已经公布" in words(client.get(address))


def test_it_is_published_once(admin: User, client: Client) -> None:
    address = send(client, MOVED)["Location"]
    client.post(address)

    assert client.post(address).status_code == 409
    assert Division.objects.filter(code=WEST).count() == 2


def test_areas_that_are_new_or_end_are_named(admin: User, client: Client) -> None:
    features = [
        {"type": "Feature", "properties": {"code": EAST, "ended": True}, "geometry": None},
        feature(116.41, 116.42, code="110101803", name="新街道", level="street", parent="110101"),
    ]

    address = send(client, features)["Location"]
    shown = words(client.get(address))
    client.post(address)

    assert shown.count("新增") == shown.count("撤销") == 1
    assert Division.objects.get(code=EAST).valid_to == timezone.localdate()
    assert Division.objects.get(code="110101803").name == "新街道"


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ([feature(116.40, 116.415, code=WEST)], "重叠"),
        ([feature(116.40, 116.41, code="110101899")], "level"),
        ([{"properties": {"code": WEST}, "geometry": {"type": "Point", "coordinates": [1, 2]}}], "GeoJSON"),
        ([{"properties": {"code": "x", "ended": True}}], "没有代码为x的现行区划"),
        ([{"properties": None}], "没有属性"),
        ([feature(116.40, 116.405, code=WEST), feature(116.40, 116.405, code=WEST)], "出现了两次"),
    ],
)
def test_what_does_not_fit_is_told_and_cannot_be_published(
    admin: User, client: Client, features: Any, said: str
) -> None:
    address = send(client, features)["Location"]

    shown = words(client.get(address))
    answer = client.post(address)

    assert said in shown
    assert "公布这份调整" not in shown
    assert answer.status_code == 422
    assert Division.objects.filter(valid_from__gt=make.LONG_AGO).count() == 0
    assert BoundaryDraft.objects.get().published_at is None


def test_a_file_that_changes_nothing_is_not_published(admin: User, client: Client) -> None:
    address = send(client, [feature(116.40, 116.41, code=WEST)])["Location"]

    assert "和现行的一样" in words(client.get(address))
    assert client.post(address).status_code == 422


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"[]", b'{"features": []}', b'{"features": 3}', b"[" * 9000]
)
def test_what_is_no_geojson_is_refused_at_once(admin: User, client: Client, raw: bytes) -> None:
    assert send(client, raw).status_code == 422
    assert not BoundaryDraft.objects.exists()


def test_a_day_that_has_passed_is_refused(admin: User, client: Client) -> None:
    answer = send(client, MOVED, on=timezone.localdate() - timedelta(days=1))
    assert "请选今天或以后的日期" in words(answer)

    address = send(client, MOVED)["Location"]
    BoundaryDraft.objects.update(valid_from=timezone.localdate() - timedelta(days=1))
    assert client.post(address).status_code == 422
    assert Division.objects.filter(code=WEST).count() == 1


@pytest.mark.parametrize("who", [make.dispatcher, make.lead, make.user])
def test_only_administrators_change_the_map(admin: User, client: Client, who: Any) -> None:
    address = send(client, MOVED)["Location"]
    client.force_login(who())

    assert client.get(PAGE).status_code == client.get(address).status_code == 403
    assert send(client, MOVED).status_code == client.post(address).status_code == 403
    assert Division.objects.filter(code=WEST).count() == 1
