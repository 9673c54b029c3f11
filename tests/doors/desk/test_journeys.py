"""The desk in a real browser: by mouse, by keyboard, on a phone, without JavaScript; axe on every page."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.accounts.models import User
from siquan.work.cases.models import Case, Source
from siquan.work.cases.states import State
from tests import make
from tests.browser import DESKTOP, PHONE, OpenPage, violations

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def signed_in(live_server: LiveServer, open_page: OpenPage, user: User, **how: object) -> Page:
    """Sign in by the page."""
    User.objects.filter(pk=user.pk).update(language=how.get("language", "zh-hans"))
    page = open_page(f"{live_server.url}/account/sign-in/?next=/desk/", **how)
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)  # who handles no cases comes into another room
    return page


def ready(page: Page) -> None:
    """Wait until the modules of the list are there; before, its links lead to the pages themselves."""
    for name in ("case-pane", "list-keys"):
        page.evaluate("(name) => customElements.whenDefined(name).then(() => true)", name)


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-hans"), (DESKTOP, "en")])
def test_axe_finds_nothing_on_any_page_and_nothing_overflows(
    live_server: LiveServer, open_page: OpenPage, size: dict[str, int], language: str
) -> None:
    now = timezone.now()
    states = (State.REPORTED, State.FILED, State.IN_HAND, State.HANDLED, State.CLOSED)
    made = {state: make.case(state, at=now, photos=[make.photo()]) for state in states}
    make.case(lon=None, lat=None, source=Source.HOTLINE, at=now)
    lead = make.lead()
    make.duty(lead, "dispatcher")
    make.duty(lead, "checker", division=make.street())
    page = signed_in(live_server, open_page, lead, size=size, language=language)
    make.duty(lead, "admin")
    addresses = [
        "/desk/",
        "/desk/deliveries/",
        "/desk/boundaries/",
        "/desk/cockpit/",
        "/cases/",
        "/cases/?view=table",
        "/cases/?state=void",
    ]
    addresses += ["/cases/needs-place/", "/cases/new/", f"/cases/?case={made[State.FILED].number}"]
    addresses += [f"/cases/{case.number}/" for case in made.values()]
    addresses += [f"/cases/{made[State.FILED].number}/{verb}/" for verb in ("dispatch", "set-place", "void")]
    addresses += [f"/cases/{made[State.HANDLED].number}/verify-pass/"]

    for address in addresses:
        page.goto(live_server.url + address)
        expect(page.locator("photo-picker:not(:has(.photo-picker__buttons))")).to_have_count(0)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address


def test_the_centre_opens_files_and_dispatches_by_keyboard_beside_the_list(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    make.case(at=timezone.now())
    case = make.case(at=timezone.now())
    page = signed_in(live_server, open_page, make.dispatcher())
    page.goto(f"{live_server.url}/cases/?state=reported")
    ready(page)

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("case-pane.has-case #case-title")).to_be_visible()
    assert f"case={case.number}" in page.url
    page.keyboard.press("l")
    field = page.locator("#act [role=combobox]")
    expect(field).to_be_focused()
    field.fill("垃圾")
    page.keyboard.press("Enter")
    page.locator("#act button[type=submit]").click()

    expect(page.locator("#messages")).to_contain_text("已立案")
    assert f"case={case.number}" in page.url  # back beside the same list
    assert state_of(case) == State.FILED
    ready(page)
    page.locator("#thing [data-key=p]").click()
    expect(page.locator("#act")).to_contain_text("责任清单第 2 行")
    page.locator("#act [data-cancel]").click()
    expect(page.locator("#act form")).to_have_count(0)
    assert state_of(case) == State.FILED


def test_ticked_cases_are_previewed_and_dispatched_together(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    cases = [make.case(State.FILED, at=timezone.now()) for _each in range(3)]
    page = signed_in(live_server, open_page, make.dispatcher())
    page.goto(f"{live_server.url}/cases/?state=filed")
    button = page.locator("[data-needs]")
    ready(page)
    expect(button).to_have_attribute("aria-disabled", "true")

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("已选 1 件")
    page.locator("[data-all]").check()
    button.click()
    expect(page.locator("main")).to_contain_text("3件中有3件可以派遣")
    page.get_by_role("button", name="派遣这3件").click()

    expect(page.locator("main")).to_contain_text("已派遣3件")
    assert {state_of(case) for case in cases} == {State.DISPATCHED}


def test_a_clerk_reports_done_on_a_phone_with_a_photo(live_server: LiveServer, open_page: OpenPage) -> None:
    case = make.case(State.IN_HAND, at=timezone.now())
    page = signed_in(live_server, open_page, make.clerk(make.unit("HW")), size=PHONE)
    page.locator(".work-list .list__link").first.tap()
    page.locator("a[data-key=w]").tap()
    form = page.locator("once-form.act form")
    form.locator("photo-picker .photo-picker__buttons").wait_for()
    form.locator("input[name=photos]").set_input_files(
        {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": make.photo("#2E7D4F")}
    )
    form.locator("textarea").fill("已清运")
    form.locator("button[type=submit]").dblclick()

    expect(page.locator("#messages")).to_contain_text("已报告处置完成")
    expect(page.locator("main")).to_contain_text("处置后照片")
    assert state_of(case) == State.HANDLED


def test_a_place_is_set_from_what_the_map_is_told(live_server: LiveServer, open_page: OpenPage) -> None:
    case = make.case(lon=None, lat=None, source=Source.HOTLINE, at=timezone.now())
    page = signed_in(live_server, open_page, make.dispatcher())
    page.goto(f"{live_server.url}/cases/needs-place/")
    page.locator(".list__link").first.click()
    page.locator("case-map.is-drawn").wait_for()
    page.locator("#main [name=address]").fill("东华门大街")
    page.evaluate(
        """([lon, lat]) => { for (const [name, value] of Object.entries({lon, lat}))
           document.querySelector(`#main input[name=${name}]`).value = value; }""",
        list(make.INSIDE),
    )
    page.locator("#main button.button--primary").click()

    expect(page.locator("#messages")).to_contain_text("位置已记下")
    expect(page.locator("main")).to_contain_text("没有等待定位的案件")
    assert Case.objects.get(pk=case.pk).address == "东华门大街"


def test_everything_is_done_without_javascript_too(live_server: LiveServer, open_page: OpenPage) -> None:
    case = make.case(at=timezone.now())
    page = signed_in(live_server, open_page, make.dispatcher(), scripts=False)
    page.goto(f"{live_server.url}/cases/?state=reported")
    page.locator("#rows .list__link").first.click()
    page.locator("a[data-key=l]").click()
    page.locator("select[name=category]").select_option("E0102")
    page.locator("#main form button[type=submit]").click()

    expect(page.locator("#messages")).to_contain_text("已立案")
    assert state_of(case) == State.FILED


def test_what_was_written_is_kept_when_the_sign_in_runs_out(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    make.rules()
    dispatcher = make.dispatcher()
    page = signed_in(live_server, open_page, dispatcher)
    page.goto(f"{live_server.url}/cases/new/")
    page.evaluate("customElements.whenDefined('once-form').then(() => true)")
    words = page.locator(".case-new textarea").first
    words.fill("东四北大街路口的井盖松了")
    Session.objects.all().delete()
    page.locator(".case-new .bottom-bar button").click()

    page.get_by_role("link", name="去登录").click()
    page.wait_for_url("**/account/sign-in/**")
    page.locator("[name=username]").fill(dispatcher.username)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/cases/new/")

    expect(page.locator(".case-new textarea").first).to_have_value("东四北大街路口的井盖松了")
    expect(page.locator(".once-form__state")).to_contain_text("接着发")
    assert not Case.objects.exists()
    page.complaints.clear()  # type: ignore[attr-defined] # the browser notes each answer of 401
