"""Measure possible duplicates: `python -m benchmarks.duplicates [--fit] [--cases 20000,100000]`.

Reports are planted beside the open cases of a demo year (`_planted.py`). `--fit` fits the weights on one
seed and prints them as `siquan/work/cases/likeness/weights.csv`; without it they are measured on another
seed. Time per report is told for each size of the year: it may not grow with the number of cases.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

FIT_SEED, TEST_SEED = 11, 23
COUNT = 700
PRECISION = 0.985  # what the threshold is chosen for on the seed it is fitted on
UNTIL = datetime(2026, 9, 23, 2, 0, tzinfo=UTC)


def main() -> None:
    """Build a demo year of each size in a database of our own, and measure on it."""
    sizes = [20_000, 100_000]
    if "--cases" in sys.argv:
        sizes = [int(each) for each in sys.argv[sys.argv.index("--cases") + 1].split(",")]
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for size in sizes[:1] if "--fit" in sys.argv else sizes:
        command = f"import benchmarks.duplicates as b; b.in_a_year_of({size}, fit={'--fit' in sys.argv})"
        os.spawnvp(os.P_WAIT, sys.executable, [sys.executable, "-c", command])


def in_a_year_of(cases: int, *, fit: bool) -> None:
    """Build a year in a folder that goes away again, and measure."""
    from siquan.config.cluster import Cluster

    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIQUAN_DIR"] = folder
        Path(folder).chmod(0o755)  # run as root, PostgreSQL works under an account of its own
        cluster = Cluster(Path(folder))
        os.environ["DATABASE_URL"] = cluster.start()
        try:
            import django

            django.setup()
            from django.core.management import call_command

            from siquan.demo import district

            call_command("migrate", verbosity=0)
            district.build(cases=cases, seed=7, at=UNTIL, is_quiet=True)
            (fitted if fit else measured)(cases)
        finally:
            cluster.stop()


def fitted(cases: int) -> None:
    """Fit the weights on planted reports and print the file."""
    from benchmarks._planted import planted
    from siquan.work.cases.likeness.scoring import FEATURES
    from siquan.work.cases.queries.duplicates import possible_duplicates_of

    _weigh(dict.fromkeys((*FEATURES, "threshold"), 0.0))
    reports = planted(seed=FIT_SEED, count=COUNT)
    found = possible_duplicates_of([each.asked for each in reports], least=0.0, shown=50)
    rows, truth = [], []
    for report, alike in zip(reports, found, strict=True):
        for each in alike:
            rows.append(each.likeness.features())
            truth.append(float(each.id == report.of))
    weights = logistic(np.array(rows), np.array(truth))
    known = dict(zip(FEATURES, weights.tolist(), strict=True))
    _weigh(known | {"threshold": 0.0})
    known["threshold"] = _threshold(reports)
    source = f"fitted by benchmarks/duplicates.py on planted duplicates, {cases} cases, seed {FIT_SEED}"
    print("name,value,source")
    for name, value in known.items():
        print(f'{name},{value:.3f},"{source}"')


def logistic(rows: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the weights of a logistic model with a small penalty, by Newton's steps."""
    weights = np.zeros(rows.shape[1])
    penalty = np.eye(rows.shape[1]) * 0.5
    for _step in range(30):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (truth - chance) - penalty @ weights
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + penalty
        weights = weights + np.linalg.solve(bend, slope)
    return weights


def _threshold(reports: Sequence[object]) -> float:
    """Return the lowest probability from which on the wanted precision holds."""
    from siquan.work.cases.queries.duplicates import possible_duplicates_of

    found = possible_duplicates_of([each.asked for each in reports], least=0.0)  # type: ignore[attr-defined]
    best = sorted(
        (
            (alike[0].probability, alike[0].id == report.of)  # type: ignore[attr-defined]
            for report, alike in zip(reports, found, strict=True)
            if alike
        ),
        reverse=True,
    )
    right, chosen = 0, 0.99
    for number, (probability, is_right) in enumerate(best, start=1):
        right += is_right
        if right / number >= PRECISION:
            chosen = probability
    return max(0.5, round(chosen - 0.0005, 3))


def _weigh(values: dict[str, float]) -> None:
    from siquan.work.cases.likeness import scoring

    scoring.weights = lambda: values  # type: ignore[assignment]


def measured(cases: int) -> None:
    """Print precision, recall and time a report."""
    from benchmarks._planted import planted
    from siquan.work.cases.queries.duplicates import possible_duplicates, possible_duplicates_of

    reports = planted(seed=TEST_SEED, count=COUNT)
    found = possible_duplicates_of([each.asked for each in reports])
    right = wrong = 0
    by_sort: Counter[str] = Counter()
    for report, alike in zip(reports, found, strict=True):
        if alike and alike[0].id == report.of:
            right += 1
        elif alike:
            wrong += 1
            by_sort[report.sort] += 1
    print(f"\n{cases:,} cases, {len(reports):,} reports, {COUNT} of them planted duplicates")
    print(
        f"precision {right / max(1, right + wrong):.3f}, recall {right / COUNT:.3f}; wrong: {dict(by_sort)}"
    )
    for name, work in {
        "one by one": lambda: [possible_duplicates(each.asked) for each in reports[:400]],
        "400 in one statement": lambda: possible_duplicates_of([each.asked for each in reports[:400]]),
    }.items():
        work()
        begun, worked = time.perf_counter(), time.process_time()
        work()
        whole, busy = time.perf_counter() - begun, time.process_time() - worked
        print(f"{name:24}{whole / 400 * 1000:7.2f} ms a report by the clock, {busy / 400 * 1000:.2f} ms ours")


if __name__ == "__main__":
    main()
