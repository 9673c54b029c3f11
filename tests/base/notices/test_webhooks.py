"""Webhooks: signed, and never into our own network unless its owner says so."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from siquan.base.notices import outward, services
from siquan.base.notices.models import Channel, Delivery, DeliveryState
from siquan.base.notices.services import Address

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127。0。0。1/",
        "https://10.0.0.1:22/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[fec0::1]/",
        "https://[5f00::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://224.0.0.1/",
        "http://203.0.113.1/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://user@example.org/",
        "https://:word@example.org/",
        "https://@example.org/",
        "https://example.org/\r\nHost: x",
        "https:///nowhere",
        "https://example.org:port/",
        "gopher",
        "",
    ],
)
def test_such_an_address_is_refused_without_a_call(url: str) -> None:
    with pytest.raises(outward.Refused):
        outward.post(url, b"{}", {})


@pytest.mark.parametrize(
    ("address", "public"), [("8.8.8.8", True), ("2001:4860:4860::8888", True), ("192.0.2.1", False)]
)
def test_public_addresses_are_told_from_the_rest(address: str, public: bool) -> None:
    assert outward.is_public(address) is public


def test_a_name_that_changes_its_address_is_called_at_the_one_that_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the first answer is public, every later one leads into our own network."""
    answers = iter(["8.8.8.8"])
    called: list[tuple[str, int]] = []

    def look_up(_host: str, port: int, **_how: object) -> list[Any]:
        return [(2, 1, 6, "", (next(answers, "127.0.0.1"), port))]

    def connect(address: tuple[str, int], **_how: object) -> None:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outward.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(outward.socket, "create_connection", connect)

    with pytest.raises(ConnectionRefusedError):
        outward.post("https://rebinding.example/", b"{}", {})
    assert called == [("8.8.8.8", 443)]


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_args, **_how: found)

    with pytest.raises(outward.Refused):
        outward.post("https://both.example/", b"{}", {})


class Receiver(BaseHTTPRequestHandler):
    """Takes what is posted; answers as told."""

    taken: list[tuple[dict[str, str], bytes]] = []
    status = 204

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[str]:
    settings.WEBHOOK_SECRET = "a secret"
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    settings.NOTICE_CHANNELS = settings.NOTICE_CHANNELS | {
        "webhook": "siquan.base.notices.channels.WebhookHttp"
    }
    Receiver.taken, Receiver.status = [], 204
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook?x=1"
    server.shutdown()
    thread.join()
    server.server_close()


def send(url: str) -> Delivery:
    services.notify(
        [Address(Channel.WEBHOOK, url)],
        kind="case.closed",
        key="1",
        title="案件 {n} 已结案",
        params={"n": "A1"},
        at=NOW,
    )
    services.deliver_next(NOW)
    return Delivery.objects.get()


@pytest.mark.django_db
def test_a_webhook_is_posted_with_a_signature_the_receiver_can_check(receiver: str) -> None:
    assert send(receiver).state == DeliveryState.SENT

    ((headers, body),) = Receiver.taken
    stamp, given = (part.split("=", 1)[1] for part in headers["X-Siquan-Signature"].split(","))
    wanted = hmac.new(b"a secret", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert given == wanted
    content = json.loads(body)
    assert content["title"] == "案件 A1 已结案"
    assert content["id"] == headers["X-Siquan-Delivery"]
    assert "to" not in content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "state"), [(500, "queued"), (302, "queued"), (404, "queued"), (410, "failed"), (200, "sent")]
)
def test_the_answer_decides_what_comes_next(receiver: str, status: int, state: str) -> None:
    Receiver.status = status

    assert send(receiver).state == state
    assert len(Receiver.taken) == 1, "a redirect is not followed"


@pytest.mark.django_db
def test_without_a_secret_nothing_is_sent(receiver: str, settings: Any) -> None:
    settings.WEBHOOK_SECRET = ""

    assert send(receiver).state == DeliveryState.FAILED
    assert Receiver.taken == []


@pytest.mark.django_db
def test_a_private_host_that_is_not_named_is_refused_for_good(receiver: str, settings: Any) -> None:
    settings.WEBHOOK_HOSTS = []

    refused = send(receiver.replace("http:", "https:"))

    assert (refused.state, refused.last_error) == (
        DeliveryState.FAILED,
        "the address lies in a private network",
    )
    assert Receiver.taken == []


@pytest.mark.django_db
def test_by_default_webhooks_stay_in_a_file(settings: Any) -> None:
    assert send("https://example.org/hook").state == DeliveryState.SENT
    assert "example.org" in (Path(settings.NOTICE_FOLDER) / "webhook.jsonl").read_text()
