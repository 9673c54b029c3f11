"""The pages about divisions in a real browser: axe, phone and desktop, both languages."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Route
from pytest_django.live_server_helper import LiveServer

from siquan.base.accounts.models import User
from siquan.city.duties.models import Role
from siquan.city.places import services
from tests import make
from tests.browser import DESKTOP, PHONE, OpenPage, violations
from tests.city.places import ground

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PLAIN_PAPER = {"version": 8, "sources": {}, "layers": []}


def answer_style(route: Route) -> None:
    route.fulfill(body=json.dumps(PLAIN_PAPER), content_type="application/json")


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-hans"), (DESKTOP, "en")])
def test_axe_finds_nothing_and_nothing_overflows(
    live_server: LiveServer, open_page: OpenPage, tmp_path: Path, size: dict[str, int], language: str
) -> None:
    ground.load(ground.write(tmp_path))
    services.merge_divisions(
        [f"{ground.A}B01", f"{ground.A}B02"],
        into=f"{ground.A}B09",
        name="东山街区",
        name_en="East Hill Block",
        on=date(2026, 7, 1),
        by=None,
        at=make.NOW,
        reason="撤并",
    )
    user = make.user("lead")
    make.duty(user, Role.CENTRE_LEAD)
    User.objects.filter(pk=user.pk).update(language=language)
    page = open_page(f"{live_server.url}/account/sign-in/?next=/account/", size=size, language=language)
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/account/")
    page.route("**/map/style*", answer_style)

    for address in (
        "/places/",
        "/places/?on=1999-01-01",
        f"/places/{ground.A}/",
        f"/places/{ground.A}B09/",
        f"/places/{ground.A}B01/?on=2026-06-30",
    ):
        page.goto(live_server.url + address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        if language == "en":
            headings = page.locator("main h1, main h2, main th, main dt").all_inner_texts()
            named = {
                "东山街道",
                f"{ground.A}第1街区",
                "背街小巷",
                "小学",
                "菜市场",
            }  # the data has no English for these
            assert {text for text in headings if re.search("[\u4e00-\u9fff]", text)} <= named, address


def test_the_chosen_day_stays_while_one_walks_through_the_tree(
    live_server: LiveServer, open_page: OpenPage, tmp_path: Path
) -> None:
    ground.load(ground.write(tmp_path))
    user = make.user("lead")
    make.duty(user, Role.CENTRE_LEAD)
    page = open_page(f"{live_server.url}/account/sign-in/?next=/account/")
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/account/")
    page.route("**/map/style*", answer_style)

    page.goto(f"{live_server.url}/places/")
    page.evaluate("customElements.whenDefined('auto-submit').then(() => true)")
    page.locator("#on").fill("2026-03-01")
    page.wait_for_url("**on=2026-03-01**")
    page.get_by_role("link", name="西水街道").click()
    page.get_by_role("link", name=f"{ground.B}第1街区").click()
    page.wait_for_url(f"**/places/{ground.B}B01/?on=2026-03-01")
    page.locator("a.crumb").click()
    page.wait_for_url(f"**/places/{ground.B}/?on=2026-03-01")
