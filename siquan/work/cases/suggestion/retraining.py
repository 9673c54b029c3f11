"""A new model from what was chosen, compared with the one in use on letters that neither has learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from siquan.work.cases.suggestion.comparing import Comparison, Said, compare
from siquan.work.cases.suggestion.folds import grouped_folds
from siquan.work.cases.suggestion.grams import Whole
from siquan.work.cases.suggestion.made import MADE, made_letters, with_letters
from siquan.work.cases.suggestion.model import Judged, Model
from siquan.work.cases.suggestion.training import FOLDS, Letters, Progress, judge_unseen, learn, silent, slim

STEPS: Final = 2 * FOLDS + 1  # each told once: the cross-validation, learning, the copies that are compared


@dataclass(frozen=True)
class Lesson:
    """The words of a filed case, the category somebody filed it under, and whether that is news.

    `is_fresh` says that the model in use has not learned from this case.
    """

    text: str
    label: str
    is_fresh: bool = True


def retrain(
    lessons: Sequence[Lesson],
    in_use: Model | None,
    *,
    about: dict[str, Any],
    say: Progress = silent,
    made: Path = MADE,
) -> tuple[Model, Comparison]:
    """Return a model of made texts and lessons, and how a copy of it fares beside the one in use.

    A copy is made as the model is, without the letters it is asked about and their near-duplicates; they are
    letters that the model in use has not learned from either.
    """
    beside = made_letters(made)
    given = with_letters(beside, [(each.text, each.label) for each in lessons])
    unseen = judge_unseen(given, seed=0, say=say)
    say("learning")
    about = {**about, "letters": len(given.texts), "corrections": len(lessons)}
    model = slim(learn(given, unseen, about=about))
    held = held_out(given, lessons)
    new = _said_by_copies(given, unseen, held, lessons=len(lessons), say=say)
    return model, compare(given.label[held], new, _said_by(in_use, given, held) if len(held) else None)


def held_out(given: Letters, lessons: Sequence[Lesson]) -> Whole:
    """Return which letters the two are compared on: one of each group of near-duplicates that is all news."""
    before = len(given.texts) - len(lessons)
    groups: dict[int, int] = {}
    for place, lesson in enumerate(lessons, start=before):
        group = int(given.group[place])
        groups[group] = place if lesson.is_fresh and groups.get(group, place) >= 0 else -1
    return np.array(sorted(place for place in groups.values() if place >= 0), dtype=np.int64)


def _said_by_copies(given: Letters, unseen: Judged, held: Whole, *, lessons: int, say: Progress) -> Said:
    """Return what copies of the new model say about letters; each copy lacks a fifth of the lessons.

    All made texts are in every copy, for the model in use has learned them too.
    """
    label, sure = np.zeros(len(held), dtype=np.int64), np.zeros(len(held), dtype=bool)
    fold = np.full(len(given.texts), -1)
    if lessons:
        groups = np.unique(given.group[-lessons:], return_inverse=True)[1]
        fold[-lessons:] = grouped_folds(given.label[-lessons:], groups, count=FOLDS)
    for number in range(FOLDS):
        say(f"comparing, {number + 1} of {FOLDS}")
        asked, kept = fold[held] == number, fold != number
        if not asked.any():
            continue
        copy = slim(learn(given.some(kept), Judged(unseen.scores[kept], unseen.known[kept])))
        said = _said_by(copy, given, held[asked])
        assert said
        label[asked], sure[asked] = said.label, said.sure
    return Said(label, sure)


def _said_by(model: Model | None, given: Letters, held: Whole) -> Said | None:
    """Return what a model says about letters; labels of its own come behind the given ones."""
    if model is None:
        return None
    names = [*given.names, *(each for each in model.labels if each not in given.names)]
    place = np.array([names.index(each) for each in model.labels])
    judged = model.judge([given.texts[each] for each in held])
    chances = model.calibration.probabilities(judged.scores)
    return Said(place[chances.argmax(axis=1)], model.is_sure(chances, judged.known))
