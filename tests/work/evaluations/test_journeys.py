"""Outside evaluation in a real browser: an evaluator judges blind; axe on every page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from siquan.work.evaluations import services
from siquan.work.evaluations.models import Assignment
from tests import make
from tests.browser import PHONE, OpenPage, violations
from tests.doors.desk.test_journeys import signed_in
from tests.work.evaluations import judging

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_an_evaluator_judges_blind_and_the_lead_publishes(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    now = timezone.now()
    week = (timezone.localdate(now) - timedelta(days=8), timezone.localdate(now) - timedelta(days=2))
    for _each in range(2):
        judging.judged_case(at=now - timedelta(days=5), text="环卫中心的垃圾桶满了")
    person = judging.evaluator()
    found = judging.announced(first=week[0], last=week[1])
    services.draw_round(found.pk, by=None, at=now)

    page = signed_in(live_server, open_page, person, size=PHONE)
    page.goto(f"{live_server.url}/evaluations/mine/")
    assert violations(page) == []
    page.get_by_role("link", name="评下一件").click()
    for verdict in ("整改到位", "只改了一部分"):
        source = page.content()
        assert not [name for name in judging.UNIT.values() if name in source]
        expect(page.locator(".sheet-blind__pair img")).to_have_count(2)
        assert violations(page) == []
        page.get_by_label(verdict).check()
        page.get_by_role("button", name="记下，下一件").click()
        page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("还有0件")
    assert sorted(Assignment.objects.values_list("judgement__verdict", flat=True)) == ["partly", "yes"]

    page = signed_in(live_server, open_page, make.lead(), language="en")
    page.goto(f"{live_server.url}/evaluations/{found.pk}/")
    assert violations(page) == []
    page.get_by_role("button", name="Publish the results").click()
    expect(page.locator(".tiles")).to_contain_text("50.0")
    assert violations(page) == []
    for address in ("", "new/"):
        page.goto(f"{live_server.url}/evaluations/{address}")
        assert violations(page) == [], address
