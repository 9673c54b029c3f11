"""Signing in, duties, units and the inbox in a real browser: axe, phone, both languages, and one journey."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.accounts.models import User
from siquan.base.notices import services as notices
from siquan.city.duties.models import Duty, Role
from tests import make
from tests.browser import DESKTOP, PHONE, OpenPage, violations

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def admin() -> User:
    user = make.user("admin", shown="Zhao")
    make.duty(user, Role.ADMIN)
    return user


def signed_in(live_server: LiveServer, open_page: OpenPage, user: User, **how: object) -> Page:
    """Sign in by the page, and stay on one's own account."""
    page = open_page(f"{live_server.url}/account/sign-in/?next=/account/", **how)
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/account/")
    return page


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-hans"), (DESKTOP, "en")])
def test_axe_finds_nothing_on_any_page_and_nothing_overflows(
    live_server: LiveServer, open_page: OpenPage, admin: User, size: dict[str, int], language: str
) -> None:
    unit = make.unit("HW", name="Sanitation", name_en="Sanitation", source="test")
    duty = make.duty(make.user("clerk", shown="Li"), Role.UNIT_CLERK, unit=unit)
    User.objects.filter(pk=admin.pk).update(language=language)
    notices.notify([admin], kind="test", key="1", title="{n}", params={"n": "1"}, url="/units/", at=make.NOW)
    stranger = open_page(f"{live_server.url}/account/sign-in/", size=size, language=language)
    assert violations(stranger) == []

    page = signed_in(live_server, open_page, admin, size=size)
    for address in (
        "/account/",
        "/account/password/",
        "/account/tokens/",
        "/duties/",
        "/duties/mine/",
        "/duties/people/",
        "/duties/people/new/",
        f"/duties/people/{duty.user_id}/",
        f"/duties/{duty.pk}/end/",
        "/duties/who-may-do-what/",
        "/units/",
        f"/units/{unit.pk}/",
        "/inbox/",
    ):
        page.goto(live_server.url + address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        if language == "en" and "who-may" not in address:
            left = re.findall("[\u4e00-\u9fff]+", page.locator("main").inner_text())
            assert set(left) <= {"中文"}, address


def test_an_administrator_gives_a_new_colleague_a_duty_who_then_signs_in(
    live_server: LiveServer, open_page: OpenPage, admin: User
) -> None:
    make.unit("HW", name="环卫中心")
    page = signed_in(live_server, open_page, admin)
    page.goto(f"{live_server.url}/duties/people/new/")
    page.locator("[name=username]").fill("li.jingban")
    page.locator("[name=name]").fill("李经办")
    page.locator("main form button.button--primary").click()
    password = page.locator("#first-password").input_value()
    page.locator("[name=role]").select_option("unit_clerk")
    page.get_by_role("button", name="登记职责").click()
    expect(page.locator(".error-summary")).to_contain_text("单位经办人要写明是哪个单位")
    page.locator("[name=unit]").select_option(label="委办局 · 环卫中心")
    page.get_by_role("button", name="登记职责").click()
    expect(page.locator("#messages")).to_contain_text("已登记")
    assert Duty.objects.get(user__username="li.jingban").unit.code == "HW"

    own = open_page(f"{live_server.url}/account/sign-in/?next=/duties/mine/", size=PHONE)
    own.locator("[name=username]").fill("li.jingban")
    own.locator("[name=password]").fill(password)
    own.locator("main form button").click()
    own.locator("[name=old_password]").fill(password)
    own.locator("[name=new_password1]").fill("hutong-brick-81")
    own.locator("[name=new_password2]").fill("hutong-brick-81")
    own.locator("main form button.button--primary").click()
    expect(own.locator("#messages")).to_contain_text("密码已修改")
    expect(own.locator("main")).to_contain_text("环卫中心")


def test_everything_works_by_keyboard_and_without_scripts(
    live_server: LiveServer, open_page: OpenPage, admin: User
) -> None:
    page = open_page(f"{live_server.url}/account/sign-in/?next=/inbox/", scripts=False)
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(make.PASSWORD)
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("收件箱")
