"""A real browser for journeys: Debian's Chromium, driven by Playwright, without any call to the outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
AXE = Path(__file__).parent / "assets/axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]

PLAIN_PAPER = {"version": 8, "sources": {}, "layers": []}

# A machine that runs other things as well answers late, not wrongly.
expect.set_options(timeout=30_000)

OpenPage = Callable[..., Page]
_started: list[Browser] = []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once for the whole run, also when several conftests import this fixture."""
    if _started:
        yield _started[0]
        return
    wanted = os.environ.get("SIQUAN_BROWSER", "")
    is_required = wanted == "required"
    found = shutil.which("chromium") or shutil.which("google-chrome") if is_required or not wanted else wanted
    if not found:
        refuse = pytest.fail if is_required else pytest.skip
        refuse("no Chromium on this machine: apt install chromium, or set SIQUAN_BROWSER to its path")
    # Playwright keeps an event loop in this thread; Django would take it for an async view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        _started.append(started)
        yield started
        _started.clear()
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open a page in a fresh profile: `open_page(url, size=PHONE, language="en", look="theme=dark")`.

    A complaint of the browser (a script error, a breach of the content security policy) fails the test.
    """
    contexts = []
    complaints: list[str] = []

    def opened(
        url: str,
        *,
        size: dict[str, int] = DESKTOP,
        language: str = "zh-hans",
        look: str = "",
        scripts: bool = True,
        **more: object,
    ) -> Page:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            has_touch=size["width"] < 600,
            java_script_enabled=scripts,
            locale="en-GB" if language == "en" else "zh-CN",
            **more,  # type: ignore[arg-type]
        )
        contexts.append(context)
        # The base map is drawn when a district is made; in a test the cases stand on plain paper.
        context.route("**/map/style*.json", lambda route: route.fulfill(json=PLAIN_PAPER))
        cookies = {"django_language": language} | ({"look": look} if look else {})
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(url)
        page.complaints = complaints  # type: ignore[attr-defined]
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == [], complaints  # plain words: asserts of this file are not rewritten


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong on this page, one line per kind, with the first places."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "axe looked at nothing"
    return [
        f"{one['id']}: {one['help']}: {[place['target'] for place in one['nodes'][:5]]}"
        for one in found["violations"]
    ]
