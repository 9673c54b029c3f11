"""The rules in a real browser: axe, phone and desk, both languages, and the way of a pack."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.accounts.models import User
from siquan.city.duties.models import Duty, Role
from siquan.city.rules import services
from siquan.city.rules.models import Pack
from tests.browser import DESKTOP, PHONE, OpenPage, violations
from tests.city.rules.packs import GOOD, files, make_streets, planted

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PASSWORD = "Red-Wall-1420"
PAGES = [
    "/rules/",
    "/rules/categories/?category=200101",
    "/rules/categories/?q=垃圾",
    "/rules/limits/",
    "/rules/responsibilities/",
    "/rules/try/?category=200102&on=2026-03-02",
    "/rules/calendar/?year=2026",
    "/rules/load/",
]


@pytest.fixture
def editor() -> User:
    make_streets()
    services.load_files(files(), by=None, at=NOW)
    user = User.objects.create_user("editor", name="规则员", password=PASSWORD)
    Duty.objects.create(user=user, role=Role.RULE_EDITOR, valid_from=date(2020, 1, 1))
    return user


def signed_in(open_page: OpenPage, server: LiveServer, **how: object) -> Page:
    page = open_page(f"{server.url}/account/sign-in/?next=/rules/", **how)
    page.locator("[name=username]").fill("editor")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form[method=post] .button--primary").first.click()
    expect(page).to_have_url(f"{server.url}/rules/")
    return page


@pytest.mark.parametrize(
    ("size", "look", "language"),
    [(DESKTOP, "", "zh-hans"), (PHONE, "type=large", "zh-hans"), (DESKTOP, "theme=dark", "en")],
)
def test_axe_finds_nothing_and_nothing_overflows(live_server, open_page, editor, size, look, language):
    page = signed_in(open_page, live_server, size=size, look=look, language=language)
    for address in PAGES:
        page.goto(live_server.url + address)

        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address


def test_a_rule_editor_loads_the_next_version(live_server, open_page, editor, tmp_path: Path):
    text = GOOD["pack.yaml"].replace('version: "1"', 'version: "2"').replace("2026-01-01", "2026-02-01")
    bad = planted("limits.csv", 2, "20,,filing,0,working_hours,assumed")
    good = planted("limits.csv", 2, "20,,filing,2,working_hours,assumed")
    page = signed_in(open_page, live_server)
    for change, folder in ((bad, tmp_path / "bad"), (good, tmp_path / "good")):
        folder.mkdir()
        for name, content in files(pack_yaml=text, **change).items():
            (folder / name).write_bytes(content)
        page.goto(f"{live_server.url}/rules/load/")
        page.locator("input[type=file]").set_input_files(sorted(folder.iterdir()))
        page.get_by_role("button", name="上传并检查").click()
        assert violations(page) == []
        if folder.name == "bad":
            expect(page.get_by_text("limits.csv:2:amount")).to_be_visible()
            expect(page.get_by_role("button", name="装入，自")).to_have_count(0)

    page.get_by_role("button", name="装入，自").click()

    expect(page.get_by_text("已装入“小规则包”")).to_be_visible()
    assert Pack.objects.get(version="1").valid_to == Pack.objects.get(version="2").valid_from
