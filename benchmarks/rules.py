"""Measure how fast rules are read, checked and applied: `python benchmarks/rules.py [CASES]`.

The demo pack, without a database: reading and checking its files, the first answer for a class and place, and
answers for many cases of mixed classes, places and days, as an import or the demo's generator asks them.
"""

# ruff: noqa: E402 - Django must be set up before its models are imported

import os
import platform
import random
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django

django.setup()

from siquan.city.rules.checks import check, rulebook_of
from siquan.city.rules.files import Parsed, parse, read_folder
from siquan.city.rules.models import Clock, RoadClass
from siquan.city.rules.rows import PackFile
from siquan.city.rules.rulebook import Question, Rulebook

PACK = ROOT / "siquan/demo/pack"
STREETS = range(110101001, 110101018)
CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
BEST_OF = 5


def best(work: Callable[[], object], runs: int = BEST_OF) -> float:
    """Return the shortest processor time of a few runs, in seconds."""
    taken = []
    for _run in range(runs):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def questions(book: Rulebook, count: int) -> list[Question]:
    """Return cases of any leaf category in any street on any day of a year."""
    dice = random.Random(1420)
    leaves = [entry.id for entry in book.leaf_categories]
    days = [date(2025, 11, 20) + timedelta(days=number) for number in range(365)]
    kinds = ["government", "culture", "residential", "industry"]
    return [
        Question(dice.choice(leaves), (dice.choice(STREETS), 110101), dice.choice(kinds), dice.choice(days))
        for _case in range(count)
    ]


def fresh(pack: PackFile) -> Rulebook:
    """Return a rulebook that has answered nothing yet."""
    return rulebook_of(pack)


def main() -> None:
    """Print the figures and the machine."""
    content = read_folder(PACK)
    parsed: Parsed = parse(content)
    assert parsed.pack
    book = fresh(parsed.pack)
    asked = questions(book, CASES)
    few = asked[:5000]
    limits = [
        (question.category_id, clock, road)
        for question in few
        for clock, road in ((Clock.FILING, ""), (Clock.HANDLING, RoadClass.MAIN))
    ]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"read the files of the demo pack  {best(lambda: parse(content)) * 1e3:8.1f} ms")
    print(f"check it for gaps and ambiguity  {best(lambda: check(parsed)) * 1e3:8.1f} ms")
    print(f"index it                         {best(lambda: fresh(parsed.pack)) * 1e3:8.1f} ms")
    first = min(_first(parsed.pack, few) for _run in range(BEST_OF))
    print(f"who answers, asked first         {first / len(few) * 1e6:8.2f} µs each")
    for _answer in book.resolve_many(asked):
        pass
    again = best(lambda: sum(answer is not None for answer in book.resolve_many(asked)), 3)
    print(f"who answers, {len(asked):>9,} cases     {again / len(asked) * 1e6:8.2f} µs each")
    limit = best(lambda: [book.limit_for(*one) for one in limits])
    print(f"which limit                      {limit / len(limits) * 1e6:8.2f} µs each")
    answers = [answer for answer in book.resolve_many(few) if answer]
    why = best(lambda: [answer.why for answer in answers])
    print(f"why, in words                    {why / len(answers) * 1e6:8.2f} µs each")


def _first(pack: PackFile, asked: list[Question]) -> float:
    book = fresh(pack)
    return best(lambda: sum(answer is not None for answer in book.resolve_many(asked)), 1)


if __name__ == "__main__":
    main()
