"""How well places told in words are found in the demo district: the floor below which it may not fall."""

from __future__ import annotations

import pytest

from benchmarks._phrases import DATA, phrases
from benchmarks.wording import judged
from siquan.city.places import queries
from tests.city.places import ground

pytestmark = pytest.mark.django_db


def test_most_phrases_are_understood_and_hardly_any_is_guessed_wrong(settings: object) -> None:
    ground.load(DATA)
    made = phrases()
    queries.read_place(made[0].text)
    settings.RECHECK_SECONDS = 60.0  # as in service: the names are in memory now  # type: ignore[attr-defined]

    score = judged(made)

    wrong = sum(count["wrong"] for count in score.of_sort.values())
    by_hand = [phrase for phrase in made if phrase.sort.startswith("by hand")]
    assert (len(made) >= 700, len(by_hand) >= 60) == (True, True)
    assert score.share(open_=False) >= 0.95, "\n".join(score.wrong)
    assert score.share(open_=True) >= 0.93, "\n".join(score.wrong)
    assert wrong / len(made) <= 0.02, "\n".join(score.wrong)
