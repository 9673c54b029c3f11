"""The style guide in a real browser: axe, keyboard, phone, both languages, and the modules at work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import DESKTOP, PHONE, OpenPage, violations

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

DESK, PORTAL = "/styleguide/", "/styleguide/portal/"
ELEMENTS = Path(__file__).resolve().parents[3] / "siquan/base/web/static/web/elements"
PLAIN = {"map-base", "map-marks", "map-pick"}  # modules that are no elements
MODULES = ",".join(f"{path.stem}:not(:defined)" for path in ELEMENTS.glob("*-*.js") if path.stem not in PLAIN)
SMALL_TARGETS = """
[...document.querySelectorAll('.button, .switch, .tabs a, .choice label, input:not([type=hidden])')]
  .filter(e => e.offsetParent && !e.matches('[type=radio], [type=checkbox], [type=range], [type=file]'))
  .map(e => [e.className || e.name, e.getBoundingClientRect().height])
  .filter(([, height]) => height < 43.5)
"""


def drawn(page: Page) -> None:
    """Wait until every module has loaded and the map is there."""
    expect(page.locator(MODULES)).to_have_count(0)
    expect(page.locator("case-map:not(.is-drawn, .is-plain)")).to_have_count(0, timeout=30_000)


@pytest.mark.parametrize(
    ("path", "size", "look", "language"),
    [
        (DESK, DESKTOP, "", "zh-hans"),
        (PORTAL, PHONE, "", "zh-hans"),
        (DESK, DESKTOP, "theme=dark&density=compact", "en"),
        (PORTAL, PHONE, "theme=dark&type=large", "zh-hans"),
        (DESK, PHONE, "type=large", "en"),
        (PORTAL, DESKTOP, "", "en"),
    ],
)
def test_axe_finds_nothing_and_nothing_overflows(
    live_server: LiveServer, open_page: OpenPage, path: str, size: dict[str, int], look: str, language: str
):
    page = open_page(live_server.url + path, size=size, look=look, language=language)
    drawn(page)

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_axe_would_find_something(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + PORTAL)
    page.evaluate("document.querySelector('#main').insertAdjacentHTML('beforeend', '<input>')")

    assert any(line.startswith("label") for line in violations(page))


@pytest.mark.parametrize("path", ["/no/such/page/"])
def test_error_pages_pass_too(live_server: LiveServer, browser: object, path: str):
    context = browser.new_context(viewport=PHONE)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(live_server.url + path)

    assert violations(page) == []
    context.close()


def test_targets_are_large_enough_on_a_phone(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + PORTAL, size=PHONE)
    drawn(page)

    assert page.evaluate(SMALL_TARGETS) == []


def test_first_key_press_leads_past_the_rail(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + DESK)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")

    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_list_by_keyboard(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + DESK)
    drawn(page)
    page.keyboard.press("j")
    expect(page.locator("#rows tr:nth-child(1) a").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#rows tr:nth-child(1) a").first).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#desk-search")).to_be_focused()
    page.keyboard.type("jk/")
    expect(page.locator("#desk-search")).to_have_value("jk/")


def test_shortcuts_can_be_turned_off(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + DESK, look="keys=off")
    drawn(page)
    page.keyboard.press("/")

    expect(page.locator("#desk-search")).not_to_be_focused()


def test_menu_opens_and_closes_by_keyboard(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + DESK)
    drawn(page)
    menu = page.locator("details.menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")

    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_dialog_takes_and_gives_back_the_focus(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + DESK)
    drawn(page)
    opener = page.locator("dialog-opener button")
    opener.click()
    expect(page.locator("#d1")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")

    expect(page.locator("#d1")).to_be_hidden()
    expect(opener).to_be_focused()


def test_without_javascript_everything_is_still_there(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + PORTAL, size=PHONE, scripts=False)

    expect(page.locator("#p-photos")).to_be_visible()
    expect(page.locator("case-map .case-map__plain")).to_be_visible()
    page.get_by_role("button", name="大字").click()
    expect(page.locator("html")).to_have_attribute("data-type", "large")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_points_are_links_and_point_at_the_list(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + DESK)
    drawn(page)
    point = page.locator("a.map-point").first
    name = point.get_attribute("aria-label")
    point.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".map-card a")).to_have_text(name or "")
    expect(page.locator("#cards li.is-current .list__link")).to_have_text(name or "")


def test_a_place_is_picked_by_tap_or_by_button(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + PORTAL, size=PHONE)
    drawn(page)
    lon = page.locator("place-picker [name=lon]")
    page.locator("case-map[data-mode=pick] canvas").click(position={"x": 60, "y": 200})
    expect(page.locator(".place-picker__says")).to_contain_text("已在地图上选好位置")
    tapped = float(lon.input_value())
    page.get_by_role("button", name="把点放在地图中心").press("Enter")

    assert 116.3 < tapped < float(lon.input_value()) < 116.6
    expect(page.locator(".map-pin")).to_have_count(1)


def jpeg_taken_at(lon: float, lat: float) -> bytes:
    """Return a small JPEG whose EXIF says where it was taken."""
    import io

    from PIL import Image

    picture = Image.new("RGB", (64, 48), "#a8322a")
    exif = Image.Exif()

    def degrees(value: float) -> tuple[float, float, float]:
        whole, rest = divmod(value, 1)
        return whole, rest * 60 // 1, rest * 60 % 1 * 60

    exif.get_ifd(0x8825).update({1: "N", 2: degrees(lat), 3: "E", 4: degrees(lon)})
    kept = io.BytesIO()
    picture.save(kept, "JPEG", exif=exif)
    return kept.getvalue()


def photo(name: str, content: bytes, kind: str = "image/jpeg") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


def test_photos_are_shown_checked_and_removed(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + PORTAL, size=PHONE)
    drawn(page)
    picture = jpeg_taken_at(116.4174, 39.9289)
    page.set_input_files(
        "#p-photos",
        [
            photo("1.jpg", picture),
            photo("notes.txt", b"no photo", "text/plain"),
            photo("0.png", b"", "image/png"),
        ],
    )
    says = page.locator(".photo-picker__says")

    expect(page.locator(".photo-picker__shots img")).to_have_count(1)
    page.get_by_role("button", name="用照片里的位置").click()
    assert float(page.locator("place-picker [name=lon]").input_value()) == pytest.approx(116.4174, abs=1e-4)
    assert float(page.locator("place-picker [name=lat]").input_value()) == pytest.approx(39.9289, abs=1e-4)
    expect(says).to_contain_text("notes.txt 不是照片")
    expect(says).to_contain_text("0.png 是空文件")
    page.set_input_files("#p-photos", [photo(f"{n}.jpg", picture + bytes([n])) for n in range(2, 10)])
    expect(page.locator(".photo-picker__shots img")).to_have_count(6)
    expect(says).to_contain_text("最多 6 张")
    page.get_by_role("button", name="去掉第 1 张").click()
    expect(page.locator(".photo-picker__shots img")).to_have_count(5)
    assert page.evaluate("document.querySelector('#p-photos').files.length") == 5


def answer_search(route: Route) -> None:
    found = [
        {"name": "东四十条", "kind_name": "道路", "lon": 116.43, "lat": 39.933, "street": "东四街道"},
        {"name": "东四九条", "kind_name": "胡同", "lon": 116.42, "lat": 39.931, "street": "东四街道"},
    ]
    route.fulfill(json=found if "q=%E4%B8%9C" in route.request.url else [])


def test_place_typed_and_chosen_by_keyboard(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + "/styleguide/portal/?search=1", size=PHONE)
    page.route("**/sample-places/**", answer_search)
    drawn(page)
    field = page.locator("#p-place")
    field.fill("东四")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")

    expect(field).to_have_value("东四九条")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("document.querySelector('place-picker [name=lon]').value") == "116.42"


@pytest.mark.parametrize(("allowed", "words"), [(True, "找到了，误差约 25 米"), (False, "没有得到定位许可")])
def test_position_of_the_browser(live_server: LiveServer, open_page: OpenPage, allowed: bool, words: str):
    page = open_page(
        live_server.url + PORTAL,
        size=PHONE,
        permissions=["geolocation"] if allowed else [],
        geolocation={"longitude": 116.41, "latitude": 39.92, "accuracy": 25},
    )
    drawn(page)
    page.get_by_role("button", name="用我现在的位置").click()

    expect(page.locator(".place-picker__says")).to_contain_text(words)


def test_a_form_is_sent_once_and_survives_the_network(
    live_server: LiveServer, open_page: OpenPage, tmp_path: Path
):
    page = open_page(live_server.url + PORTAL, size=PHONE)
    keys: list[str] = []
    failures = iter([True, False])

    def receive(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        keys.append(body.split(b'name="key"')[1].split(b"\r\n")[2].decode())
        if next(failures):
            route.abort("internetdisconnected")
        else:
            route.fulfill(status=200, headers={"X-Once-Next": "/styleguide/portal/?sent=1"}, body="")

    page.route("**/sample-report/", receive)
    drawn(page)
    form = page.locator('once-form[data-draft="styleguide"]')
    form.get_by_label("地点").fill("东四九条西口")
    form.get_by_label("垃圾堆放").check(force=True)
    form.get_by_label("照片里没有拍到").check()
    page.reload()
    drawn(page)
    expect(form.get_by_label("地点")).to_have_value("东四九条西口")
    form.get_by_role("button", name="提交报告").dblclick()
    expect(form.get_by_role("status").first).to_contain_text("网络断了")
    assert len(keys) == 1
    form.get_by_role("button", name="现在再试").click()
    page.wait_for_url("**/?sent=1")
    drawn(page)

    assert keys == ["sample-key", "sample-key"]
    expect(form.get_by_label("地点")).to_have_value("")
    assert json.loads(page.evaluate("JSON.stringify(localStorage.getItem('draft:styleguide'))")) is None
    page.complaints.clear()  # type: ignore[attr-defined]


def test_errors_come_back_into_the_form_and_nothing_typed_is_lost(
    live_server: LiveServer, open_page: OpenPage
):
    page = open_page(live_server.url + PORTAL, size=PHONE)
    summary = '<div class="error-summary" id="errors" tabindex="-1">地点太远</div>'
    key = '<input type="hidden" name="key"'
    with_errors = page.request.get(live_server.url + PORTAL).text().replace(key, summary + key, 1)
    answers = iter([(503, ""), (422, with_errors)])

    def receive(route: Route) -> None:
        status, body = next(answers)
        route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")

    page.route("**/sample-report/", receive)
    drawn(page)
    form = page.locator('once-form[data-draft="styleguide"]')
    form.get_by_label("地点").fill("东四九条西口")
    form.get_by_label("垃圾堆放").check(force=True)
    form.get_by_label("照片里没有拍到").check()
    form.get_by_role("button", name="提交报告").click()
    expect(form.get_by_role("status").first).to_contain_text("系统暂时收不下（503）")
    form.get_by_role("button", name="现在再试").click()

    expect(form.locator("#errors")).to_be_focused()
    expect(form.get_by_label("地点")).to_have_value("东四九条西口")
    expect(form.get_by_role("button", name="提交报告")).to_be_enabled()
    page.complaints.clear()  # type: ignore[attr-defined]


def test_an_ordinary_form_is_sent_only_once(live_server: LiveServer, open_page: OpenPage):
    page = open_page(live_server.url + PORTAL)
    sent: list[str] = []
    form = '<form method="post" action="/sent"><input name="a"><button>派遣</button></form>'
    script = f'<script type="module" src="{live_server.url}/static/web/elements/once-form.js"></script>'
    html = f"<html lang=zh><once-form>{form}</once-form>{script}"
    page.route("**/plain", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))

    def slowly(route: Route) -> None:
        sent.append(route.request.post_data or "")
        page.wait_for_timeout(300)
        route.fulfill(status=204)

    page.route("**/sent", slowly)
    page.goto(live_server.url + "/plain")
    page.locator("once-form .once-form__state").wait_for(state="attached")
    page.locator("input").fill("1")
    page.get_by_role("button").dblclick()
    page.wait_for_timeout(800)

    assert sent == ["a=1"]
