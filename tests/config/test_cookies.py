"""Cookies and redirects: what a browser keeps, and where it is led."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from tests import make

ASK = (
    "import json; from siquan.config import settings as s; "
    "names = [getattr(s, f'{each}_COOKIE_NAME', '') for each in ('SESSION', 'CSRF')]; "
    "print(json.dumps([*names, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,"
    " s.SESSION_COOKIE_SAMESITE, s.LIMITED]))"
)
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "\\\\evil.example",
    "/\\evil.example",
    "http:///evil.example",
]


def settings_with(**environment: str) -> list[Any]:
    """Return the settings of an installation with this environment."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"SIQUAN_KEYS": "one:" + "A" * 43 + "="} | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def test_behind_https_cookies_are_bound_to_this_very_host() -> None:
    names = ["__Host-sessionid", "__Host-csrftoken"]

    assert settings_with(SIQUAN_HTTPS="1") == [*names, True, True, True, "Lax", True]


def test_limits_are_lifted_by_a_word_only() -> None:
    assert settings_with(SIQUAN_LIMITS="off")[-1] is False
    assert settings_with(SIQUAN_LIMITS="")[-1] is True


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ELSEWHERE)
def test_no_switch_leads_elsewhere(client: Client, asked: str) -> None:
    for path, sent in (("/language/", {"language": "en"}), ("/look/", {"theme": "dark"})):
        answer = client.post(path, {**sent, "next": asked})
        if answer.status_code in {301, 302, 303}:
            assert answer["Location"].startswith("/")
            assert "evil" not in answer["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/report/", "/account/sign-in/", "/account/sign-in/passkey/", "/language/"])
def test_no_form_is_taken_from_another_site(path: str) -> None:
    make.rules()

    assert Client(enforce_csrf_checks=True).post(path, {"text": "x"}).status_code == 403
