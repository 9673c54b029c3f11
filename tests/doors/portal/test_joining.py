"""Is it one of these? Residents join an open case instead of reporting it once more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from siquan.base.notices.models import Notice
from siquan.work.cases import telling
from siquan.work.cases.joiners import Joiner
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.doors.portal.test_report import fields

pytestmark = pytest.mark.django_db
SECRET = "我是张三，住在十五号"


@pytest.fixture(autouse=True)
def district() -> None:
    make.rules()
    make.street()


def known() -> Case:
    case = make.case(State.FILED)
    now = timezone.now() - timedelta(hours=1)
    Case.objects.filter(pk=case.pk).update(
        text=f"垃圾桶满了两天。{SECRET}", reported_at=now, lon=make.INSIDE[0], lat=make.INSIDE[1]
    )
    case.refresh_from_db()
    return case


def ask(client: Client, **changes: Any) -> str:
    answer = client.post("/report/alike/", fields(client, **changes), headers={"X-Part": "1"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    return answer.content.decode()


def test_the_open_case_nearby_is_shown_in_public_words_only(client: Client) -> None:
    case = known()

    page = ask(client)

    assert "是不是其中一件" in page
    assert f'value="{case.number}"' in page
    assert "类别相同" in page
    assert SECRET not in page
    assert case.token not in page


def test_nothing_is_shown_elsewhere_or_of_another_matter_or_of_homes(client: Client) -> None:
    case = known()
    assert "其中一件" not in ask(client, lon=make.INSIDE[0] + 0.004)
    assert "其中一件" not in ask(client, lon="", lat="", place="不知道哪里")
    assert "其中一件" not in ask(client, text="", category="")
    Case.objects.filter(pk=case.pk).update(category=None)
    assert "其中一件" not in ask(client), "an unclassed matter could be one of a home"


def test_without_javascript_the_same_is_a_page(client: Client) -> None:
    case = known()
    page = client.post("/report/alike/", fields(client)).content.decode()
    assert f'value="{case.number}"' in page
    assert 'id="join-form"' in page


def test_joining_twice_counts_once_and_gives_a_link_of_ones_own(client: Client) -> None:
    case, key = known(), fields(client)["key"]

    first = client.post("/report/join/", {"number": case.number, "key": key})
    again = client.post("/report/join/", {"number": case.number, "key": key})

    joiner = Joiner.objects.get()
    assert first["Location"] == again["Location"] == f"/j/{joiner.token}/"
    page = client.get(first["Location"]).content.decode()
    assert "现在一共2人看到" in page
    assert SECRET not in page
    assert case.token not in page
    assert "2人" in client.get(f"/c/{case.number}/").content.decode()


def test_a_joiner_who_left_a_number_is_told_at_the_close(client: Client) -> None:
    case = known()
    where = client.post("/report/join/", {"number": case.number, "key": fields(client)["key"]})["Location"]
    assert client.post(where, {"phone": "12"}).status_code == 422
    client.post(where, {"phone": "138 0013 8000"})

    from siquan.base.journal import services as journal

    entry = journal.write("case.closed", about=case, by=None, at=make.NOW)
    telling.tell_joiners(entry)
    telling.tell_joiners(entry)

    notice = Notice.objects.get(kind="case.closed")
    assert notice.url == where


@pytest.mark.parametrize("given", [{}, {"number": "1", "key": "forged"}, {"number": "2699999992", "key": ""}])
def test_a_forged_or_broken_join_is_refused(client: Client, given: dict[str, str]) -> None:
    answer = client.post("/report/join/", given)
    assert answer["Location"] == "/report/"
    assert not Joiner.objects.exists()


def test_an_unknown_private_link_is_not_there(client: Client) -> None:
    assert client.get("/j/unknown/").status_code == 404
