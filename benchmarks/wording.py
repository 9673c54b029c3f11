"""Measure places told in words: `python -m benchmarks.wording [--wrong]`.

Phrases are made from the demo's files with a fixed seed (`_phrases.py`) and written by hand
(`samples/wording.csv`). Starts a database of its own in a temporary folder. Processor time.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks._phrases import DATA, LETTERS, Phrase, is_right, phrases

ROUNDS = 5


@dataclass
class Score:
    """How many phrases were answered how."""

    of_sort: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)

    def add(self, phrase: Phrase, what: str, told: str) -> None:
        """Count an answer."""
        self.of_sort[phrase.sort][what] += 1
        if what != "right":
            self.wrong.append(f"{what:6} {phrase.sort:18} {phrase.text}  → {told}")

    def share(self, *, open_: bool) -> float:
        """Return the share of right answers where one place is meant, or where none may be chosen."""
        total: Counter[str] = Counter()
        for sort, count in self.of_sort.items():
            if (sort in ("ambiguous", "outside") or sort.endswith("open")) == open_:
                total += count
        return total["right"] / max(1, total.total())


def judged(made: Sequence[Phrase]) -> Score:
    """Return how the gazetteer answers the phrases."""
    from siquan.city.places import queries

    score = Score()
    for phrase in made:
        place = queries.read_place(phrase.text).place
        if place is None or place.lon is None or place.lat is None:
            score.add(phrase, "open" if phrase.points else "right", "nothing chosen")
        elif phrase.points and is_right(phrase, place.name, (place.lon, place.lat)):
            score.add(phrase, "right", place.name)
        else:
            score.add(phrase, "wrong", place.name)
    return score


def main() -> None:
    """Measure with a database of our own."""
    from siquan.config.cluster import Cluster

    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIQUAN_DIR"] = folder
        Path(folder).chmod(0o755)  # run as root, PostgreSQL works under an account of its own
        cluster = Cluster(Path(folder))
        os.environ["DATABASE_URL"] = cluster.start()
        try:
            _measure()
        finally:
            cluster.stop()


def _measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from siquan.city.places import queries, services
    from siquan.city.places.management.commands.places_load import SINCE_EVER

    call_command("migrate", verbosity=0)
    services.load_geography(DATA, on=SINCE_EVER, by=None, at=timezone.now())
    made = phrases()
    score = judged(made)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for sort, count in sorted(score.of_sort.items()):
        print(
            f"{sort:24}{count['right']:4} of {count.total():4}   wrong {count['wrong']}, open {count['open']}"
        )
    print(f"one place meant, right   {score.share(open_=False):.3f}")
    print(f"none to be chosen, open  {score.share(open_=True):.3f}")
    print(f"wrong of all             {sum(c['wrong'] for c in score.of_sort.values())} of {len(made)}")
    for name, texts in {
        "phrases": [phrase.text for phrase in made],
        "letters of 70 characters with a place": [one.format("史家胡同") for one in LETTERS],
        "letters of 280 characters without": ["".join(LETTERS).format("这里", "那里", "家门口", "路上")],
    }.items():
        begun = time.process_time()
        for _ in range(ROUNDS):
            for text in texts:
                queries.read_place(text)
        print(f"{name:40}{(time.process_time() - begun) / ROUNDS / len(texts) * 1e6:8.0f} µs a text")
    if "--wrong" in sys.argv:
        print("\n".join(score.wrong))


if __name__ == "__main__":
    main()
