"""Hang up on those who keep us waiting: bodies that do not come, answers nobody reads, lines that lie idle.

The server knows a limit for headers, none for bodies, answers and silence, and does not tell a request from
which port it came. So a line is found by what it cannot hide: it leads to the address that keeps us waiting,
and nothing has been sent on it for as long as we have waited. Such a line is that one, or one that lies idle.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

LOOK_EVERY = 2.0  # seconds
CROWD = 512  # lines of one process; with more of them the idle ones are in the way
IDLE_SECONDS = 15.0  # in a crowd
TCP_INFO_BYTES = 104
# In the `struct tcp_info` of Linux: milliseconds since the last byte went out, and since the last came in.
MOVED = struct.Struct("44x I 4x I")
HELD = Path("/proc/self/fd")  # what this process has open


class Wait:
    """One thread's waiting for one network."""

    def __init__(self, address: str, network: str, weight: int) -> None:
        """Begin to wait now."""
        self.address, self.network, self.weight = address, network, weight
        self.since: float | None = time.monotonic()

    def again(self) -> None:
        """Begin anew: something has come, or gone."""
        self.since = time.monotonic()

    def pause(self) -> None:
        """Wait for nobody: we are the ones who are busy."""
        self.since = None


class Waits:
    """Everybody a process waits for: so much in all, and so much for one network."""

    def __init__(self, most: int, most_of_one: int) -> None:
        """Begin with nobody."""
        self._most, self._most_of_one = most, most_of_one
        self._lock = threading.Lock()
        self._all: set[Wait] = set()
        self._of: Counter[str] = Counter()

    def begun(self, address: str, network: str, weight: int = 1) -> Wait | None:
        """Return a new wait, nothing when there are too many; who is alone may be as heavy as they like."""
        with self._lock:
            before = self._of[network]
            if before and before + weight > self._most_of_one:
                return None
            if self._all and self._of.total() + weight > self._most:
                return None
            wait = Wait(address, network, weight)
            self._all.add(wait)
            self._of[network] += weight
            return wait

    def ended(self, wait: Wait | None) -> None:
        """Forget one; twice is once."""
        with self._lock:
            if wait in self._all:
                self._all.discard(wait)
                self._of[wait.network] -= wait.weight
                self._of = +self._of

    def overdue(self, seconds: float) -> set[str]:
        """Return the addresses that have kept us waiting for longer than that."""
        before = time.monotonic() - seconds
        with self._lock:
            return {each.address for each in self._all if each.since is not None and each.since < before}


class Watch:
    """A thread that looks every few seconds whether there is somebody to hang up on."""

    def __init__(self, *waits: Waits) -> None:
        """Remember for whom to look."""
        self._waits = waits
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, port: int) -> None:
        """Look on from now on at the lines that came in at this port: once in a process, after the fork."""
        if self._thread is None and sys.platform == "linux":  # elsewhere limits alone have to do
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._look_on, args=[port], daemon=True)
                    self._thread.start()

    def _look_on(self, port: int) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            with suppress(OSError):
                self.look(port)

    def look(self, port: int) -> int:
        """Hang up on whom we have waited for long enough, and on idle lines in a crowd; return how many."""
        patience = settings.PATIENCE_SECONDS
        late = {address for each in self._waits for address in each.overdue(patience)}
        count = hang_up(port, lambda line: line.address in late and line.sent_ago >= patience) if late else 0
        if len(list(HELD.iterdir())) > CROWD:
            count += hang_up(port, lambda line: min(line.sent_ago, line.came_ago) >= IDLE_SECONDS)
        return count


class Line(NamedTuple):
    """One connection somebody has opened to us, and how many seconds ago something moved on it."""

    address: str
    sent_ago: float
    came_ago: float


def hang_up(port: int, on: Callable[[Line], bool]) -> int:
    """Close the lines of this process to which a question says yes; return how many."""
    count = 0
    for end in _ends(list(HELD.iterdir())):
        with end, suppress(OSError):
            if end.type != socket.SOCK_STREAM or end.family not in {socket.AF_INET, socket.AF_INET6}:
                continue
            if end.getsockname()[1] != port:
                continue
            raw = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
            sent, came = MOVED.unpack_from(raw)
            if on(Line(str(end.getpeername()[0]), sent / 1000, came / 1000)):
                end.shutdown(socket.SHUT_RDWR)
                count += 1
    return count


def _ends(held: Iterable[Path]) -> Iterator[socket.socket]:
    """Yield a second handle of every socket this process holds."""
    for each in held:
        with suppress(OSError):
            if str(each.readlink()).startswith("socket:"):
                yield socket.socket(fileno=os.dup(int(each.name)))
