"""How good this way of learning is on a labelled file, and how good a finished model is on another."""

from __future__ import annotations

from typing import Any

import numpy as np

from siquan.work.cases.suggestion.calibration import calibrate
from siquan.work.cases.suggestion.folds import grouped_folds
from siquan.work.cases.suggestion.measuring import Figures, figures
from siquan.work.cases.suggestion.model import Judged, Model
from siquan.work.cases.suggestion.training import FOLDS, Letters, Progress, judge_unseen, least_known, silent


def cross_validate(given: Letters, *, seed: int = 0, say: Progress = silent) -> Figures:
    """Return the figures of letters judged by models that saw neither them nor their near-duplicates.

    Probabilities and threshold of each fold come from the other folds.
    """
    judged = judge_unseen(given, seed=seed, say=say)
    scores, known = judged.scores, judged.known
    fold = grouped_folds(given.label, given.group, count=FOLDS, seed=seed)
    chances = np.zeros_like(scores)
    sure = np.zeros(len(scores), dtype=bool)
    for number in np.unique(fold):
        tested, others = fold == number, fold != number
        if not others.any():
            continue
        calibration = calibrate(scores[others], given.label[others])
        chances[tested] = calibration.probabilities(scores[tested])
        least = least_known(Judged(scores[others], known[others]))
        sure[tested] = (chances[tested].max(axis=1) >= calibration.threshold) & (known[tested] >= least)
    return figures(chances, sure, given.label, given.names)


def evaluate_model(model: Model, given: Letters) -> Figures:
    """Return the figures of a finished model on these letters; labels it does not know count as wrong."""
    names = model.labels + tuple(each for each in given.names if each not in model.labels)
    place = {name: at for at, name in enumerate(names)}
    truth = np.array([place[given.names[each]] for each in given.label])
    judged = model.judge(given.texts)
    chances = model.calibration.probabilities(judged.scores)
    return figures(chances, model.is_sure(chances, judged.known), truth, names)


def as_json(found: Figures) -> dict[str, Any]:
    """Return figures as plain lists and numbers."""
    return {
        "letters": found.letters,
        "macro_f1": found.macro_f1,
        "accuracy": found.accuracy,
        "coverage_at_95_precision": found.coverage_at_precision,
        "sure": found.sure_share,
        "precision_of_sure": found.sure_precision,
        "calibration_error": found.calibration_error,
        "labels": [vars(each) for each in found.labels],
        "confusion": [list(row) for row in found.confusion],
        "reliability": [vars(each) for each in found.reliability],
    }
