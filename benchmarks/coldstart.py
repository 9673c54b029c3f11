"""Start a district that is there already: seconds from the command until it answers, median of five.

BENCH_CASES says how many cases it has (default 20,000), BENCH_DIR keeps it for the next time. Beside it is
what a start needs anyway, in the same run: `import django` in a fresh Python, and the start of PostgreSQL.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks._installation import ROOT, Installation, running
from siquan.config.cluster import Cluster

ROUNDS = 5
REPORT = {"text": "路灯不亮，晚上看不见路", "lon": 116.4195, "lat": 39.9275, "datum": "WGS84"}
LIST = "/api/v1/cases?limit=50"


def main() -> None:
    """Measure and print."""
    cases = int(os.environ.get("BENCH_CASES", "20000"))
    kept = os.environ.get("BENCH_DIR")
    folder = Path(kept or tempfile.mkdtemp(prefix="siquan-bench-"))
    os.environ["BENCH_DIR"] = str(folder)
    try:
        _measure(cases, folder)
    finally:
        if not kept:
            shutil.rmtree(folder)


def _measure(cases: int, folder: Path) -> None:
    with running(cases) as district:  # builds it on the first time
        token = district.token()
    taken: dict[str, list[float]] = {}
    for _round in range(ROUNDS):
        with running(cases) as district:
            taken.setdefault("the command says ready", []).append(district.ready_after)
            spent = district.computing()
            taken.setdefault("  computing until then", []).append(sum(spent.values()))
            for what, ask in {
                "the first home page": lambda: _ask(district, "/"),
                "the first report": lambda: _ask(district, "/api/v1/reports", body=REPORT),
                "the first list of 50": lambda: _ask(district, LIST, token=token),
            }.items():
                taken.setdefault(f"  then {what}", []).append(_seconds(ask))
            memory = district.memory_mb("web")
    cluster = Cluster(folder)
    for _round in range(ROUNDS):
        django = [sys.executable, "-c", "import django, django.db.models"]
        taken.setdefault("reference: import django", []).append(
            _seconds(lambda command=django: subprocess.run(command, check=True, cwd=ROOT))
        )
        taken.setdefault("reference: PostgreSQL's start", []).append(_seconds(cluster.start))
        cluster.stop()
    print(f"a district of {cases:,} cases, {ROUNDS} starts")
    for what, each in taken.items():
        print(f"{what:<34}{statistics.median(each):6.2f} s   (from {min(each):.2f} to {max(each):.2f})")
    base = statistics.median(taken["reference: import django"])
    base += statistics.median(taken["reference: PostgreSQL's start"])
    print(
        f"of the two references together    {statistics.median(taken['the command says ready']) / base:6.1f}"
    )
    for resident, share in memory:
        print(f"a web process, just started: {resident:4.0f} MB resident, {share:4.0f} MB its share (PSS)")


def _seconds(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _ask(
    district: Installation, path: str, *, body: dict[str, object] | None = None, token: str = ""
) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(time.monotonic_ns())}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        f"http://127.0.0.1:{district.port}{path}", json.dumps(body).encode() if body else None, headers
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


if __name__ == "__main__":
    main()
