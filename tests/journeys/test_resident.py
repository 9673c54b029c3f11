"""A resident on a phone: reports with a photo in a place without network, and follows what becomes of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.browser import DESKTOP, PHONE, OpenPage, violations

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

HERE = {"longitude": make.INSIDE[0], "latitude": make.INSIDE[1], "accuracy": 20}
PAPER = json.dumps({"version": 8, "sources": {}, "layers": []})
SMALL_TARGETS = """
[...document.querySelectorAll('.button, .switch, .tabs a, .more > summary, input, textarea, select')]
  .filter(e => e.offsetParent && !e.matches('[type=radio], [type=checkbox], [type=file], [type=hidden]'))
  .map(e => [e.className || e.name, e.getBoundingClientRect().height])
  .filter(([, height]) => height < 43.5)
"""


@pytest.fixture(autouse=True)
def district():
    make.rules()
    make.street()


def opened(open_page: OpenPage, live_server: LiveServer, path: str, **how: object) -> Page:
    """Open a page with a plain base map: the real one is tested with the places."""
    page = open_page(live_server.url + "/help/", **how)
    page.context.route("**/map/style-*.json", lambda route: route.fulfill(body=PAPER))
    page.goto(live_server.url + path)
    return page


def jpeg(name: str = "a.jpg") -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": make.photo("#4F6473", (640, 480))}


def test_resident_reports_with_a_photo_and_follows_it(live_server: LiveServer, open_page: OpenPage):
    phone = {"size": PHONE, "permissions": ["geolocation"], "geolocation": HERE}
    page = opened(open_page, live_server, "/", **phone)
    page.get_by_role("link", name="随手拍").click()

    page.locator("report-steps.is-stepped").wait_for()
    page.locator(".photo-picker__buttons").wait_for()
    page.set_input_files("#id_photos", [jpeg()])
    expect(page.locator(".photo-picker__shots img")).to_have_count(1)
    page.get_by_role("button", name="下一步").click()

    expect(page.get_by_role("heading", name="在哪里")).to_be_focused()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("alert")).to_contain_text("请在地图上点一下")
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.locator(".place-picker__says")).to_contain_text("东华门街道")
    page.reload()
    expect(page.get_by_role("heading", name="在哪里")).to_be_visible()
    expect(page.locator(".place-picker__says")).to_contain_text("东华门街道")
    page.get_by_role("button", name="下一步").click()

    page.get_by_label("看到了什么").fill("东口的垃圾桶满了两天")
    page.go_back()
    expect(page.get_by_role("heading", name="在哪里")).to_be_visible()
    page.go_forward()
    page.context.set_offline(True)
    page.get_by_role("button", name="提交").dblclick()
    expect(page.locator(".once-form__state")).to_contain_text("网络断了")
    assert not Case.objects.exists()
    page.context.set_offline(False)
    page.wait_for_url("**/sent/")

    case = Case.objects.get()
    assert (case.text, case.photos.count()) == ("东口的垃圾桶满了两天", 1)
    assert (case.lon, case.lat) == make.INSIDE
    number = f"{case.number[:2]} {case.number[2:9]} {case.number[9:]}"
    expect(page.locator(".sent__number")).to_have_text(number)
    expect(page.locator("#private-link")).to_have_value(f"{live_server.url}/r/{case.token}/")
    page.get_by_role("link", name="看办到哪一步").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("已经收到，正在看")
    picture = page.locator(".photo-grid img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") == 480, "a placeholder until it is blurred"
    page.get_by_label("想说的话").fill("又多了一堆")
    page.get_by_role("button", name="留言").dblclick()
    expect(page.locator(".timeline")).to_contain_text("又多了一堆")
    assert case.comments.count() == 1
    page.complaints[:] = [said for said in page.complaints if "ERR_INTERNET_DISCONNECTED" not in said]  # type: ignore[attr-defined]


def test_an_answer_lost_on_the_way_makes_no_second_case(live_server: LiveServer, open_page: OpenPage):
    page = opened(open_page, live_server, "/report/#step-2", size=PHONE)
    lost = iter([True, False])

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        answer = route.fetch(max_redirects=0)
        return route.abort("connectionreset") if next(lost) else route.fulfill(response=answer)

    page.route("**/report/", lose_the_first_answer)
    page.locator("report-steps.is-stepped").wait_for()
    page.locator("#id_place").fill("东华门大街")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("看到了什么").fill("路灯不亮")
    page.get_by_role("button", name="提交").click()
    page.get_by_role("button", name="现在再试").click()
    page.wait_for_url("**/sent/")

    assert Case.objects.count() == 1
    page.complaints[:] = [said for said in page.complaints if "ERR_CONNECTION_RESET" not in said]  # type: ignore[attr-defined]


def test_a_refusal_leads_to_its_question_and_keeps_photos_and_words(
    live_server: LiveServer, open_page: OpenPage
):
    page = opened(open_page, live_server, "/report/", size=PHONE)
    page.locator("report-steps.is-stepped").wait_for()
    page.set_input_files("#id_photos", [jpeg()])
    page.evaluate("document.querySelector('[name=lon]').value = 116.5")
    page.evaluate("document.querySelector('[name=lat]').value = 39.8")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("看到了什么").fill("路灯不亮")
    page.get_by_role("button", name="提交").click()

    expect(page.locator("#errors")).to_contain_text("不在本区范围内")
    expect(page.get_by_role("heading", name="在哪里")).to_be_visible()
    expect(page.get_by_label("看到了什么")).to_have_value("路灯不亮")
    expect(page.locator(".photo-picker__shots img")).to_have_count(1)
    assert violations(page) == []
    page.complaints[:] = [said for said in page.complaints if "422" not in said]  # type: ignore[attr-defined]


def test_without_javascript_the_form_is_long_and_works(live_server: LiveServer, open_page: OpenPage):
    page = opened(open_page, live_server, "/report/", size=PHONE, scripts=False)
    page.set_input_files("#id_photos", [jpeg()])
    page.locator("#id_place").fill("东华门大街")
    page.get_by_label("看到了什么").fill("路灯不亮")
    page.get_by_role("button", name="提交").click()

    expect(page.locator(".sent__number")).to_be_visible()
    page.get_by_role("link", name="看办到哪一步").click()
    page.get_by_label("想说的话").fill("谢谢")
    page.get_by_role("button", name="留言").click()
    expect(page.locator(".timeline")).to_contain_text("谢谢")
    assert Case.objects.get().photos.count() == 1


def test_after_closing_the_resident_says_solved(live_server: LiveServer, open_page: OpenPage):
    case = make.case(State.CLOSED)
    page = opened(open_page, live_server, f"/r/{case.token}/", size=PHONE)
    page.get_by_role("button", name="解决了", exact=True).click()

    expect(page.locator(".ask-you")).to_contain_text("您说：解决了")


def test_map_and_list_show_the_same_cases(live_server: LiveServer, open_page: OpenPage):
    from django.utils import timezone

    case = make.case(State.FILED, at=timezone.now())
    page = opened(open_page, live_server, "/nearby/", size=DESKTOP)
    page.locator("a.map-point").focus()
    page.keyboard.press("Enter")

    expect(page.locator(f'#rows li[data-id="{case.number}"]')).to_have_class("is-current")
    page.locator(".map-card a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("暴露垃圾")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_and_nothing_overflows(
    live_server: LiveServer, open_page: OpenPage, size: dict[str, int], language: str
):
    cases = [
        make.case(state, photos=[make.photo()]) for state in (State.WAITING, State.CLOSED, State.REJECTED)
    ]
    paths = ["/", "/report/", "/report/#step-2", "/report/#step-3", "/c/", f"/c/{cases[1].number}/"]
    paths += ["/nearby/", "/nearby/?state=other&period=7d", "/help/", f"/r/{cases[0].token}/sent/"]
    paths += [f"/r/{case.token}/" for case in cases]
    page = opened(open_page, live_server, "/", size=size, language=language)

    for path in paths:
        page.goto(live_server.url + path)
        page.reload()  # a change of only the #step is no new page
        page.wait_for_load_state("networkidle")
        expect(page.locator("case-map:not(.is-drawn, .is-plain)")).to_have_count(0, timeout=30_000)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        if size is PHONE:
            assert page.evaluate(SMALL_TARGETS) == [], path


def test_a_resident_joins_instead_of_doubling(live_server: LiveServer, open_page: OpenPage):
    case = make.case(State.FILED)
    now = timezone.now() - timedelta(hours=1)
    Case.objects.filter(pk=case.pk).update(
        reported_at=now, text="垃圾桶满了", lon=HERE["longitude"], lat=HERE["latitude"]
    )
    phone = {"size": PHONE, "permissions": ["geolocation"], "geolocation": HERE}
    page = opened(open_page, live_server, "/report/#step-2", **phone)
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.locator(".place-picker__says")).to_contain_text("东华门街道")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("看到了什么").fill("垃圾桶满了没人收")
    page.get_by_text("暴露垃圾").click()

    expect(page.get_by_role("heading", name="是不是其中一件")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="我也看到了").click()

    expect(page.locator("main")).to_contain_text("现在一共2人看到")
    assert violations(page) == []
    assert (Case.objects.count(), case.joiners.count()) == (1, 1)

    page.goto(live_server.url + "/report/#step-3")
    expect(page.locator("report-steps.is-stepped")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("")


def written(page: Page, words: str) -> None:
    """Fill in a report with a photo and a place, up to the last step."""
    page.locator("report-steps.is-stepped").wait_for()
    page.locator(".photo-picker__buttons").wait_for()
    page.set_input_files("#id_photos", [jpeg()])
    expect(page.locator(".photo-picker__shots img")).to_have_count(1)
    page.get_by_role("button", name="下一步").click()
    page.locator("#id_place").fill("东华门大街")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("看到了什么").fill(words)


def test_back_after_sending_opens_a_new_form_and_says_so(live_server: LiveServer, open_page: OpenPage):
    page = opened(open_page, live_server, "/report/", size=PHONE)
    written(page, "路灯不亮")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/sent/")
    page.go_back()

    expect(page.locator(".once-form__state")).to_contain_text("刚才那一件已经收到了")
    expect(page.get_by_role("heading", name="拍下来了吗")).to_be_visible()
    expect(page.locator(".photo-picker__shots img")).to_have_count(0)
    expect(page.locator("#id_text")).to_have_value("")
    page.get_by_role("link", name="看刚才那一件").click()
    page.wait_for_url("**/sent/")


def test_a_lost_cookie_does_not_stop_a_report(live_server: LiveServer, open_page: OpenPage):
    page = opened(open_page, live_server, "/report/", size=PHONE)
    written(page, "路灯不亮")
    page.context.clear_cookies()
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/sent/")

    assert Case.objects.get().photos.count() == 1
    page.complaints[:] = [said for said in page.complaints if "403" not in said]  # type: ignore[attr-defined]


def test_a_file_that_only_calls_itself_a_photo_is_refused_at_once(
    live_server: LiveServer, open_page: OpenPage
):
    page = opened(open_page, live_server, "/report/", size=PHONE)
    page.locator(".photo-picker__buttons").wait_for()
    page.set_input_files(
        "#id_photos", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.4 not a photo"}]
    )

    expect(page.locator(".photo-picker__says")).to_contain_text("a.jpg 不是照片")
    expect(page.get_by_role("button", name="没有照片，下一步")).to_be_visible()


def test_a_chosen_suggestion_survives_a_reload(live_server: LiveServer, open_page: OpenPage):
    page = opened(open_page, live_server, "/report/", size=PHONE)
    written(page, "路灯不亮")
    chosen = page.locator("#id_category input").first
    code = chosen.input_value()
    page.evaluate(
        """code => {
          const twin = document.createElement('input')
          Object.assign(twin, {type: 'radio', name: 'category', value: code})
          document.querySelector('#suggested').append(twin)
          twin.click()
        }""",
        code,
    )
    page.reload()

    expect(page.locator("#id_category input").first).to_be_checked()
