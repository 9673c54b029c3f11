"""Child processes for heavy or dangerous work: a fresh Python that answers through pipes, and dies alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

Child = subprocess.Popen[bytes]

_ROOT: Final = Path(__file__).resolve().parents[3]
# Told to stop, the whole group hears it; the child leaves it to its starter to end it, so that what is
# interrupted can be told from what failed. It does so before anything else is loaded. When its starter was
# killed there is nobody to answer, and nothing to say about that.
_CODE: Final = """
import importlib, os, signal, sys
for each in (signal.SIGTERM, signal.SIGINT):
    signal.signal(each, signal.SIG_IGN)
root, name, *rooms = sys.argv[1:]
sys.path.insert(0, root)
if rooms:
    importlib.import_module("django").setup()
try:
    importlib.import_module(name).answer()
except BrokenPipeError:
    os._exit(1)
"""


def start(module: str, *, with_rooms: bool = False, environment: Mapping[str, str] | None = None) -> Child:
    """Start a child that runs `answer()` of a module of ours, with the rooms' tables loaded if asked."""
    command = [sys.executable, "-I", "-c", _CODE, str(_ROOT), module, *(["rooms"] if with_rooms else [])]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | (environment or {})
    )


def end(child: Child) -> None:
    """End a child, whatever it is at."""
    child.kill()
    for pipe in (child.stdin, child.stdout):
        with suppress(OSError):
            pipe.close()  # type: ignore[union-attr]
    child.wait()


def channel() -> tuple[IO[bytes], IO[bytes]]:
    """Return what the child reads its orders from and writes its answers to; prints go elsewhere."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get into the answers
    return sys.stdin.buffer, answers


def be_modest(*, nice: int, memory_bytes: int) -> None:
    """Make this process nice in a session of its own, with so many bytes of addresses and no core dump."""
    import resource

    os.nice(nice)
    # Linux counts niceness among the processes of a session only, unless the session itself is nice.
    with suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(nice))
    with suppress(ValueError, OSError):  # macOS refuses a limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
