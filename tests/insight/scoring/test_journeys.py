"""Journeys through the rates in a browser: a figure opened to its cases; an appeal decided by another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.accounts.models import User
from siquan.base.journal import worker
from siquan.base.kernel.periods import Kind, period_of
from siquan.insight.scoring import services
from siquan.insight.scoring.models import Rate
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.browser import DESKTOP, PHONE, OpenPage, browser, open_page, violations
from tests.insight.scoring import packs

__all__ = ["browser", "open_page"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, live_server: LiveServer, person: User) -> None:
    """Sign somebody in."""
    page.goto(f"{live_server.url}/account/sign-in/")
    page.fill("[name=username]", person.username)
    page.fill("[name=password]", make.PASSWORD)
    page.locator("form:has([name=password]) button").last.click()
    page.wait_for_url("**/desk/**")


def closed_yesterday(number: int) -> str:
    """Make cases closed just now and reckon this month; return its code."""
    packs.load()
    for _each in range(number):
        make.case(State.CLOSED)
    at = timezone.now()
    Case.objects.update(closed_at=at - timedelta(minutes=5))
    month = period_of(at - timedelta(minutes=5), Kind.MONTH).code
    services.reckon(month, at=at)
    return month


def test_a_figure_is_opened_to_the_cases_it_counted(live_server: LiveServer, open_page: OpenPage) -> None:
    month = closed_yesterday(3)
    row = Rate.objects.get(scope="unit", code="HW", rate="resolution")
    page = open_page(f"{live_server.url}/figures/", size=DESKTOP)
    sign_in(page, live_server, make.lead())

    page.goto(f"{live_server.url}/rates/?period={month}")
    expect(page.locator(".tile").nth(1)).to_contain_text("6 / 6")
    assert violations(page) == []
    page.locator(".tile").nth(1).click()
    expect(page.locator("main")).to_contain_text("6 ÷ 6 = 100.0%")
    assert violations(page) == []
    page.goto(f"{live_server.url}/rates/?period={month}")
    page.locator("#units ~ .table-wrap a").nth(1).click()
    expect(page.locator("#rows tbody tr")).to_have_count(row.cases)
    expect(page.locator("#rows .tabs a[aria-current] .count")).to_have_text(str(row.cases))
    assert violations(page) == []
    number = page.locator("#rows tbody th a").first.inner_text()
    page.locator("#rows tbody th a").first.click()
    expect(page.locator(".case-file__head")).to_contain_text(number)


def test_a_unit_appeals_another_decides_and_the_figure_changes(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    month = closed_yesterday(2)
    clerk, lead = make.clerk(make.unit("HW")), make.lead()

    # The unit, on a phone, appeals from the list of its own cases.
    page = open_page(f"{live_server.url}/figures/", size=PHONE)
    sign_in(page, live_server, clerk)
    page.goto(f"{live_server.url}/rates/resolution/cases/?period={month}&scope=unit&code=HW")
    card = page.locator("#rows tbody tr").first
    expect(card).to_have_css("display", "grid")
    said = card.locator("td").evaluate_all("cells => cells.map(c => getComputedStyle(c, '::before').content)")
    assert said == [f'"{head}"' for head in page.locator("#rows thead th").all_text_contents()[1:]]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#rows tbody a[href*='/appeals/new/']").first.click()
    page.select_option("[name=reason]", "outside-duty")
    page.fill("[name=text]", "该处为铁路用地，不属本区管理。")
    assert violations(page) == []
    page.locator("once-form button.button--primary").click()
    page.wait_for_url("**/rates/appeals/*/")
    expect(page.locator("main")).to_contain_text("等待决定")
    assert page.locator("a[href$='/grant/']").count() == 0
    address = page.url
    worker.drain()

    # The lead of the centre decides, with a reason.
    page = open_page(f"{live_server.url}/figures/", size=DESKTOP)
    sign_in(page, live_server, lead)
    page.goto(address)
    page.locator("a[href$='/grant/']").click()
    page.fill("[name=answer]", "经核实，属铁路用地。")
    assert violations(page) == []
    page.locator("once-form button.button--primary").click()
    expect(page.locator("main")).to_contain_text("同意，不计入")
    worker.drain()

    # The figure changes, and says why.
    page.goto(f"{live_server.url}/rates/?period={month}")
    expect(page.locator(".tile").nth(1)).to_contain_text("2 / 2")
    expect(page.locator(".tile").nth(1)).to_contain_text("1 件因申诉同意不计入")
    page.goto(f"{live_server.url}/rates/resolution/cases/?period={month}&part=out")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.locator("#rows tbody")).to_contain_text("超出职责")
