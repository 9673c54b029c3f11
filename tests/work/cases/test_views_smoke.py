"""Every page of the desk opens for the centre."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db


def test_every_page_opens(client: Client) -> None:
    now = timezone.now()
    reported, filed, closed = (make.case(s, at=now) for s in (State.REPORTED, State.FILED, State.CLOSED))
    client.force_login(make.dispatcher())

    pages = [
        "/desk/",
        "/desk/cockpit/",
        "/cases/",
        "/cases/?view=table",
        "/cases/needs-place/",
        "/cases/new/",
    ]
    pages += [f"/cases/?case={filed.number}", f"/cases/{closed.number}/", f"/cases/{reported.number}/"]
    pages += [
        "/cases/new/",
        "/cases/map.json?bbox=116.3,39.8,116.5,40.0",
        "/cases/export.csv",
        "/cases/export.xlsx",
    ]
    pages += [f"/cases/{filed.number}/{verb}/" for verb in ("dispatch", "merge", "set-place", "comment")]

    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200, url
