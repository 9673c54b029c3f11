"""A page and its part come from one file."""

from __future__ import annotations

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.test import RequestFactory

from siquan.base.web.pages import page

TEMPLATE = "web/error.html"
SAID = {"what": "What <happened>", "why": "because & so"}


def asked(**headers: str) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    request.user = AnonymousUser()
    return request


def test_a_browser_gets_the_whole_page():
    answer = page(asked(), TEMPLATE, SAID, part="main")

    assert answer.content.startswith(b"<!doctype html>")
    assert b"What &lt;happened&gt;" in answer.content


def test_htmx_gets_only_the_part():
    answer = page(asked(**{"HX-Request": "true"}), TEMPLATE, SAID, part="main")
    text = answer.content.decode().strip()

    assert text.startswith('<div class="problem">')
    assert "because &amp; so" in text
    assert "<html" not in text


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_htmx_gets_the_whole_page_when_it_replaces_the_page(header: str):
    answer = page(asked(**{"HX-Request": "true", header: "true"}), TEMPLATE, SAID, part="main")

    assert b"<html" in answer.content


def test_waiting_messages_come_with_the_part():
    request = asked(**{"HX-Request": "true"})
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    messages.success(request, "派遣好了")
    text = page(request, TEMPLATE, SAID, part="main").content.decode()

    assert 'id="messages" hx-swap-oob="true"' in text
    assert "派遣好了" in text


def test_caches_keep_page_and_part_apart():
    assert "HX-Request" in page(asked(), TEMPLATE, SAID).headers["Vary"]


def test_a_part_that_does_not_exist_is_a_mistake_of_ours():
    with pytest.raises(LookupError, match="nowhere"):
        page(asked(**{"HX-Request": "true"}), TEMPLATE, SAID, part="nowhere")


def test_status_is_passed_on():
    assert page(asked(), TEMPLATE, SAID, status=422).status_code == 422
