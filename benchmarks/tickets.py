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
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.demo import _computing

AT = datetime(2026, 9, 15, 7, 30, tzinfo=UTC)
MANNERS = (
    "来电人表示这个问题已经存在很长时间，一直没有人处理",
    "希望有关部门尽快到现场核实并给出解决办法",
    "之前也向社区反映过，答复说会转给责任单位",
    "周围有老人和孩子，来电人认为很不安全，影响大家出行",
    "要求处理以后给来电人回电话说明结果",
    "来电人不清楚这件事归哪个单位管，请帮助查明",
    "附近居民也都有意见，多次在群里议论这件事",
    "夜间情况更为严重，影响休息，请给予重视",
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

    beside = [0.0]

    def reading() -> int:
        with path.open("rb") as file:
            return sum(1 for _line in TicketFile(file, at=AT).lines())

    def importing() -> str:
        with path.open("rb") as file:
            lines = TicketFile(file, at=AT).lines()
            done = import_tickets(lines, by=None, at=AT, each=lambda _told: beside.append(_held_beside()))
        return f"{done.imported:,} new, {done.needs_place:,} without a place, {done.known:,} known"

    print(f"{count:,} tickets of about 200 characters, {path.stat().st_size / 1e6:.1f} MB packed")
    _timed("read and checked", reading, count, data)
    _timed("imported", importing, count, data)
    _timed("imported again", importing, count, data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"most memory this process held {peak:.0f} MB, the one beside it {max(beside):.0f} MB")


def _timed(what: str, work: Callable[[], Any], count: int, data: Path) -> None:
    before, begun = _computing(data), time.monotonic()
    told = work()
    taken = time.monotonic() - begun
    python, postgres = (b - a for a, b in zip(before, _computing(data), strict=True))
    print(f"{what:<20}{taken:7.1f} s, {count / taken:8,.0f} tickets/s ({told})")
    own, server = python / count * 1e6, postgres / count * 1e6
    print(f"    computing a ticket: python {own:5.0f} µs, postgres {server:5.0f} µs")


def _held_beside() -> float:
    """Return how much memory the children of this process have held at most, in MB."""
    held = 0.0
    for key in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        told = Path(f"/proc/{key}/status").read_text()
        held += sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("VmHWM")) / 1024
    return held


def _write(path: Path, count: int, names: list[str]) -> None:
    """Write letters about what letters are about, over two years; every second names an alley."""
    from siquan.work.cases.suggestion.made import made_letters

    drawn, said, by_label = random.Random(1), made_letters(), defaultdict(list)
    for text, label in zip(said.texts, said.label.tolist(), strict=True):
        by_label[label].append(text)
    matters = list(by_label.values())
    with gzip.open(path, "wt", encoding="gb18030", errors="replace", newline="", compresslevel=1) as file:
        writer = csv.writer(file)
        writer.writerow(["工单编号", "标题", "主要内容", "来电时间", "来电人", "联系电话", "问题分类"])
        for number in range(count):
            words = drawn.choices(drawn.choice(matters), k=4) + drawn.sample(MANNERS, 4)
            place = f"在{drawn.choice(names)}，" if number % 2 else ""
            when = AT - timedelta(minutes=drawn.randrange(1, 2 * 365 * 24 * 60))
            writer.writerow(
                [f"B{number:08}", words[0][:20], place + "。".join(words), f"{when:%Y/%m/%d %H:%M:%S}"]
                + ["张三", "13800000000", "群众诉求"]
            )


if __name__ == "__main__":
    main()
