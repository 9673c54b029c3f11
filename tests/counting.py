"""Count what a page costs, so that a list of three rows is seen to cost what a list of one row costs."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def statements(client: Client, address: str) -> int:
    """Return how many database statements a page takes; it must answer 200."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(seen)
