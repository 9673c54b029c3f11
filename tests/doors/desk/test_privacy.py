"""The pages about personal data: for administrators, with a reason, kept by no browser."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.journal.models import Entry
from siquan.base.privacy import queries
from siquan.base.privacy.models import PersonRequest
from siquan.city.duties.models import Role
from siquan.work.cases.models import Case, Reporter
from siquan.work.cases.states import State
from tests import make
from tests.browser import DESKTOP, PHONE, OpenPage, violations

PAGE, PERSON = "/desk/privacy/", "/desk/privacy/person/"
WHO = {"person": "138 1234 5678", "reason": "本人持身份证申请"}
SECRETS = ("13812345678", "王小明", "501室")


def reported(state: State = State.CLOSED) -> Case:
    return make.case(
        state,
        at=timezone.now() - timedelta(days=60),
        text="打13812345678",
        name="王小明",
        phone="13812345678",
        address="3号楼501室",
    )


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(make.staff(Role.ADMIN))
    return client


def test_the_page_lists_the_classes_with_days_and_sources(admin: Client) -> None:
    reported()
    page = admin.get(PAGE).content.decode()

    for each in queries.data_classes():
        assert str(each) in page
    assert "180" in page
    assert "assumed" in page


def test_as_many_queries_for_one_request_as_for_three(admin: Client) -> None:
    counts = []
    for number in (1, 2):
        for _each in range(number):
            PersonRequest.objects.create(wish="look", reason="x", by=make.user(), at=make.NOW)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            admin.get(PAGE)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_the_days_are_set_with_a_source(admin: Client) -> None:
    answer: Any = admin.post(f"{PAGE}contact/", {"days": "90", "source": "区数据〔2026〕3号"})
    too_few: Any = admin.post(f"{PAGE}contact/", {"days": "3", "source": "x"})

    assert (answer.status_code, too_few.status_code) == (302, 422)
    assert queries.data_class("contact").days == 90
    assert admin.get(f"{PAGE}nothing/").status_code == 404


def test_looking_up_shows_what_is_held_but_not_the_data_itself(admin: Client) -> None:
    case = reported()

    answer: Any = admin.post(PERSON, WHO)

    page = answer.content.decode()
    assert case.number in page
    assert not any(each in page for each in SECRETS)
    assert "no-store" in answer["Cache-Control"]


def test_the_person_gets_a_file(admin: Client) -> None:
    reported()

    answer: Any = admin.post(PERSON, {**WHO, "act": "export"})

    (found,) = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("data.json"))
    assert (found["name"], found["text"]) == ("王小明", "打13812345678")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_erasing_says_what_is_gone_and_what_is_kept(admin: Client) -> None:
    reported()
    kept = reported(State.IN_HAND)

    page = admin.post(PERSON, {**WHO, "act": "erase"}).content.decode()

    assert "已删除" in page
    assert kept.number in page
    assert "还在办理" in page
    assert Reporter.objects.filter(phone__empty=False).count() == 1


@pytest.mark.parametrize("given", [{}, {"person": "13812345678"}, {"person": "x", "reason": "本人申请"}])
def test_without_number_or_reason_nothing_is_told(admin: Client, given: dict[str, str]) -> None:
    reported()

    assert admin.post(PERSON, given).status_code == 422
    assert not Entry.objects.filter(event__startswith="privacy.").exists()


@pytest.mark.parametrize("role", [Role.CENTRE_LEAD, Role.DISPATCHER, Role.LEADER])
def test_nobody_else_comes_in(client: Client, db: None, role: str) -> None:
    client.force_login(make.staff(role))

    for address in (PAGE, PERSON, f"{PAGE}contact/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {**WHO, "act": "erase"}).status_code in (403, 405)


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "zh-hans"), (DESKTOP, "en")], ids=["phone", "desktop"]
)
def test_an_administrator_looks_somebody_up_and_erases(
    live_server: LiveServer, open_page: OpenPage, client: Client, size: dict[str, int], language: str
) -> None:
    case, person = reported(), make.staff(Role.ADMIN)
    page = open_page(f"{live_server.url}/account/sign-in/", size=size, language=language)
    page.locator("[name=username]").fill(person.username)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("main form [type=submit], main form button").first.click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)

    page.goto(f"{live_server.url}{PAGE}")
    assert violations(page) == []
    page.goto(f"{live_server.url}{PAGE}contact/")
    assert violations(page) == []
    page.goto(f"{live_server.url}{PERSON}")
    page.locator("[name=person]").fill("13812345678")
    page.locator("[name=reason]").fill("本人持身份证申请")
    assert violations(page) == []
    page.locator("[value=look]").click()
    expect(page.locator("main table")).to_contain_text(case.number)
    assert violations(page) == []
    page.locator("[value=erase]").click()
    expect(page.locator("#erased")).to_be_visible()
    assert violations(page) == []
    assert Reporter.objects.get().phone == ""
