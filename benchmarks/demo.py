"""Build a demo district in a database of its own: cases a second, and the computing that each costs.

BENCH_CASES says how many (default 100,000). On a machine that others use too, look at the computing: on idle
cores the time a case takes comes near to it, divided by the cores.
"""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
UNTIL = datetime.fromisoformat("2026-09-15T15:30:00+08:00")


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="siquan-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account must reach it
    cases = int(os.environ.get("BENCH_CASES", "100000"))
    os.environ |= {"SIQUAN_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "siquan.config.settings"}
    from siquan.config.cluster import Cluster

    cluster = Cluster(folder)
    os.environ["DATABASE_URL"] = cluster.start()
    try:
        _measure(cases, cluster.data)
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def _measure(cases: int, data: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from siquan.demo import district, loading, stories

    call_command("migrate", verbosity=0)
    figures: dict[str, float] = {}
    load = loading.load

    def timed_load(*args: object, **options: object) -> int:
        before, begun = _computing(data), time.monotonic()
        written = load(*args, **options)  # type: ignore[arg-type]
        connections.close_all()
        figures["seconds"] = time.monotonic() - begun
        after = _computing(data)
        figures["python"], figures["postgres"] = (b - a for a, b in zip(before, after, strict=True))
        return written

    district.load = timed_load  # type: ignore[attr-defined]
    begun = time.monotonic()
    district.build(cases=cases, seed=1, at=UNTIL, is_quiet=True)
    bulk = cases - stories.count_for(cases)
    print(f"district with {cases:,} cases built in     {time.monotonic() - begun:8.1f} s")
    rate = bulk / figures["seconds"]
    print(f"the year of cases, indexes included   {figures['seconds']:8.1f} s, {rate:,.0f} cases/s")
    for name in ("python", "postgres"):
        print(f"computing in {name:<25}{figures[name] / bulk * 1e6:8.0f} µs a case")
    total = (figures["python"] + figures["postgres"]) / bulk
    print(f"so two idle cores make               {2 / total:8,.0f} cases/s")


def _computing(data: Path) -> tuple[float, float]:
    """Return the seconds of computing so far of this process with its children, and of PostgreSQL."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    server = (data / "postmaster.pid").read_text().splitlines()[0]
    if not Path("/proc").is_dir():
        return own, 0.0
    ticks = sum(_ticks(server)[1:])
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent, *spent = _ticks(path.parent.name)
        except OSError:  # has just ended
            continue
        ticks += sum(spent[:2]) if parent == int(server) else 0
    return own, ticks / TICKS


def _ticks(pid: str) -> list[int]:
    """Return parent, own time (user, system) and that of ended children (user, system)."""
    fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
    return [int(fields[1]), *map(int, fields[11:15])]


if __name__ == "__main__":
    main()
