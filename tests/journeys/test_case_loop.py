"""The main job in a real browser: from a phone photo to a case that somebody else has checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.accounts.models import User
from siquan.base.journal import worker
from siquan.base.kernel.checkdigits import spoken
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.browser import PHONE, OpenPage, violations

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

SignIn = Callable[[User], Page]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone takes it, with its position inside."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(make.photo("#8a6d3b", size=(1200, 900)))
    return path


@pytest.fixture
def sign_in(live_server: LiveServer, open_page: OpenPage) -> SignIn:
    """Sign somebody in, in a browser of their own."""

    def signed_in(person: User) -> Page:
        page = open_page(f"{live_server.url}/account/sign-in/")
        page.fill("[name=username]", person.username)
        page.fill("[name=password]", make.PASSWORD)
        page.locator("form:has([name=password]) button").last.click()
        page.wait_for_url("**/desk/**")
        return page

    return signed_in


def act(page: Page, verb: str, *, photos: Path | None = None, **said: str) -> None:
    """Take a step from the open case file, by the button that it offers."""
    page.locator(f".case-file__acts a[href*='/{verb}/']").click()
    # In place, or on a page of its own when the click came before htmx had loaded.
    form = page.locator("once-form.act form")
    expect(form).to_be_visible()
    expect(form.locator("search-select:not(:has([role=combobox]))")).to_have_count(0)
    for name, value in said.items():
        if form.locator(f"search-select select[name={name}]").count():
            box = form.locator(f"search-select:has(select[name={name}]) [role=combobox]")
            box.fill(value)
            form.locator("[role=option]", has_text=value).first.click()
        else:
            form.locator(f"[name={name}]").fill(value)
    if photos:
        form.locator("[name=photos]").set_input_files(photos)
    form.locator("button.button--primary, button.button--danger").click()


def test_from_a_photo_to_a_case_that_somebody_else_has_checked(
    live_server: LiveServer, open_page: OpenPage, sign_in: SignIn, photo: Path
) -> None:
    make.rules()
    street = make.street()
    centre, clerk, checker = make.dispatcher(), make.clerk(make.unit("HW")), make.checker(street)

    # A resident reports with a photo, on a phone.
    resident = report_on_a_phone(open_page, live_server, photo)
    case = Case.objects.get()
    address = f"{live_server.url}/cases/{case.number}/"
    private = f"{live_server.url}/r/{case.token}/"

    # The centre files and dispatches.
    page = sign_in(centre)
    expect(page.locator("main")).to_contain_text(case.number)
    page.goto(address)
    expect(page.locator(".photo-grid img").first).to_be_visible()
    act(page, "file", category="暴露垃圾")
    expect(page.locator(".case-file__head")).to_contain_text(str(State.FILED.label))
    act(page, "dispatch")
    expect(page.locator(".case-file__head")).to_contain_text(str(State.DISPATCHED.label))

    # The unit is told, accepts, and reports done with an after-photo.
    worker.drain()
    page = sign_in(clerk)
    expect(page.locator("main")).to_contain_text(case.number)
    page.goto(address)
    act(page, "accept")
    expect(page.locator(".case-file__head")).to_contain_text(str(State.IN_HAND.label))
    act(page, "report-done", photos=photo, note="已清理干净")
    expect(page.locator(".case-file__head")).to_contain_text(str(State.HANDLED.label))
    expect(page.locator(".case-file__acts a[href*='/verify-pass/']")).to_have_count(0)

    # A checker of the street, who did not handle it, verifies on site.
    page = sign_in(checker)
    page.goto(address)
    act(page, "verify-pass", photos=photo, note="现场干净")
    expect(page.locator(".case-file__head")).to_contain_text(str(State.VERIFIED.label))
    assert violations(page) == []

    # The centre closes.
    page = sign_in(centre)
    page.goto(address)
    act(page, "close")
    expect(page.locator(".case-file__head")).to_contain_text(str(State.CLOSED.label))

    # The resident sees it and says it is solved.
    resident.goto(private)
    expect(resident.locator("main")).to_contain_text("办完了")
    resident.locator("form:has([value=solved]) button").click()
    expect(resident.locator("main")).to_contain_text("您说：解决了")
    assert case.comments.filter(kind="solved").count() == 1


def report_on_a_phone(open_page: OpenPage, live_server: LiveServer, photo: Path) -> Page:
    """Report with a photo, step by step, and tap the last button twice."""
    page = open_page(
        f"{live_server.url}/report/",
        size=PHONE,
        geolocation={"longitude": make.INSIDE[0], "latitude": make.INSIDE[1]},
        permissions=["geolocation"],
    )
    page.locator("[name=photos]").set_input_files(photo)
    onwards = page.locator(".bottom-bar button[type=button].button--primary")
    onwards.click()
    page.locator("place-picker button").first.click()
    expect(page.locator(".place-picker__says")).to_contain_text("东华门街道")
    onwards.click()
    page.fill("[name=text]", "东口堆了很多垃圾，有味道")
    page.locator(".bottom-bar [type=submit], .bottom-bar button:not([type])").dblclick()
    page.wait_for_url("**/sent/")
    expect(page.locator("main")).to_contain_text(spoken(Case.objects.get().number))
    return page
