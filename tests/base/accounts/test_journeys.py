"""A second factor in a real browser: an app without any script, a passkey with a virtual key."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.accounts import onetime
from siquan.base.accounts.models import Factor, User
from tests import make
from tests.browser import DESKTOP, PHONE, OpenPage, violations

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SIQUAN_PICTURES", "")  # a folder: keep what each page looks like


def looked_at(page: Page, name: str) -> None:
    """Ask axe, see that nothing overflows, and keep a picture for people if asked."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def sign_in(page: Page, live_server: LiveServer, to: str = "/account/second-factor/") -> None:
    """Type name and password."""
    page.goto(f"{live_server.url}/account/sign-in/?next={to}")
    page.locator("[name=username]").fill("alice")
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("main form button").click()


@pytest.fixture
def alice() -> User:
    return make.user("alice", shown="爱丽")


def test_an_app_is_added_and_asked_for_without_any_script(
    live_server: LiveServer, open_page: OpenPage, alice: User
) -> None:
    page = open_page(f"{live_server.url}/account/sign-in/", size=PHONE, scripts=False)
    sign_in(page, live_server)
    page.locator("a[href$='/code/']").click()
    secret = page.locator("details code").text_content() or ""
    # The browser has read the drawing under our content security policy.
    assert page.request.get(f"{live_server.url}/account/second-factor/code/qr.svg").ok
    step = onetime.step_at(timezone.now())
    page.locator("[name=code]").fill(onetime.code_of(secret, step - 1))
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("备用码，只显示这一次")
    spare = page.locator("main code").first.text_content() or ""

    page.context.clear_cookies()
    sign_in(page, live_server)
    expect(page).to_have_url(re.compile("/account/sign-in/second/"))
    page.locator("[name=code]").fill(spare)
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile("/account/second-factor/$"))
    assert Factor.objects.get().label == "我的手机"


def test_a_passkey_is_added_used_as_second_step_and_alone(
    live_server: LiveServer, open_page: OpenPage, alice: User
) -> None:
    page = open_page(f"{live_server.url}/account/sign-in/")
    key = page.context.new_cdp_session(page)
    key.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    key.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, live_server, "/account/second-factor/passkey/")
    page.get_by_role("button", name="在这台设备上登记").click()
    expect(page.locator("h1")).to_have_text("备用码，只显示这一次")

    page.context.clear_cookies()
    sign_in(page, live_server)
    page.get_by_role("button", name="用通行密钥验证").click()
    expect(page).to_have_url(re.compile("/account/second-factor/$"))

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/account/sign-in/passkey/?next=/account/")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page).to_have_url(re.compile("/account/$"))
    factor = Factor.objects.get()
    assert factor.used_at
    assert factor.sign_count > 0


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-hans"), (DESKTOP, "en")])
def test_every_page_is_for_everybody(
    live_server: LiveServer, open_page: OpenPage, alice: User, size: dict[str, int], language: str
) -> None:
    User.objects.update(language=language)
    page = open_page(f"{live_server.url}/account/sign-in/", size=size, language=language)
    looked_at(page, f"sign-in-{language}")
    sign_in(page, live_server)
    for name in ("code", "passkey"):
        page.goto(f"{live_server.url}/account/second-factor/{name}/")
        looked_at(page, f"add-{name}-{language}")
    page.goto(f"{live_server.url}/account/second-factor/code/")
    secret = page.locator("details code").text_content() or ""
    page.locator("[name=code]").fill(onetime.code_of(secret, onetime.step_at(timezone.now()) - 1))
    page.locator("main form button").click()
    page.locator("main code").first.wait_for()
    looked_at(page, f"codes-{language}")
    factor = Factor.objects.get()
    for name, path in {
        "account": "",
        "factors": "second-factor/",
        "remove": f"second-factor/{factor.pk}/remove/",
        "sign-ins": "sign-ins/",
        "prove": "prove/",
    }.items():
        page.goto(f"{live_server.url}/account/{path}")
        looked_at(page, f"{name}-{language}")
    page.context.clear_cookies(name="sessionid")
    sign_in(page, live_server)
    page.wait_for_url("**/second/")
    looked_at(page, f"second-{language}")
