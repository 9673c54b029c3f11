"""Strangers who send or read slowly, at the real server: pages stay there for everybody else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from siquan.config.intake import PLACES, READING_OF_ONE, WAITING_OF_ONE

PATIENCE = 60.0  # seconds; the machine of a test may be busy
MANY = 3 * (PLACES + WAITING_OF_ONE)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "siquan.config.settings", "SIQUAN_PATIENCE": "3"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.config.waiting_app", str(number)], env=environment
    )
    try:
        end = time.monotonic() + PATIENCE
        while not answers(number):
            assert process.poll() is None and time.monotonic() < end
        yield number
    finally:
        process.terminate()
        process.wait(PATIENCE)


def answers(port: int) -> bool:
    """Tell whether the server is there; a moment passes when it is not."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        time.sleep(0.05)
        return False
    return True


def line(open_lines: ExitStack, port: int, said: bytes) -> socket.socket:
    """Open a line that takes in little, and say something on it."""
    end = open_lines.enter_context(socket.socket())
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    end.settimeout(PATIENCE)
    end.connect(("127.0.0.1", port))
    end.sendall(said)
    return end


def page(port: int, body: bytes | None = None) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", body, timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def rest(end: socket.socket) -> bytes:
    """Return what comes until the other side hangs up."""
    found = b""
    try:
        while piece := end.recv(65_536):
            found += piece
            if b"turned away" in found:
                break
    except ConnectionResetError:
        pass
    return found


def test_bodies_that_do_not_come_keep_nobody_out_and_are_given_up(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n"
    with ExitStack() as lines:
        silent = [line(lines, port, head + b"a") for _each in range(MANY)]
        assert page(port) == "0 bytes"

        said = [rest(each) for each in silent]  # comes to an end because each one is hung up on
        assert sum(b"turned away" in each for each in said) == MANY - WAITING_OF_ONE
        assert sum(each == b"" for each in said) == WAITING_OF_ONE

    assert page(port, b"x" * 100_000) == "100000 bytes"


def test_answers_nobody_reads_keep_nobody_out_and_are_given_up(port: int) -> None:
    with ExitStack() as lines:
        asked = [line(lines, port, b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n") for _each in range(MANY)]
        assert page(port) == "0 bytes"

        heads = [each.recv(20) for each in asked]
        assert sum(head.startswith(b"HTTP/1.1 503") for head in heads) == MANY - READING_OF_ONE
        assert page(port, b"abc") == "3 bytes"

    assert len(whole(port)) > 40_000_000


def whole(port: int) -> bytes:
    """Ask for the long answer until there is room for one more reader, and read it."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/long", timeout=PATIENCE) as answer:
                return bytes(answer.read()) + b"."
        except urllib.error.HTTPError as error:
            assert error.code == 503 and time.monotonic() < end
            time.sleep(0.05)


def test_a_body_in_pieces_arrives_whole(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n"
    with ExitStack() as lines:
        end = line(lines, port, head + b"Connection: close\r\n\r\nabc")
        assert page(port) == "0 bytes"
        end.sendall(b"def")
        assert rest(end).endswith(b"6 bytes")
