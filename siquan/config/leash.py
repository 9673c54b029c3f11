"""Start processes that never outlive the one that started them, not even when that one is killed.

Each runs in a group of its own, so that Ctrl-C reaches siquan only, which then ends them in order. A small
guard waits at the other end of a pipe: when the pipe closes, it ends what is still there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PATIENCE = 10.0  # seconds a process has to end by itself
# Two heaps instead of eight a core: threads of a web process come and go, their heaps stay. What a large
# photo needs while it is decoded (blocks of 16 MB) goes back at once: 29 MB were left after a dozen, not 287.
# The server's own heap (jemalloc) keeps what bodies of requests needed for seconds, unless told otherwise.
# No threads for sums of small matrices: they do not outlive a fork, and wake more slowly than they add.
ALLOCATION = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(8 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(16 * 1024 * 1024),
    "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0",
    "OPENBLAS_NUM_THREADS": "1",
}
CLEARING = 25.0  # seconds the guard of a killed siquan needs at most


class TakenError(RuntimeError):
    """Another siquan works in the folder; the message says what to do."""


class Leash:
    """The processes of one siquan in one folder; there is never a second siquan in the same folder."""

    def __init__(self, folder: Path) -> None:
        self._lock = _lock(folder)
        far, self._near = os.pipe()
        self._guard = subprocess.Popen(  # noqa: S603 - our own words only
            [sys.executable, "-m", "siquan.config.leash", str(folder)],
            stdin=far,
            pass_fds=[self._lock],  # the folder is free again when the guard has done its work
            start_new_session=True,
        )
        os.close(far)

    def start(self, command: Sequence[str], *, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own."""
        environment = ALLOCATION | os.environ
        process = subprocess.Popen(  # noqa: S603 - our own words only
            command, stdin=stdin, start_new_session=True, env=environment
        )
        self._tell(f"+{process.pid}")
        return process

    def end(self, *processes: subprocess.Popen[bytes]) -> None:
        """End processes with all that they started themselves."""
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=PATIENCE)
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
            self._tell(f"-{process.pid}")

    def release(self) -> None:
        """Let the guard go, and the folder with it."""
        os.close(self._near)
        self._guard.wait()
        os.close(self._lock)

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # somebody killed the guard: go on without
            os.write(self._near, f"{line}\n".encode())


def _lock(folder: Path) -> int:
    """Return the open lock file of the folder. Raises TakenError."""
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    until = time.monotonic() + CLEARING
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = os.pread(file, 20, 0).decode().strip()
            # Who is gone left a guard behind that is clearing up: wait for it.
            if time.monotonic() > until or _is_alive(holder):
                os.close(file)
                raise TakenError(
                    f"Another siquan (process {holder}) works in {folder}. Stop it, or choose another --dir."
                ) from None
            time.sleep(0.2)
    os.ftruncate(file, 0)
    os.pwrite(file, str(os.getpid()).encode(), 0)
    return file


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _signal_group(group: int, number: int) -> bool:
    """Send a signal to a group of processes; return whether there is anybody in it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS denies it for a group of zombies
        return False
    return True


def guard(folder: Path) -> None:
    """Wait until siquan lets go of the pipe; then end what it left behind, the database last."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    left = {group for group in groups if _signal_group(group, signal.SIGTERM)}
    until = time.monotonic() + PATIENCE
    while left and time.monotonic() < until:
        time.sleep(0.1)
        left = {group for group in left if _signal_group(group, 0)}
    for group in left:
        _signal_group(group, signal.SIGKILL)
    if groups:
        from siquan.config.cluster import Cluster

        if (folder / "postgres").exists():
            Cluster(folder).stop()


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
