"""Processes that are killed while reports come in: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import make
from tests.installed import Siquan, installed

SENDERS = 4
PLACE = {"lon": 116.4195, "lat": 39.9275, "datum": "WGS84"}
BOUNDARY = "siquan-faults"


class Sender(threading.Thread):
    """Reports with photos, one after the other; what is not answered is sent again with the same key."""

    def __init__(self, port: int, name: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.sender, self.stop = port, name, stop
        self.acknowledged: dict[str, str] = {}  # key → number
        self.answers: Counter[int] = Counter()
        self.unreadable: list[str] = []

    def run(self) -> None:
        """Send until told to stop; the last report is sent until it is acknowledged, too."""
        number = 0
        while not self.stop.is_set():
            number += 1
            key = f"{self.sender}-{number}"
            while key not in self.acknowledged:
                self._send(key, number)

    def _send(self, key: str, number: int) -> None:
        body = _body(f"{key}：路边有一堆垃圾", number, self.sender)
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Idempotency-Key": key}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("POST", "/api/v1/reports", body, headers)
            answer = line.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):  # the process died while it was answering
            time.sleep(0.05)
            return
        finally:
            line.close()
        self.answers[answer.status] += 1
        if answer.status == 201:
            self.acknowledged[key] = json.loads(said)["number"]
        elif answer.status != 503 or not json.loads(said)["code"]:
            self.unreadable.append(f"{answer.status} {said[:200]!r}")
            self.acknowledged[key] = ""


def _body(text: str, number: int, sender: str) -> bytes:
    colour = f"#{number % 256:02x}{ord(sender[-1]) % 256:02x}{number // 256 % 256:02x}"
    fields = {"text": text, **PLACE}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n'
    parts.append(f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + make.photo(colour) + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def processes(siquan: Siquan, words: str) -> list[int]:
    """Return the processes below the first one whose command holds these words."""
    assert siquan.process
    found, below = [], {siquan.process.pid}
    listed = sorted(
        (int(path.parent.name), path.read_text().rpartition(")")[2].split())
        for path in Path("/proc").glob("[0-9]*/stat")
        if path.exists()
    )
    for pid, fields in listed:  # a child has a larger number than its parent
        if int(fields[1]) in below:
            below.add(pid)
            if words in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                found.append(pid)
    return found


def kill(pid: int) -> None:
    """Kill a process as the kernel does when memory runs out."""
    os.kill(pid, signal.SIGKILL)


def wait_for_more(senders: list[Sender], count: int) -> None:
    """Wait until so many more reports were acknowledged, as a sign that all works again."""
    wanted = sum(len(each.acknowledged) for each in senders) + count
    end = time.monotonic() + 120
    while sum(len(each.acknowledged) for each in senders) < wanted:
        assert time.monotonic() < end, [each.answers for each in senders]
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find what to kill")
def test_no_acknowledged_report_is_lost_and_no_effect_happens_twice_when_processes_are_killed() -> None:
    with installed(cases=50, workers=2) as siquan:
        siquan.environment["SIQUAN_LIMITS"] = "off"  # what is looked at is what gets in
        siquan.start()
        siquan.wait(lambda: "ready" in siquan.said())
        stop = threading.Event()
        senders = [Sender(siquan.port, f"s{number}", stop) for number in range(SENDERS)]
        for each in senders:
            each.start()
        wait_for_more(senders, 10)

        kill(processes(siquan, "granian")[-1])  # a web process in the middle of its answers
        wait_for_more(senders, 10)
        kill(processes(siquan, "siquan worker")[0])  # the worker in the middle of its reactions
        wait_for_more(senders, 10)
        kill(postmaster(siquan))  # the whole database: it comes back by itself, and recovers
        wait_for_more(senders, 20)

        stop.set()
        for each in senders:
            each.join(60)
        assert [each.unreadable for each in senders] == [[]] * SENDERS, "every answer is clear"
        _look(siquan, {key: number for each in senders for key, number in each.acknowledged.items()})


def postmaster(siquan: Siquan) -> int:
    """Return PostgreSQL's first process."""
    return int((siquan.folder / "d" / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _look(siquan: Siquan, acknowledged: dict[str, str]) -> None:
    """Compare what was acknowledged with what is there, once the worker has nothing left to do."""
    database = psycopg.connect(
        f"postgresql://siquan@/siquan?host={siquan.folder / 'd' / 'run'}", autocommit=True
    )
    with database:
        siquan.wait(lambda: _rows(database, "select count(*) from journal_pending") == [(0,)])
        kept = dict(
            _rows(
                database,
                "select s.key, c.number from cases_submission s join cases_case c on c.id = s.case_id"
                " where s.key like 's_-%'",
            )
        )
        assert kept == acknowledged, "every acknowledged report is there, once, under its number"
        cases = _rows(database, "select count(*) from cases_case where text like 's_-%'")
        assert cases == [(len(acknowledged),)], "and none that was sent twice is there twice"
        reported = _rows(
            database,
            "select count(*), count(distinct about_id) from journal_entry join cases_case c"
            " on c.id = about_id where event = 'case.reported' and about_type = 'case' and text like 's_-%'",
        )
        assert reported == [(len(acknowledged),) * 2], "each is in the journal once"
        stored = _rows(
            database,
            "select count(*), count(distinct about_id) from journal_entry where event = 'file.stored'",
        )[0]
        assert stored[0] == stored[1] > 0, "each photo was stored once"
    siquan.wait(lambda: json.loads(siquan.run("journal", "verify", "--json").stdout)["ok"] is True)


def _rows(database: psycopg.Connection[Any], query: str) -> list[Any]:
    return database.execute(query).fetchall()
