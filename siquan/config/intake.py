"""Take a request in before anybody works on it, and let the answer go without anybody waiting.

Django reads the body while it works, and the server sends an answer piece by piece from the thread that made
it. Whoever sends or reads slowly would keep one of the few threads that may work: eight silent connections
were enough to stop every page for everybody. So there are more threads than places to work at
(`places.py`): a thread takes a place only once the body lies here, and leaves it as soon as the answer does.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.http import FileResponse

from siquan.base.files.uploads import MOST_BYTES
from siquan.base.web.addresses import network_in
from siquan.base.web.limits import TURNED_AWAY
from siquan.config.hangups import Wait, Waits, Watch
from siquan.config.places import Place, Places

PLACES = 4
WAITING, WAITING_OF_ONE = 32, 8  # bodies one process waits for, in all and of one network
READING, READING_OF_ONE = 12, 4  # and long answers
THREADS = PLACES + WAITING + READING + 12  # the rest is for those who need no waiting; idle threads go
HEAVY = 10_000_000  # bytes of a body that count as one more: so much lies on the disk at most
PIECE = 64 * 1024  # this much has to come, or to go, within the patience
IN_MEMORY = 512 * 1024  # of a body; a longer one lies in a file
AT_ONCE = 256 * 1024  # an answer up to here goes to the server whole
BODILESS = {"GET", "HEAD", "OPTIONS", "TRACE"}

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Any]


class Intake:
    """A WSGI application that takes in bodies for another one."""

    def __init__(self, application: Application) -> None:
        """Keep the application behind."""
        self.application = application
        self.places = Places(PLACES)
        self.bodies = Waits(WAITING, WAITING_OF_ONE)
        self.readers = Waits(READING, READING_OF_ONE)
        self.watch = Watch(self.bodies, self.readers)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a request."""
        self.watch.begin(int(environ["SERVER_PORT"]))
        body = self._body(environ)
        if body is None:  # they have hung up, or we have
            return _nothing(start_response, "400 Bad Request")
        environ["wsgi.input"] = body
        place = self.places.taken()
        try:
            with body, place.worked_at():
                response = self.application(environ, start_response)
                if not getattr(response, "streaming", True):
                    whole: list[bytes] = [response.content]
                    response.close()
                    place.leave()
                    return whole
        except BaseException:
            place.leave()
            raise
        if isinstance(response, FileResponse):  # no database is needed to read a file
            place.leave()
            return self._file(response, environ, start_response)
        return Sending(response, self.readers, _wait(self.readers, environ), place)

    def _body(self, environ: Environ) -> IO[bytes] | None:
        """Return the body, all of it; an empty one where none will be read, nothing when it did not come."""
        length = str(environ.get("CONTENT_LENGTH") or "0")
        if environ["REQUEST_METHOD"] in BODILESS or not (length.isascii() and length.isdigit()):
            return io.BytesIO()
        if not int(length) or int(length) > _most(environ):
            return io.BytesIO()  # what is too long Django refuses by its length
        wait = _wait(self.bodies, environ, 1 + int(length) // HEAVY)
        if wait is None:
            environ[TURNED_AWAY], environ["CONTENT_LENGTH"] = True, "0"
            return io.BytesIO()
        try:
            return _read(environ["wsgi.input"], int(length), wait)
        finally:
            self.bodies.ended(wait)

    def _file(self, response: FileResponse, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if int(response.headers.get("Content-Length") or AT_ONCE + 1) <= AT_ONCE:
            whole = [b"".join(response)]
            response.close()
            return whole
        wait = _wait(self.readers, environ)
        if wait is None:
            response.close()
            return _nothing(start_response, "503 Service Unavailable", ("Retry-After", "3"))
        return Sending(response, self.readers, wait, None)


class Sending:
    """An answer that is made, or read from a disk, while it is sent; place and wait end with it."""

    def __init__(self, response: Any, waits: Waits, wait: Wait | None, place: Place | None) -> None:
        """Begin; without a place no database is needed."""
        self._response, self._waits, self._wait, self._place = response, waits, wait, place
        self._pieces: Iterator[bytes] = iter(response)

    def __iter__(self) -> Iterator[bytes]:
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece; between two of them the reader is waited for."""
        if self._wait:
            self._wait.pause()
        with self._place.worked_at() if self._place else nullcontext():
            piece = next(self._pieces)
        if self._wait:
            self._wait.again()
        return piece

    def close(self) -> None:
        """Give back what was held; the server says so once, whatever has happened."""
        try:
            with self._place.worked_at() if self._place else nullcontext():
                self._response.close()
        finally:
            self._waits.ended(self._wait)
            if self._place:
                self._place.leave()


def _nothing(start_response: Start, status: str, *headers: tuple[str, str]) -> list[bytes]:
    start_response(status, [("Content-Length", "0"), *headers])
    return [b""]


def _wait(waits: Waits, environ: Environ, weight: int = 1) -> Wait | None:
    return waits.begun(str(environ.get("REMOTE_ADDR", "")), network_in(environ), weight)


def _most(environ: Environ) -> int:
    """Return how long a body may be: forms and JSON are held in memory, uploads are not."""
    is_upload = str(environ.get("CONTENT_TYPE", "")).lower().startswith("multipart/")
    return MOST_BYTES if is_upload else int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


def _read(source: Any, length: int, wait: Wait) -> IO[bytes] | None:
    kept: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by whoever is done with it
    left = length
    while left:
        piece = source.read(min(PIECE, left))
        if not piece:
            kept.close()
            return None
        wait.again()
        left -= len(piece)
        kept.write(piece)
    kept.seek(0)
    return kept
