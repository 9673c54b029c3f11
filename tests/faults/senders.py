"""Strangers who report with photos until told to stop, and what must be there afterwards."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests import make
from tests.installed import Siquan

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
        self.codes: Counter[str] = Counter()  # of refusals
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
        elif answer.status == 503 and answer.headers["Retry-After"]:
            self.codes[json.loads(said)["code"]] += 1
            time.sleep(0.05)  # a program that may not come again for a minute is no test of intake
        else:
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


def wait_for_more(senders: list[Sender], count: int) -> None:
    """Wait until so many more reports were acknowledged, as a sign that all works again."""
    wanted = sum(len(each.acknowledged) for each in senders) + count
    end = time.monotonic() + 120
    while sum(len(each.acknowledged) for each in senders) < wanted:
        assert time.monotonic() < end, [each.answers for each in senders]
        time.sleep(0.05)


@contextmanager
def sending(siquan: Siquan) -> Iterator[list[Sender]]:
    """Have strangers report meanwhile; at the end every answer was clear and every report is there once."""
    stop = threading.Event()
    senders = [Sender(siquan.port, f"s{number}", stop) for number in range(SENDERS)]
    for each in senders:
        each.start()
    wait_for_more(senders, 10)
    yield senders
    stop.set()
    for each in senders:
        each.join(60)
    assert [each.unreadable for each in senders] == [[]] * SENDERS, "every answer is clear"
    look(siquan, {key: number for each in senders for key, number in each.acknowledged.items()})


def look(siquan: Siquan, acknowledged: dict[str, str]) -> None:
    """Compare what was acknowledged with what is there, once the worker has nothing left to do."""
    database = psycopg.connect(
        f"postgresql://siquan@/siquan?host={siquan.folder / 'd' / 'run'}", autocommit=True
    )
    with database:
        siquan.wait(lambda: rows(database, "select count(*) from journal_pending") == [(0,)])
        kept = dict(
            rows(
                database,
                "select s.key, c.number from cases_submission s join cases_case c on c.id = s.case_id"
                " where s.key like 's_-%'",
            )
        )
        assert kept == acknowledged, "every acknowledged report is there, once, under its number"
        cases = rows(database, "select count(*) from cases_case where text like 's_-%'")
        assert cases == [(len(acknowledged),)], "and none that was sent twice is there twice"
        reported = rows(
            database,
            "select count(*), count(distinct about_id) from journal_entry join cases_case c"
            " on c.id = about_id where event = 'case.reported' and about_type = 'case' and text like 's_-%'",
        )
        assert reported == [(len(acknowledged),) * 2], "each is in the journal once"
        stored = rows(
            database,
            "select count(*), count(distinct about_id) from journal_entry where event = 'file.stored'",
        )[0]
        assert stored[0] == stored[1] > 0, "each photo was stored once"
    siquan.wait(lambda: json.loads(siquan.run("journal", "verify", "--json").stdout)["ok"] is True)


def rows(database: psycopg.Connection[Any], query: str) -> list[Any]:
    return database.execute(query).fetchall()
