"""`siquan demo` as a user has it: a process that is started, killed, started again, asked, and stopped."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.installed import Siquan, installed

INSIDE = {"lon": 116.4195, "lat": 39.9275, "datum": "WGS84"}


@pytest.fixture
def siquan() -> Iterator[Siquan]:
    """Have a folder in which nothing was started yet."""
    with installed() as here:
        yield here


def test_the_demo_from_a_killed_first_start_to_its_end(siquan: Siquan) -> None:
    first = siquan.start()
    siquan.wait(lambda: "a year of cases" in siquan.said("err"))
    first.send_signal(signal.SIGKILL)
    first.wait()

    process = siquan.start()  # waits until what the first one left behind is gone
    siquan.wait(lambda: "ready" in siquan.said())
    assert siquan.said().count(f"ready http://127.0.0.1:{siquan.port}\n") == 1
    assert siquan.said().index("demo sign-ins") < siquan.said().index("ready")

    assert siquan.ask("/healthz") == (200, {"status": "ok"})
    assert siquan.ask("/")[0] == 200
    assert siquan.ask("/api/v1/openapi.json")[1]["openapi"].startswith("3.")

    report = {"text": "路边有一堆垃圾", **INSIDE}
    status, made = siquan.ask("/api/v1/reports", report, Idempotency_Key="one-tap")
    again = siquan.ask("/api/v1/reports", report, Idempotency_Key="one-tap")[1]
    assert status == 201
    assert made["number"] == again["number"]

    token = siquan.run("token", "centre").stdout.strip().splitlines()[-1]
    listed = siquan.ask("/api/v1/cases?limit=5", Authorization=f"Bearer {token}")[1]
    assert made["number"] in json.dumps(listed)

    verified = siquan.run("journal", "verify", "--json")
    assert json.loads(verified.stdout)["ok"] is True

    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert siquan.alive() == []

    mark = siquan.folder / "d" / "prepared.json"
    prepared_at = mark.stat().st_mtime_ns
    process = siquan.start()
    siquan.wait(lambda: "ready" in siquan.said())
    assert mark.stat().st_mtime_ns == prepared_at, "nothing was left to prepare"
    assert siquan.said().index("demo sign-ins") < siquan.said().index("ready")
    assert siquan.ask("/api/v1/reports", report, Idempotency_Key="one-tap")[1]["number"] == made["number"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert siquan.alive() == []


def test_what_cannot_be_started_is_said_in_words(siquan: Siquan) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", siquan.port))
        taken.listen()
        refused = siquan.run("demo", "--port", str(siquan.port))
    assert refused.returncode == 1
    assert "Choose another port" in refused.stderr

    refused = siquan.run("demo", "--cases", "-1")
    assert refused.returncode == 2
    assert "-1 is not between 0" in refused.stderr
