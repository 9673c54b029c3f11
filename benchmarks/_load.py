"""Load from a process of its own: prepared HTTP requests over kept connections, each waited for.

Reads one order (JSON, one line) from standard input, warms up, says so, waits for a line, and prints one JSON
line: requests, seconds, answers by status, latencies (median, 95th, 99th percentile, ms), own computing.
"""

from __future__ import annotations

import base64
import json
import resource
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

COUNTER = b"@@@@@@@@@@"  # in a request: replaced by a number nobody else has
READ = 1 << 16
WARM_UP = 2.0  # seconds; not counted


@dataclass
class Line:
    """One connection and the answer it waits for."""

    socket: socket.socket
    sent_at: float = 0.0
    got: bytearray = field(default_factory=bytearray)
    needs: int = -1  # bytes of the whole answer, as soon as its head has come


@dataclass
class Result:
    """What has been seen so far."""

    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    first_refused: str = ""


class Load:
    """Sends prepared requests in turn over many connections until the time is over."""

    def __init__(self, *, port: int, connections: int, requests: list[bytes], start: int) -> None:
        self.port, self.requests, self.sent = port, requests, 0
        self.start = start
        self.selector = selectors.DefaultSelector()
        self.lines = [self._connect() for _ in range(connections)]
        self.result = Result()

    def _connect(self) -> Line:
        line = Line(socket.create_connection(("127.0.0.1", self.port), timeout=30))
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(line.socket, selectors.EVENT_READ, line)
        return line

    def run(self, seconds: float) -> Result:
        """Send and read until then; answers that are still on their way are waited for."""
        until = time.perf_counter() + seconds
        waiting = len(self.lines)
        for line in self.lines:
            self._send(line)
        while waiting:
            for key, _events in self.selector.select(timeout=30) or _silent():
                if self._read(key.data):
                    if time.perf_counter() < until:
                        self._send(key.data)
                    else:
                        waiting -= 1
        return self.result

    def _send(self, line: Line) -> None:
        request = self.requests[self.sent % len(self.requests)]
        if COUNTER in request:
            request = request.replace(COUNTER, b"%010d" % (self.start + self.sent))
        self.sent += 1
        line.got.clear()
        line.needs = -1
        line.sent_at = time.perf_counter()
        line.socket.sendall(request)

    def _read(self, line: Line) -> bool:
        """Take in what has come; tell whether the answer is whole."""
        piece = line.socket.recv(READ)
        if not piece:
            raise ConnectionError("the server closed the connection")
        line.got += piece
        if line.needs < 0:
            end = line.got.find(b"\r\n\r\n")
            if end < 0:
                return False
            line.needs = end + 4 + _length(bytes(line.got[:end]))
        if len(line.got) < line.needs:
            return False
        self.result.latencies.append(time.perf_counter() - line.sent_at)
        status = int(line.got[9:12])
        self.result.statuses[status] = self.result.statuses.get(status, 0) + 1
        if status >= 400 and not self.result.first_refused:
            self.result.first_refused = line.got.decode("utf-8", "replace")[:800]
        return True


def _length(head: bytes) -> int:
    for each in head.split(b"\r\n"):
        name, _colon, value = each.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without content-length: " + head.decode("latin-1"))


def _silent() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError("no answer within 30 s")


def _computing() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Carry out one order."""
    order = json.loads(sys.stdin.readline())
    requests = [base64.b64decode(each) for each in order["requests"]]
    load = Load(port=order["port"], connections=order["connections"], requests=requests, start=order["start"])
    load.run(WARM_UP)
    load.result = Result()
    print("warm", flush=True)
    sys.stdin.readline()
    begun, spent = time.perf_counter(), _computing()
    result = load.run(order["seconds"])
    seconds = time.perf_counter() - begun
    times = sorted(result.latencies)
    answer = {
        "requests": len(times),
        "seconds": seconds,
        "statuses": result.statuses,
        "first_refused": result.first_refused,
        "computing": _computing() - spent,
        "median_ms": times[len(times) // 2] * 1000,
        "p95_ms": times[int(len(times) * 0.95)] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
