"""Measure places: load the demo district, find points and names: `python benchmarks/places.py`.

Starts a database of its own in a temporary folder. Processor time unless a line says "clock".
"""

import gc
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from siquan.config.cluster import Cluster

ROOT = Path(__file__).resolve().parent.parent
MANY = 500_000
ROUNDS = 2_000
TYPED = ("安", "安定门", "安定门内大阶", "史加胡同", "王府井大街", "東四 十条", "没有这个地方", "公园")


def best(work: Callable[[], object], runs: int = 3) -> float:
    """Return the shortest processor time of a few runs."""
    taken = []
    for _run in range(runs):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


MEMORY = """
import django, resource
django.setup()
from pathlib import Path
from django.utils import timezone
from siquan.city.places import gazetteer, geography, models
def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
models.Division.objects.count()
before = held()
geography.boundaries(timezone.localdate()); gazetteer.names()
print(f"{held() - before:9.0f} MB more, {held():.0f} MB in all")
"""


def in_a_fresh_process() -> str:
    """Return the memory that boundaries and names take in a process that does nothing else (Linux)."""
    command = [sys.executable, "-c", MEMORY]
    return subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, check=True, text=True).stdout.strip("\n")


def main() -> None:
    """Measure with a database of our own, and print the machine and one line per measurement."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIQUAN_DIR"] = folder
        Path(folder).chmod(0o755)  # run as root, PostgreSQL works under an account of its own
        cluster = Cluster(Path(folder))
        os.environ["DATABASE_URL"] = cluster.start()
        try:
            rows = measured(Path(folder))
        finally:
            cluster.stop()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name, figure in rows.items():
        print(f"{name:44}{figure}")


def measured(folder: Path) -> dict[str, str]:
    """Return name and figure of everything measured."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    import siquan.demo
    from siquan.base.kernel.coordinates import Datum
    from siquan.city.places import gazetteer, geography, queries, services
    from siquan.city.places.management.commands.places_load import SINCE_EVER

    call_command("migrate", verbosity=0)
    data, today = Path(siquan.demo.__file__).parent / "data", timezone.localdate()
    rows: dict[str, str] = {}

    def load() -> object:
        return services.load_geography(data, on=SINCE_EVER, by=None, at=timezone.now())

    begun = time.perf_counter()
    loaded = load()
    rows["load the demo district"] = f"{time.perf_counter() - begun:9.1f} s (clock)"
    begun = time.perf_counter()
    load()
    rows["load it again"] = f"{time.perf_counter() - begun:9.1f} s (clock)"
    gc.collect()
    begun = time.perf_counter()
    ground = geography.boundaries(today)
    rows["boundaries into memory"] = f"{time.perf_counter() - begun:9.2f} s (clock)"
    begun = time.perf_counter()
    names = gazetteer.names()
    rows["names into memory"] = f"{time.perf_counter() - begun:9.2f} s (clock)"
    rows["memory of both"] = in_a_fresh_process()

    chance = np.random.default_rng(7)
    lons, lats = chance.uniform(116.368, 116.446, MANY), chance.uniform(39.858, 39.974, MANY)
    for datum in Datum:
        taken = best(lambda datum=datum: queries.locate_many(lons, lats, datum=datum, on=today))
        rows[f"locate_many, {datum.label}"] = f"{MANY / taken:9,.0f} points/s"
    some = list(zip(lons[:ROUNDS].tolist(), lats[:ROUNDS].tolist(), strict=True))
    taken = best(lambda: [queries.locate(lon, lat, on=today) for lon, lat in some])
    rows["locate, one point"] = f"{taken / ROUNDS * 1e6:9.0f} µs"
    for typed in TYPED:
        taken = best(lambda typed=typed: [names.search(typed, limit=10, near=None) for _ in range(50)])
        rows[f"search {typed}"] = f"{taken / 50 * 1000:9.1f} ms"
    letter = "您好，我住在安定门内大街附近，史家胡同的垃圾没有人管，请尽快处理。" * 20
    taken = best(lambda: [names.read(letter) for _ in range(50)])
    rows[f"read a letter of {len(letter)} characters"] = f"{taken / 50 * 1000:9.1f} ms"

    lines = "".join(f"{lon:.6f},{lat:.6f}\n" for lon, lat in zip(lons, lats, strict=True)).encode()
    begun, worked = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = [sys.executable, "-m", "siquan", "places", "locate"]
    ran = subprocess.run(command, input=lines, stdout=subprocess.PIPE, cwd=ROOT, check=True)
    whole = time.perf_counter() - begun
    worked = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - worked
    rows[f"siquan places locate, {MANY:,} lines"] = (
        f"{MANY / worked:9,.0f} lines/s ({MANY / whole:,.0f} by the clock)"
    )
    assert ran.stdout.count(b"\n") == MANY
    assert loaded and ground.version
    return rows


if __name__ == "__main__":
    main()
