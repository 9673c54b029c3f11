"""Seal and verify a long journal in a database of its own: entries a second, and the computing each costs.

BENCH_ENTRIES says how many (default 500,000). Beside it stands what cannot be cheaper: one SHA-256 for every
entry, and reading each text once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.demo import _computing

AT = datetime(2026, 9, 15, 7, 30, tzinfo=UTC)
CHUNK = 5000
DETAILS = '{"state": "dispatched", "unit": 17, "note": "按责任清单派遣"}'


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="siquan-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account must reach it
    count = int(os.environ.get("BENCH_ENTRIES", "500000"))
    os.environ |= {"SIQUAN_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "siquan.config.settings"}
    from siquan.config.cluster import Cluster

    cluster = Cluster(folder)
    os.environ["DATABASE_URL"] = cluster.start()
    try:
        _measure(count, cluster.data)
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def _measure(count: int, data: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from siquan.base.journal import canonical, seals, services
    from siquan.base.journal.models import By
    from siquan.base.kernel.districts import current_district

    call_command("migrate", verbosity=0)
    for first in range(0, count, CHUNK):
        keys = range(first, min(first + CHUNK, count))
        with transaction.atomic():
            services.copy_many(
                (services.Row(AT, "case.dispatched", "case", key, None, By.SYSTEM, DETAILS) for key in keys),
                react=False,
            )
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze journal_entry")
    print(f"{count:,} entries in transactions of {CHUNK:,}")

    def reading() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"select sum(length({canonical.TEXT})) from journal_entry")

    def hashing() -> None:
        text = b"x" * 200
        for _number in range(count):
            hashlib.sha256(text).digest()

    def verifying() -> None:
        found = seals.verify(current_district())
        assert found.ok, found
        assert (found.entries, found.unsealed) == (count, 0), found

    _timed("reference: text read once", reading, count, data)
    _timed("reference: SHA-256 in Python", hashing, count, data)
    _timed("sealed", lambda: seals.seal(AT), count, data)
    _timed("verified", verifying, count, data)


def _timed(what: str, work: Callable[[], object], count: int, data: Path) -> None:
    before, begun = _computing(data), time.monotonic()
    work()
    taken = time.monotonic() - begun
    python, postgres = ((b - a) / count * 1e6 for a, b in zip(before, _computing(data), strict=True))
    busy = f"computing an entry: python {python:5.2f} µs, postgres {postgres:5.2f} µs"
    print(f"{what:<30}{count / taken:11,.0f} entries/s by the clock; {busy}")


if __name__ == "__main__":
    main()
