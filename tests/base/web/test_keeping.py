"""Who may keep an answer: the reader's own browser, and only to compare, unless a view says less."""

from __future__ import annotations

import pytest
from django.test import Client

from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db


def test_a_page_is_kept_by_no_other_cache_and_asked_for_anew(client: Client) -> None:
    case = make.case(State.FILED)
    client.force_login(make.dispatcher(), "siquan.base.accounts.sessions.Accounts")

    for path in ("/cases/", f"/cases/{case.number}/", "/desk/", "/cases/export.csv", "/account/", "/nope"):
        answer = client.get(path)
        assert answer["Cache-Control"] == "private, no-cache", path
        assert "Cookie" in answer["Vary"], path


def test_what_a_view_says_itself_stands(client: Client) -> None:
    case = make.case(State.FILED)
    client.force_login(make.dispatcher(), "siquan.base.accounts.sessions.Accounts")

    for path in (f"/cases/{case.number}/contact/", "/account/tokens/", "/account/sign-ins/"):
        assert "no-store" in client.get(path)["Cache-Control"], path
