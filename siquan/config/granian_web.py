"""The web processes: everything is loaded once and then forked, so that they share what nobody changes.

The end of standard input says that the database may be asked. Until then everything is loaded that needs
none, while the database starts.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import logging
import multiprocessing
import resource
import sys
from collections.abc import Sequence
from typing import Any

LINES = 4096  # connections of one process; with fewer, a thousand silent ones kept everybody out


def main(words: Sequence[str]) -> None:
    """Serve until told to stop."""
    options = _options(words)
    gc.disable()  # nothing of what is loaded becomes rubbish
    import granian.server  # noqa: F401 - shared like everything else

    # Where processes are not forked each loads for itself, and loading here would be of no use.
    is_shared = multiprocessing.get_start_method() == "fork"
    if is_shared:
        import siquan.config.wsgi  # noqa: F401 - loads every room
    sys.stdin.buffer.read()
    if is_shared:
        from siquan.config import warming

        warming.warm()
        _tidy()
        gc.freeze()  # no collector walks through the shared pages, which would make them each one's own
    gc.enable()
    server("siquan.config.wsgi:application", options.host, options.port, options.workers).serve()


def server(target: str, host: str, port: int, workers: int) -> Any:
    """Return the server, not yet serving."""
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from siquan.config.intake import THREADS

    _allow_many_lines()
    # It warns of more threads than processors; ours wait, and places are few (config/intake.py).
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    return Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=LINES,
        http=HTTPModes.http1,  # what proxies speak; with HTTP/2 one line brings hundreds of requests
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    )


def _tidy() -> None:
    """Give back what loading has left over, before every process gets a share of it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # only the C library of GNU has it
        ctypes.CDLL(None).malloc_trim(0)


def _allow_many_lines() -> None:
    """Let this process and its children open as many files as the machine allows; each line is one."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 2 * LINES if hard == resource.RLIM_INFINITY else min(hard, 2 * LINES)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="siquan.config.granian_web")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    return parser.parse_args(words)


if __name__ == "__main__":
    main(sys.argv[1:])
