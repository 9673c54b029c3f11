"""Learn in a process of its own, behind everybody else.

As a module it offers `Learner`, which keeps such a child; `answer` is the child. It is told texts and labels,
reads the model in use and writes the new one; it knows no database. Both talk in lines of JSON. The child
ends when its input does: whoever started it is gone, or wants no model any more.
"""

from __future__ import annotations

import io
import json
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from siquan.base.kernel import children
from siquan.work.cases.suggestion.retraining import Lesson

PATIENCE: Final = 4 * 3600.0  # seconds, on a machine that has other things to do
BEAT: Final = 1.0  # seconds between two words with whoever waits
MEMORY_BYTES: Final = 6 * 1024**3  # of addresses
NICE: Final = 19

Heard = Callable[[int], bool]


class CannotLearn(Exception):
    """The child failed, crashed, or took too long."""


class Interrupted(Exception):
    """We are to stop, or nobody waits for the model any more."""


@dataclass(frozen=True)
class Order:
    """What is to be learned from, beside which made texts, compared with which model, written where."""

    lessons: tuple[Lesson, ...]
    made: str
    in_use: str
    target: str
    about: dict[str, Any]


@dataclass(frozen=True)
class Learned:
    """What came of it: the model's version, how many letters it learned, the comparison as plain numbers."""

    version: str
    letters: int
    against: str
    comparison: dict[str, Any]


class Learner:
    """Keeps one child at a time; any other thread may `stop` it."""

    def __init__(self) -> None:
        self._is_stopped = False
        self._child: children.Child | None = None

    def learn(self, order: Order, *, heard: Heard) -> Learned:
        """Learn, and return what came of it; the model lies at the order's target.

        `heard` is told every second how many steps are done; once it answers False, that is the end.
        Raises `CannotLearn`, `Interrupted`, and whatever `heard` raises.
        """
        if self._is_stopped:
            raise Interrupted
        environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        child = self._child = children.start("siquan.work.cases.suggestion.learner", environment=environment)
        try:
            if self._is_stopped:  # while the child was started, so that nobody could end it yet
                raise Interrupted
            return _asked(child, order, heard)
        except (OSError, EOFError, ValueError) as error:  # a broken pipe, or half an answer
            if self._is_stopped:
                raise Interrupted from error
            raise CannotLearn("the process that learns has crashed") from error
        finally:
            self._child = None
            children.end(child)

    def stop(self) -> None:
        """Interrupt what is being learned, and begin nothing more."""
        self._is_stopped = True
        if child := self._child:
            child.kill()


def _asked(child: children.Child, order: Order, heard: Heard) -> Learned:
    assert child.stdin
    assert child.stdout
    child.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
    child.stdin.flush()  # and stays open: its end is the child's
    steps = 0
    for line in _lines(child.stdout, until=time.monotonic() + PATIENCE):
        told = json.loads(line) if line else {}
        if problem := told.get("problem"):
            raise CannotLearn(problem)
        if done := told.get("learned"):
            return Learned(**done)
        steps += "step" in told
        if not heard(steps):
            raise Interrupted
    raise EOFError


def _lines(pipe: IO[bytes], *, until: float) -> Iterator[bytes]:
    """Give each line as it comes, and nothing (an empty one) when none has come for a while."""
    left = b""
    while time.monotonic() < until:
        if not select.select([pipe], [], [], BEAT)[0]:
            yield b""
            continue
        got = os.read(pipe.fileno(), 65536)
        if not got:
            return
        *lines, left = (left + got).split(b"\n")
        yield from lines
    raise CannotLearn("it has taken too long")


def answer() -> None:
    """Be the child: learn what the one line on standard input says."""
    children.be_modest(nice=NICE, memory_bytes=MEMORY_BYTES)
    source, out = children.channel()
    told = json.loads(source.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()

    def tell(**words: Any) -> None:
        out.write(json.dumps(words).encode() + b"\n")
        out.flush()

    try:
        lessons = tuple(Lesson(**each) for each in told.pop("lessons"))
        tell(learned=asdict(_learn(Order(lessons, **told), say=lambda words: tell(step=words))))
    except Exception as error:  # whoever waits decides what follows; no word of a letter is told
        tell(problem=type(error).__name__)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _learn(order: Order, *, say: Callable[[str], None]) -> Learned:
    from siquan.work.cases.suggestion import modelfile
    from siquan.work.cases.suggestion.comparing import as_plain
    from siquan.work.cases.suggestion.retraining import retrain

    in_use, against = None, ""
    with suppress(OSError, modelfile.NotAModel):
        content = Path(order.in_use).read_bytes()
        in_use = modelfile.load(io.BytesIO(content))
        against = modelfile.version_of(content)
    model, comparison = retrain(order.lessons, in_use, about=order.about, say=say, made=Path(order.made))
    target = Path(order.target)
    modelfile.save_to(model, target)
    version = modelfile.version_of(target.read_bytes())
    return Learned(version, model.about["letters"], against, as_plain(comparison))
