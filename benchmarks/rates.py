"""Reckon the three rates of a year of 50,000 cases in a database of its own; read the pages' figures.

BENCH_CASES says how many (default 50,000). On a machine that others use too, look at the computing.
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
UNTIL = datetime.fromisoformat("2026-12-31T18:00:00+08:00")


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="siquan-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account must reach it
    os.environ |= {"SIQUAN_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "siquan.config.settings"}
    from siquan.config.cluster import Cluster

    cluster = Cluster(folder)
    os.environ["DATABASE_URL"] = cluster.start()
    try:
        _measure(int(os.environ.get("BENCH_CASES", "50000")))
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def _measure(cases: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from siquan.base.kernel.periods import parse_period
    from siquan.demo import district
    from siquan.insight.scoring import queries, services
    from siquan.insight.scoring.models import Rate, Tally
    from siquan.work.cases.models import Case

    call_command("migrate", verbosity=0)
    district.build(cases=cases, seed=1, at=UNTIL, is_quiet=True)
    period = parse_period("2026")
    closed = Case.objects.filter(closed_at__gte=period.start, closed_at__lt=period.end).count()
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    print(f"{closed:,} cases closed in the period, of {cases:,}")
    for code in ("2026", "2026", "2026-11"):
        begun, python, server = time.monotonic(), _own(), _of(backend)
        made = services.reckon(code, at=UNTIL)
        rows = (Rate.objects.filter(reckoning=made).count(), Tally.objects.filter(reckoning=made).count())
        wall, own, other = time.monotonic() - begun, _own() - python, _of(backend) - server
        print(f"reckon {code:<8}{wall:6.2f} s wall, computing {own:5.2f} s Python, {other:5.2f} s PostgreSQL")
        print(f"               {rows[0]} figures from {rows[1]} lists")
    begun = time.monotonic()
    for _each in range(10):
        queries.board(period)
    print(f"read the board of a page   {(time.monotonic() - begun) * 100:6.1f} ms")


def _own() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _of(process: int) -> float:
    """Return the seconds of computing of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main()
