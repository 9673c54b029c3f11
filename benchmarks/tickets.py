"""Import a file of hotline tickets into a database of its own, twice: tickets a second, computing, memory.

BENCH_TICKETS says how many (default 20,000). On a machine that others use too, look at the computing.
"""

from __future__ import annotations

import csv
import gzip
import os
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.demo import _computing

AT = datetime(2026, 9, 15, 7, 30, tzinfo=UTC)
WORDS = (
    "路灯不亮 井盖松动 垃圾没有清运 楼道堆物 噪音扰民 违规停车 下水道堵塞 围挡破损 "
    "希望有关部门尽快处理 已经反映多次"
)


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="siquan-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account must reach it
    count = int(os.environ.get("BENCH_TICKETS", "20000"))
    os.environ |= {"SIQUAN_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "siquan.config.settings"}
    from siquan.config.cluster import Cluster

    cluster = Cluster(folder)
    os.environ["DATABASE_URL"] = cluster.start()
    try:
        _measure(count, folder, cluster.data)
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def _measure(count: int, folder: Path, data: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from siquan.city.places.models import Site
    from siquan.city.places.services import load_geography
    from siquan.city.rules.services import load_pack
    from siquan.demo import district
    from siquan.work.cases.imports.tickets import TicketFile
    from siquan.work.cases.services.importing import import_tickets

    call_command("migrate", verbosity=0)
    load_geography(district.HERE / "data", on=district.IN_FORCE, by=None, at=AT)
    load_pack(district.HERE / "pack", by=None, at=AT)
    names = list(Site.objects.filter(kind="alley").values_list("name", flat=True))
    path = folder / "tickets.csv.gz"
    _write(path, count, names)

    def reading() -> int:
        with path.open("rb") as file:
            return sum(1 for _line in TicketFile(file, at=AT).lines())

    def importing() -> str:
        with path.open("rb") as file:
            done = import_tickets(TicketFile(file, at=AT).lines(), by=None, at=AT)
        return f"{done.imported:,} new, {done.needs_place:,} without a place, {done.known:,} known"

    print(f"{count:,} tickets of about 200 characters, {path.stat().st_size / 1e6:.1f} MB packed")
    _timed("read and checked", reading, count, data)
    _timed("imported", importing, count, data)
    _timed("imported again", importing, count, data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    beside = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"most memory this process held {peak:.0f} MB, the one beside it {beside:.0f} MB")


def _timed(what: str, work: Callable[[], Any], count: int, data: Path) -> None:
    before, begun = _computing(data), time.monotonic()
    told = work()
    taken = time.monotonic() - begun
    python, postgres = (b - a for a, b in zip(before, _computing(data), strict=True))
    print(f"{what:<20}{taken:7.1f} s, {count / taken:8,.0f} tickets/s ({told})")
    own, server = python / count * 1e6, postgres / count * 1e6
    print(f"    computing a ticket: python {own:5.0f} µs, postgres {server:5.0f} µs")


def _write(path: Path, count: int, names: list[str]) -> None:
    drawn = random.Random(1)
    words = WORDS.split()
    with gzip.open(path, "wt", encoding="gb18030", newline="", compresslevel=1) as file:
        writer = csv.writer(file)
        writer.writerow(["工单编号", "标题", "主要内容", "来电时间", "来电人", "联系电话", "问题分类"])
        for number in range(count):
            said = "，".join(drawn.choices(words, k=25))
            place = f"在{drawn.choice(names)}，" if number % 2 else ""
            day = f"2026/{1 + number % 8}/{1 + number % 28} 10:53:47"
            writer.writerow(
                [f"B{number:08}", said[:12], place + said, day, "张三", "13800000000", "群众诉求"]
            )


if __name__ == "__main__":
    main()
