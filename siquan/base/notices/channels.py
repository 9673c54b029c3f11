"""The ways out of the product: each takes one message and sends it, or says why it could not.

Which class serves a channel is a setting (`NOTICE_CHANNELS`), so that a district brings its own SMS gateway.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import hmac
import json
import os
from dataclasses import asdict, dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import ClassVar, Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from siquan.base.notices import outward


class NotSent(Exception):
    """The message did not go out; the text is kept, so it never names the address."""


class NeverSent(NotSent):
    """It did not go out and trying again is of no use."""


@dataclass(frozen=True)
class Message:
    """What goes out: `id` is the same at every try, `attempt` counts them from 1."""

    id: str
    attempt: int
    kind: str
    to: str
    title: str
    text: str
    url: str
    language: str
    at: str


class ChannelOut(Protocol):
    """One way out. `is_repeatable`: a message sent twice reaches the reader once."""

    is_repeatable: ClassVar[bool]

    def send(self, message: Message) -> None:
        """Send it. Raises NotSent, NeverSent; anything else counts as NotSent."""


@functools.cache
def _made(path: str) -> ChannelOut:
    found: ChannelOut = import_string(path)()
    return found


def channel_out(name: str) -> ChannelOut:
    """Return what serves a channel. Raises KeyError for a channel that is not set."""
    return _made(settings.NOTICE_CHANNELS[name])


class Mail:
    """E-mail by Django: SMTP when a server is set, files otherwise."""

    is_repeatable: ClassVar[bool] = False

    def send(self, message: Message) -> None:
        """Send a plain text; the Message-ID is the same at every try."""
        body = "\n\n".join(part for part in (message.text, message.url) if part)
        host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        EmailMessage(
            subject=message.title,
            body=f"{message.title}\n\n{body}" if body else message.title,
            to=[message.to],
            headers={"Message-ID": f"<{message.id}@{host}>", "Auto-Submitted": "auto-generated"},
        ).send()


class File:
    """One line of JSON per message in a file: for trying out, and for gateways that fetch files."""

    is_repeatable: ClassVar[bool] = True
    name: ClassVar[str] = "messages.jsonl"

    def send(self, message: Message) -> None:
        """Append the message, unless an earlier try has done so."""
        path = Path(settings.NOTICE_FOLDER) / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(message), ensure_ascii=False) + "\n"
        with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            written = f'"id": "{message.id}"'.encode()
            if message.attempt > 1 and any(written in each for each in file):
                return
            file.write(line.encode())


class SmsFile(File):
    """SMS into `sms.jsonl`."""

    name: ClassVar[str] = "sms.jsonl"


class WebhookFile(File):
    """Webhooks into `webhook.jsonl`: nothing leaves the machine."""

    name: ClassVar[str] = "webhook.jsonl"


class WebhookHttp:
    """Webhooks as signed POST requests; private addresses are refused unless settings name the host."""

    is_repeatable: ClassVar[bool] = True  # the receiver knows the delivery by its id

    def send(self, message: Message) -> None:
        """Post the message as JSON; 2xx is a success, 410 means never again."""
        if not settings.WEBHOOK_SECRET:
            raise NeverSent("no SIQUAN_WEBHOOK_SECRET is set")
        content = {key: value for key, value in asdict(message).items() if key not in {"to", "attempt"}}
        body = json.dumps(content, ensure_ascii=False).encode()
        try:
            status = outward.post(
                message.to,
                body,
                {
                    "Content-Type": "application/json",
                    "User-Agent": "siquan",
                    "X-Siquan-Delivery": message.id,
                    "X-Siquan-Signature": signature(body, message.at),
                },
            )
        except outward.Refused as refused:
            raise NeverSent(str(refused)) from refused
        if status == 410:
            raise NeverSent("the receiver answered 410 Gone")
        if not 200 <= status < 300:
            raise NotSent(f"the receiver answered {status}")


def signature(body: bytes, at: str) -> str:
    """Return the header with which a receiver checks who sent this and when: `t=…,v1=…` (HMAC-SHA256)."""
    signed = hmac.new(settings.WEBHOOK_SECRET.encode(), at.encode() + b"." + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"
