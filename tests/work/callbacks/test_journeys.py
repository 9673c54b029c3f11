"""Call-backs in a real browser: the phone desk by keyboard only, the resident by their link; axe."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from siquan.work.callbacks import services
from siquan.work.callbacks.models import Answer, CallBack
from siquan.work.callbacks.states import State
from siquan.work.cases.models import Case
from tests import make
from tests.browser import PHONE, OpenPage, violations
from tests.doors.desk.test_journeys import signed_in
from tests.work.callbacks import asking

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
ALL_DAY = {"hours": "00:00-24:00", "hours_between": 0}


def test_the_phone_desk_works_by_keyboard_only(live_server: LiveServer, open_page: OpenPage) -> None:
    asking.plan(**ALL_DAY)
    at = timezone.now() - timedelta(minutes=5)
    first, second, third = (asking.call_back(at=at, text=text) for text in ("第一件", "第二件", "第三件"))
    page = signed_in(live_server, open_page, asking.caller())
    page.goto(f"{live_server.url}/callbacks/desk/")
    assert violations(page) == []
    keys, number = page.keyboard, page.locator("#call-about")

    def shows(case: Case) -> None:
        """Wait for the page of a call and for the letters to work on it."""
        expect(number).to_contain_text(case.number)
        page.evaluate("customElements.whenDefined('call-desk').then(() => true)")

    page.evaluate("customElements.whenDefined('call-desk').then(() => true)")
    keys.press("Enter")
    shows(first.case)
    expect(page.locator(".call__number")).to_contain_text("100 0000 1234")
    assert violations(page) == []
    for key in ("c", "y", "5", "t"):
        keys.press(key)
    keys.type("挺快，谢谢")
    keys.press("Enter")

    shows(second.case)
    keys.press("a")
    keys.press("Enter")
    shows(third.case)

    keys.press("u")
    shows(second.case)
    for key in ("n", "1", "o"):
        keys.press(key)
    keys.press("Enter")
    shows(third.case)

    answers = {each.call_back_id: each for each in Answer.objects.all()}
    assert (answers[first.pk].solved, answers[first.pk].satisfied) == ("yes", 5)
    assert (answers[first.pk].contacted, answers[first.pk].words) == (True, "挺快，谢谢")
    assert (answers[second.pk].solved, answers[second.pk].satisfied) == ("no", 1)
    assert Case.objects.get(pk=second.case_id).state == "filed"
    assert CallBack.objects.get(pk=third.pk).state == State.WAITING


def test_a_resident_answers_by_the_link_on_a_phone(live_server: LiveServer, open_page: OpenPage) -> None:
    asking.plan()
    found = asking.call_back(at=timezone.now(), phone="")
    page = open_page(f"{live_server.url}/r/{found.case.token}/", size=PHONE)

    page.get_by_role("button", name="解决了", exact=True).click()
    expect(page.locator(".ask-you")).to_contain_text("您说：解决了")
    assert violations(page) == []
    page.get_by_label("没有联系过").check()
    page.get_by_role("button", name="4 满意").click()

    expect(page.locator("[aria-pressed=true]")).to_have_text("4满意")
    found.refresh_from_db()
    assert found.answer is not None
    assert (found.answer.solved, found.answer.satisfied, found.answer.contacted) == ("yes", 4, False)
    assert violations(page) == []


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-hans"), ({"width": 1440, "height": 900}, "en")])
def test_axe_finds_nothing_on_the_pages_of_call_backs(
    live_server: LiveServer, open_page: OpenPage, size: dict[str, int], language: str
) -> None:
    asking.plan(**ALL_DAY)
    at = timezone.now()
    answered, _waiting = asking.call_back(at=at, text="一"), asking.call_back(at=at, text="二")
    services.answer_by_link(answered.case_id, at=at, kind="solved", satisfied=5)
    page = signed_in(live_server, open_page, make.lead(), size=size, language=language)
    for address in ("", "plan/", "plan/new/", f"{answered.pk}/", f"{answered.pk}/correct/"):
        page.goto(f"{live_server.url}/callbacks/{address}")
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
