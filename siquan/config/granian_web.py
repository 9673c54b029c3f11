"""The web processes: everything is loaded once and then forked, so that they share what nobody changes.

The end of standard input says that the database may be asked. Until then everything is loaded that needs
none, while the database starts.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import multiprocessing
import sys
from collections.abc import Sequence


def main(words: Sequence[str]) -> None:
    """Serve until told to stop."""
    options = _options(words)
    gc.disable()  # nothing of what is loaded becomes rubbish
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

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
    Server(
        "siquan.config.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


def _tidy() -> None:
    """Give back what loading has left over, before every process gets a share of it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # only the C library of GNU has it
        ctypes.CDLL(None).malloc_trim(0)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="siquan.config.granian_web")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args(words)


if __name__ == "__main__":
    main(sys.argv[1:])
