"""A flood of strangers' reports from many networks: what staff feel of it, with the limits and without.

The flood comes over 64 connections; every report names another network (as behind a proxy of ours), so that
only the places for strangers hold it back. Meanwhile one member of staff opens the list again and again.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import subprocess
import sys
import time

from benchmarks._installation import ROOT, Installation, running
from benchmarks._load import COUNTER
from benchmarks.serving import _page

CASES = int(os.environ.get("BENCH_CASES", "20000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "15"))
CONNECTIONS, NETWORKS = 64, 5000


def main() -> None:
    """Print the waits of staff: undisturbed, flooded with limits, flooded without."""
    print(f"{'':34} {'list/s':>7} {'median':>9} {'p95':>9}   the flood's answers")
    for limits in ("on", "off"):
        settings = {"SIQUAN_LIMITS": limits, "SIQUAN_PROXIES": "1"}
        with running(CASES, settings=settings) as district:
            staff = _page(district, "/cases/").split(b"\r\n")[2].partition(b": ")[2].decode()
            _show(f"limits {limits}: undisturbed", _staff(district, staff), {})
            flood = _flood(district)
            waits = _staff(district, staff)
            seen = json.loads(flood.communicate(timeout=120)[0])
            answers = {status: count / seen["seconds"] for status, count in seen["statuses"].items()}
            _show(f"limits {limits}: flooded", waits, answers)


def _staff(district: Installation, cookies: str) -> list[float]:
    """Open the list some four times a second over one connection; return the waits in milliseconds."""
    line = http.client.HTTPConnection("127.0.0.1", district.port, timeout=60)
    waits, until = [], time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        begun = time.perf_counter()
        line.request("GET", "/cases/", headers={"Cookie": cookies, "X-Forwarded-For": "10.0.0.1"})
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"staff got {answer.status}")
        waits.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.2)  # faster than anybody reads, slower than a program that is held back
    return sorted(waits)


def _show(name: str, waits: list[float], answers: dict[str, float]) -> None:
    median, p95 = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
    said = ", ".join(f"{rate:.0f}/s {status}" for status, rate in sorted(answers.items()))
    print(f"{name:34} {len(waits) / SECONDS:7.1f} {median:6.0f} ms {p95:6.0f} ms   {said}", flush=True)


def _flood(district: Installation) -> subprocess.Popen[str]:
    """Begin to pour reports from ever new networks over many connections."""
    requests = [_report(district.port, number) for number in range(NETWORKS)]
    order = {"port": district.port, "connections": CONNECTIONS, "seconds": SECONDS + 2, "start": 0}
    order["requests"] = [base64.b64encode(each).decode() for each in requests]
    loader = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert loader.stdin and loader.stdout
    loader.stdin.write(json.dumps(order) + "\n")
    loader.stdin.flush()
    loader.stdout.readline()  # it is warm
    loader.stdin.write("go\n")
    loader.stdin.flush()
    return loader


def _report(port: int, number: int) -> bytes:
    body = json.dumps({"text": f"{COUNTER.decode()} 垃圾堆在路口", "lon": 116.4101, "lat": 39.9301}).encode()
    head = f"POST /api/v1/reports HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    head += f"X-Forwarded-For: 10.1.{number // 250}.{number % 250}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    main()
