"""Measure the arithmetic that every case needs: `python benchmarks/kernel.py`.

Deadlines one by one and in bulk, an explanation in words, coordinates, case numbers. Figures are time of the
processor, the best of five, so that a busy machine does not blur them.
"""

import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from siquan.base.kernel.checkdigits import case_number
from siquan.base.kernel.coordinates import Datum, convert, convert_many
from siquan.base.kernel.deadlines import Limit, Pause, Unit, due_at, due_many, explain
from siquan.base.kernel.workcalendar import from_chinesecalendar, parse_hours

MANY = 1_000_000
ROUNDS = 20_000
BEST_OF = 5


def seconds(work: Callable[[], object]) -> float:
    """Return the shortest of a few runs."""
    taken = []
    for _run in range(BEST_OF):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def each(work: Callable[[int], object], rounds: int = ROUNDS) -> str:
    """Return the time of one call among many different ones."""

    def all_rounds() -> None:
        for number in range(rounds):
            work(number)

    return f"{seconds(all_rounds) / rounds * 1e6:8.1f} µs each"


def bulk(work: Callable[[], object]) -> str:
    """Return the time and rate of a million at once."""
    taken = seconds(work)
    return f"{taken:8.2f} s a million ({MANY / taken / 1e6:.1f} million/s)"


def main() -> None:
    """Print one line per measurement, and the machine."""
    hours, urgent = parse_hours("09:00-12:00, 13:30-17:30"), parse_hours("08:00-22:00")
    begun = time.process_time()
    calendar = from_chinesecalendar(range(2004, 2029), hours, urgent, "bench")
    _ = calendar.office, calendar.urgent
    built = time.process_time() - begun

    chance = np.random.default_rng(7)
    starts = chance.integers(1_735_660_800, 1_790_000_000, MANY)  # 2025 to September 2026
    amounts = chance.integers(1, 60, MANY)
    times = [datetime.fromtimestamp(int(start), UTC) for start in starts[:ROUNDS]]
    limits = {
        unit: [Limit(int(amount), unit) for amount in amounts[:ROUNDS]]
        for unit in (Unit.WORKING_HOURS, Unit.WORKING_DAYS)
    }
    after_two_hours, next_day = timedelta(hours=2), timedelta(hours=27)
    pauses = [[Pause(start + after_two_hours, start + next_day, "")] for start in times]
    lon, lat = chance.uniform(116.37, 116.45, MANY), chance.uniform(39.85, 39.97, MANY)
    points = list(zip(lon[:ROUNDS].tolist(), lat[:ROUNDS].tolist(), strict=True))
    by_hour, by_day = limits[Unit.WORKING_HOURS], limits[Unit.WORKING_DAYS]

    rows = {
        "calendar of 25 years, built": f"{built * 1000:8.1f} ms",
        "deadline, working hours": each(lambda n: due_at(times[n], by_hour[n], calendar)),
        "deadline, working days": each(lambda n: due_at(times[n], by_day[n], calendar)),
        "deadline with a pause": each(lambda n: due_at(times[n], by_hour[n], calendar, pauses[n])),
        "explanation in words": each(lambda n: explain(times[n], by_hour[n], calendar, pauses[n]), 1_000),
        "deadlines in bulk, working hours": bulk(
            lambda: due_many(starts, amounts, Unit.WORKING_HOURS, calendar)
        ),
        "deadlines in bulk, working days": bulk(
            lambda: due_many(starts, amounts, Unit.WORKING_DAYS, calendar)
        ),
        "GCJ-02 to WGS-84": each(lambda n: convert(*points[n], Datum.GCJ02, Datum.WGS84)),
        "GCJ-02 to WGS-84 in bulk": bulk(lambda: convert_many(lon, lat, Datum.GCJ02, Datum.WGS84)),
        "BD-09 to WGS-84 in bulk": bulk(lambda: convert_many(lon, lat, Datum.BD09, Datum.WGS84)),
        "case number": each(lambda n: case_number(2026, n + 1)),
    }
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name, figure in rows.items():
        print(f"{name:36}{figure}")


if __name__ == "__main__":
    main()
