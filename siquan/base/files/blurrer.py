"""Blur pictures in a process of their own: a crash, a hang, too much memory cost one picture, not the worker.

As a module it offers `Blurrer`, which keeps such a child and talks to it through pipes; `answer` is the
child. It reads an original's bytes and answers with facts, the blurred picture and its thumbnail; it knows
no database and no key.
"""

from __future__ import annotations

import json
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Final

from siquan.base.kernel import children

PATIENCE: Final = 300.0  # seconds for one picture, on a machine that has other things to do
IDLE: Final = 60.0  # seconds after which an idle child gives its memory back
MOST_PICTURES: Final = 200  # after which a child is replaced, whatever it may have piled up
MEMORY_BYTES: Final = 4 * 1024**3  # of addresses; about 0.6 GB are really used
NICE: Final = 15  # everything else on the machine goes first
THUMBNAIL_SIDE: Final = 320
_LENGTHS: Final = struct.Struct(">II")  # bytes of the areas marked by hand, original
_HEAD: Final = struct.Struct(">III")  # bytes of facts, picture, thumbnail


Areas = Sequence[tuple[int, int, int, int]]


class CannotBlur(Exception):
    """The child refused the picture, crashed, or took too long; the picture stays unseen."""


class Interrupted(Exception):
    """We are to stop: nothing is wrong with the picture, and its turn comes again."""


@dataclass(frozen=True, slots=True)
class Blurred:
    """A picture in which nobody can be recognised, and what was found on the way."""

    picture: bytes
    thumbnail: bytes
    width: int
    height: int
    faces: int
    plates: int
    likeness: int
    detector: str


class Blurrer:
    """Keeps one child; not for several threads at once, but any thread may `stop` it."""

    def __init__(self) -> None:
        self._is_stopped = False
        self._child: children.Child | None = None
        self._served = 0
        self._used_at = 0.0

    def blur(self, original: bytes, areas: Areas = ()) -> Blurred:
        """Return the blurred picture of an original, these areas covered too.

        Raises `CannotBlur`, `Interrupted`.
        """
        if self._is_stopped:
            raise Interrupted
        child = self._child_at_work()
        if self._is_stopped:  # while the child was started, so that nobody could end it yet
            self.close()
            raise Interrupted
        clock = threading.Timer(PATIENCE, child.kill)
        clock.start()
        try:
            return _asked(child, original, areas)
        except (OSError, EOFError, ValueError) as error:  # a broken pipe, or half an answer
            self.close()
            if self._is_stopped:
                raise Interrupted from error
            raise CannotBlur("the process that blurs has crashed or taken too long") from error
        finally:
            clock.cancel()
            self._used_at = time.monotonic()

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child:
            children.end(child)

    def stop(self) -> None:
        """Interrupt what is being blurred, and begin nothing more."""
        self._is_stopped = True
        if child := self._child:
            child.kill()

    def close_when_idle(self) -> None:
        """End a child that has had nothing to do for a minute."""
        if self._child and time.monotonic() - self._used_at > IDLE:
            self.close()

    def _child_at_work(self) -> children.Child:
        if self._child and (self._served >= MOST_PICTURES or self._child.poll() is not None):
            self.close()
        if self._child is None:
            self._child = children.start("siquan.base.files.blurrer")
            self._served = 0
        self._served += 1
        return self._child


def _asked(child: children.Child, original: bytes, areas: Areas) -> Blurred:
    assert child.stdin
    assert child.stdout
    marked = json.dumps(list(areas)).encode()
    child.stdin.write(_LENGTHS.pack(len(marked), len(original)) + marked + original)
    child.stdin.flush()
    lengths = _HEAD.unpack(_exactly(child.stdout, _HEAD.size))
    facts, picture, thumbnail = (_exactly(child.stdout, length) for length in lengths)
    told = json.loads(facts)
    if problem := told.get("problem"):
        raise CannotBlur(problem)
    return Blurred(picture=picture, thumbnail=thumbnail, **told)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    read = pipe.read(length)
    if len(read) < length:
        raise EOFError
    return read


def answer() -> None:
    """Be the child: blur what comes in on standard input until it ends."""
    children.be_modest(nice=NICE, memory_bytes=MEMORY_BYTES)
    source, target = children.channel()
    while head := source.read(_LENGTHS.size):
        marked, original = (source.read(length) for length in _LENGTHS.unpack(head))
        try:
            facts, picture, thumbnail = blur(original, json.loads(marked))
        except Exception as error:  # the parent decides what follows; nothing of the picture is told
            facts, picture, thumbnail = {"problem": type(error).__name__}, b"", b""
        told = json.dumps(facts).encode()
        target.write(_HEAD.pack(len(told), len(picture), len(thumbnail)) + told + picture + thumbnail)
        target.flush()


def blur(original: bytes, areas: Areas = ()) -> tuple[dict[str, object], bytes, bytes]:
    """Return the facts, the blurred picture and its thumbnail, both as JPEG."""
    from siquan.base.files import blurring, detection, likeness, pictures

    bare = pictures.bare_pixels(original)
    found = detection.find(bare)
    safe = blurring.blurred(bare, found, areas)
    facts = {
        "width": safe.width,
        "height": safe.height,
        "faces": detection.count(found.faces),
        "plates": detection.count(found.plates),
        # Of what is shown, so that the number says nothing of what was hidden.
        "likeness": likeness.likeness(safe),
        "detector": detection.VERSION,
    }
    return facts, pictures.as_jpeg(safe), pictures.as_jpeg(safe, side=THUMBNAIL_SIDE)
