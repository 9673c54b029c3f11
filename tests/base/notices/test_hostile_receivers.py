"""Receivers of webhooks that answer for ever, too much, or letter by letter: the worker goes on."""

from __future__ import annotations

import http.client
import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from siquan.base.notices import outward

TOLD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def slowly(gone: threading.Event, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give one piece at a time, always sooner than the wait for one step is over."""
    for piece in pieces:
        yield piece
        gone.wait(outward.SECONDS / 10)


def letters(gone: threading.Event) -> Iterator[bytes]:
    return slowly(gone, itertools.chain([b"HTTP/1.1 200 OK\r\nX: "], itertools.repeat(b"y")))


def silence(gone: threading.Event) -> Iterator[bytes]:
    gone.wait(60)
    return iter(())


def promises(gone: threading.Event) -> Iterator[bytes]:
    return slowly(gone, itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"))


def headers_without_end(_gone: threading.Event) -> Iterator[bytes]:
    return itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X: y\r\n" * 1000))


def a_line_without_end(_gone: threading.Event) -> Iterator[bytes]:
    return itertools.repeat(b"H" * 100_000)


def nonsense(_gone: threading.Event) -> Iterator[bytes]:
    return iter([b"\x00\xff\x16\x03"])


@contextmanager
def receiver(answer: Callable[[threading.Event], Iterator[bytes]]) -> Iterator[str]:
    """Listen, take one request and answer it as told until the other side hangs up."""
    gone = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            line, _from = listening.accept()
            with line:
                line.recv(65_536)
                for piece in answer(gone):
                    if gone.is_set():
                        return
                    line.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
        finally:
            gone.set()
            thread.join()


@pytest.fixture(autouse=True)
def _short(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(outward, "SECONDS", 1.0)
    monkeypatch.setattr(outward, "SECONDS_IN_ALL", 1.0)


@pytest.mark.parametrize("answer", [silence, promises, headers_without_end, a_line_without_end, nonsense])
def test_an_answer_that_does_not_come_or_does_not_end_is_given_up(
    answer: Callable[[threading.Event], Iterator[bytes]],
) -> None:
    with receiver(answer) as url, pytest.raises((OSError, http.client.HTTPException)):
        outward.post(url, b"{}", {})


def test_headers_that_come_letter_by_letter_are_not_waited_for() -> None:
    with receiver(letters) as url:
        assert outward.post(url, b"{}", {}) == 200, "what was said before the line was cut"


def test_a_handshake_that_does_not_come_to_an_end_is_given_up() -> None:
    def never_greets(gone: threading.Event) -> Iterator[bytes]:
        record = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc"
        return slowly(gone, itertools.chain([record], itertools.repeat(b"\x00")))

    with receiver(never_greets) as url, pytest.raises(OSError):
        outward.post(url.replace("http:", "https:"), b"{}", {})


def test_what_follows_the_status_is_not_read_however_long_it_is() -> None:
    def endless(_gone: threading.Event) -> Iterator[bytes]:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n"
        return itertools.chain([head], itertools.repeat(b"x" * 100_000))

    with receiver(endless) as url:
        assert outward.post(url, b"{}", {}) == 200


def test_an_honest_answer_arrives_and_no_thread_is_left_behind() -> None:
    with receiver(lambda _gone: iter([TOLD])) as url:
        assert outward.post(url, b"{}", {}) == 200
    assert not any(isinstance(each, threading.Timer) for each in threading.enumerate())
