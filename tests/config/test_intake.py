"""Bodies are taken in before anybody works on them; few places, each with one connection to the database."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from siquan.base.files.uploads import MOST_BYTES
from siquan.base.web.limits import TURNED_AWAY
from siquan.config import hangups
from siquan.config.hangups import Waits, Watch
from siquan.config.intake import PLACES, WAITING_OF_ONE, Intake
from siquan.config.places import Places
from tests import make

Environ = dict[str, Any]


def request(body: bytes = b"", **more: Any) -> Environ:
    given = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    return RequestFactory().get("/").environ | {"SERVER_PORT": "1"} | given | more


def asked(intake: Intake, environ: Environ) -> list[bytes]:
    """Ask as the server does: to the end, then closed."""
    answer = intake(environ, lambda *_said: None)
    try:
        return list(answer)
    finally:
        getattr(answer, "close", lambda: None)()


def echo(environ: Environ, _start: Callable[..., Any]) -> HttpResponse:
    return HttpResponse(environ["wsgi.input"].read())


def test_a_body_lies_here_before_anybody_works_on_it() -> None:
    taken: list[int] = []

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            taken.append(PLACES - intake.places.free.qsize())
            return super().read(size)

    intake = Intake(echo)

    body = b"x" * 700_000
    given = {"wsgi.input": Slow(body), "CONTENT_TYPE": "multipart/form-data"}
    assert asked(intake, request(body) | given) == [body]
    assert set(taken) == {0}


def test_a_body_that_breaks_off_reaches_nobody() -> None:
    def never(*_asked: Any) -> None:
        raise AssertionError

    assert asked(Intake(never), request(b"abc", CONTENT_LENGTH="4")) == [b""]


@pytest.mark.parametrize(
    "more",
    [
        {"CONTENT_LENGTH": str(MOST_BYTES + 1), "CONTENT_TYPE": "multipart/form-data; boundary=x"},
        {"CONTENT_LENGTH": "5000000", "CONTENT_TYPE": "application/json"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-5"},
        {"CONTENT_LENGTH": "٣"},
        {"REQUEST_METHOD": "GET"},
    ],
)
def test_what_would_be_refused_or_not_read_is_not_waited_for(more: Environ) -> None:
    class Never(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError

    assert asked(Intake(echo), request(b"abc") | {"wsgi.input": Never()} | more) == [b""]


def test_a_place_is_free_again_whatever_happens() -> None:
    def fails(*_asked: Any) -> None:
        raise ZeroDivisionError

    def breaks_off(*_asked: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(1 / 0 for _each in range(1))

    for application in (fails, breaks_off):
        intake = Intake(application)
        with pytest.raises(ZeroDivisionError):
            asked(intake, request())
        assert intake.places.free.qsize() == PLACES


def test_an_answer_keeps_its_place_while_it_is_made() -> None:
    intake = Intake(lambda *_asked: StreamingHttpResponse(iter([b"a", b"b"])))

    answer = iter(intake(request(), lambda *_said: None))
    next(answer)
    assert intake.places.free.qsize() == PLACES - 1
    answer.close()  # type: ignore[attr-defined]
    assert intake.places.free.qsize() == PLACES


@pytest.mark.django_db(transaction=True)
def test_a_connection_belongs_to_a_place_whatever_thread_works_there() -> None:
    seen = []

    def number(*_asked: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(_ask() for _each in range(2))

    def _ask() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            return str(cursor.fetchone()[0]).encode()

    def work() -> None:
        seen.extend(asked(intake, request()))
        seen.append(len(connections.all(initialized_only=True)))

    def leave() -> None:
        with intake.places.taken().worked_at():
            connection.close()

    intake = Intake(number)
    for each in (work, work, work, leave):  # never in this thread, whose connection is the test's own
        thread = threading.Thread(target=each)
        thread.start()
        thread.join()

    assert len(set(seen)) == 2
    assert seen.count(0) == 3, "no connection stays with a thread"


@pytest.mark.django_db
def test_a_thread_finds_its_own_connection_again() -> None:
    own = connections["default"]
    own.ensure_connection()

    with Places(1).taken().worked_at():
        assert connections["default"] is not own
    assert connections["default"] is own


def test_one_network_is_waited_for_in_bounds_and_a_heavy_one_alone() -> None:
    waits = Waits(5, 3)

    first = waits.begun("a", "a", 3)
    assert first
    assert waits.begun("a", "a") is None
    assert waits.begun("b", "b", 2)
    assert waits.begun("c", "c") is None
    waits.ended(first)
    waits.ended(first)
    assert waits.begun("c", "c", 3)
    assert Waits(5, 3).begun("a", "a", 16)


@pytest.mark.django_db
def test_who_is_not_waited_for_is_told_when_to_come_again(client: Any) -> None:
    make.rules()
    for path, kind in (("/report/", "text/html"), ("/api/v1/reports", "application/problem+json")):
        answer = client.post(path, {"text": "x"}, **{TURNED_AWAY: True, "CONTENT_LENGTH": "0"})
        assert (answer.status_code, answer["Retry-After"]) == (503, "3")
        assert answer["Content-Type"].startswith(kind)


def test_the_next_body_of_a_network_that_keeps_us_waiting_is_turned_away() -> None:
    intake = Intake(lambda environ, _start: HttpResponse(str(environ.get(TURNED_AWAY))))
    for _each in range(WAITING_OF_ONE):
        intake.bodies.begun("127.0.0.1", "127.0.0.1")

    assert asked(intake, request(b"abc")) == [b"True"]
    assert asked(intake, request(b"abc", REMOTE_ADDR="192.0.2.1")) == [b"None"]


@pytest.mark.skipif(not hangups.HELD.exists(), reason="only Linux tells what moved on a line")
def test_in_a_crowd_idle_lines_to_our_port_are_hung_up_on_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hangups, "CROWD", 0)
    monkeypatch.setattr(hangups, "IDLE_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as ours, socket.create_server(("127.0.0.1", 0)) as other:
        ends = [socket.create_connection(each.getsockname(), timeout=30) for each in (ours, other)]
        lines = [each.accept()[0] for each in (ours, other)]
        assert Watch().look(ours.getsockname()[1]) == 1
        assert ends[0].recv(1) == b""
        lines[1].sendall(b"x")
        assert ends[1].recv(1) == b"x"
        for each in [*ends, *lines]:
            each.close()


@pytest.mark.skipif(not hangups.HELD.exists(), reason="only Linux tells what moved on a line")
def test_only_lines_to_whom_we_have_waited_for_too_long_are_hung_up_on(settings: Any) -> None:
    waits = Waits(5, 5)
    with socket.create_server(("127.0.0.1", 0)) as ours:
        end = socket.create_connection(ours.getsockname(), timeout=30)
        line = ours.accept()[0]
        waits.begun("192.0.2.1", "192.0.2.1")
        settings.PATIENCE_SECONDS = -1
        assert Watch(waits).look(ours.getsockname()[1]) == 0, "another address"
        wait = waits.begun("127.0.0.1", "127.0.0.1")
        assert wait
        wait.pause()
        assert Watch(waits).look(ours.getsockname()[1]) == 0, "it is we who are busy"
        wait.again()
        settings.PATIENCE_SECONDS = 1000
        assert Watch(waits).look(ours.getsockname()[1]) == 0, "not long enough"
        settings.PATIENCE_SECONDS = -1
        assert Watch(waits).look(ours.getsockname()[1]) == 1
        assert end.recv(1) == b""
        end.close()
        line.close()
