"""A photo in a real browser: a placeholder for everybody, then blurred; the original for a reason."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.journal import worker
from siquan.base.journal.models import Entry
from siquan.work.cases.states import State
from tests import make
from tests.base.files.faces import CROSSING
from tests.browser import PHONE, OpenPage, violations

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

# How much neighbouring points of the woman's face on the left differ on the average, as a browser draws it.
FACE = """picture => {
  const canvas = document.createElement('canvas'), draw = canvas.getContext('2d')
  canvas.width = picture.naturalWidth; canvas.height = picture.naturalHeight
  draw.drawImage(picture, 0, 0)
  const face = draw.getImageData(52, 130, 28, 40), row = 28 * 4
  let change = 0, count = 0
  for (let at = 4; at < face.data.length; at += 4) {
    if (at % row === 0) continue
    change += Math.abs(face.data[at] - face.data[at - 4]); count += 1
  }
  return change / count
}"""


def test_everybody_sees_a_placeholder_then_the_blurred_photo_and_the_lead_the_original_for_a_reason(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    case = make.case(State.FILED, photos=[CROSSING.read_bytes()])
    lead = make.lead()
    public = f"{live_server.url}/c/{case.number}/"

    passer_by = open_page(public, size=PHONE)
    photo = passer_by.locator(".photo-grid img")
    expect(photo).to_have_js_property("naturalWidth", 480)  # the drawn placeholder
    assert worker.drain_beside() == 1
    passer_by.reload()
    expect(photo).to_have_js_property("naturalWidth", 320)  # the thumbnail
    assert violations(passer_by) == []
    passer_by.locator(".photo-grid a").first.click()
    shown = passer_by.locator("img")
    expect(shown).to_have_js_property("naturalWidth", 800)

    page = open_page(f"{live_server.url}/account/sign-in/")
    page.fill("[name=username]", lead.username)
    page.fill("[name=password]", make.PASSWORD)
    page.locator("form:has([name=password]) button").last.click()
    page.wait_for_url("**/desk/**")
    page.goto(f"{live_server.url}/cases/{case.number}/")
    page.locator(".photo-grid__acts summary").click()
    page.get_by_role("link", name="查看原图").click()
    expect(page.locator(".original__now img")).to_have_js_property("naturalWidth", 800)
    blurred = page.locator(".original__now img").evaluate(FACE)
    assert violations(page) == []
    page.fill("[name=reason]", "核对遗弃车辆的号牌")
    page.locator("form:has([name=reason]) button[type=submit]").click()
    original = page.locator("img.original")
    expect(original).to_have_js_property("naturalWidth", 800)
    assert violations(page) == []

    sharp = original.evaluate(FACE)
    assert sharp > 2 * blurred, (sharp, blurred)
    assert Entry.objects.get(event="file.original_opened").by_id == lead.pk
    page.goto(f"{live_server.url}/cases/{case.number}/")
    expect(page.locator(".timeline")).to_contain_text("查看了照片原图")
    expect(page.locator(".timeline")).to_contain_text("核对遗弃车辆的号牌")
