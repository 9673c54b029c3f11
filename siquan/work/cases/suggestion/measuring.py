"""How good suggestions were: figures from what was said and what was true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.calibration import PRECISION, Bin, Doubles, calibration_error, reliability
from siquan.work.cases.suggestion.grams import Whole


@dataclass(frozen=True)
class LabelFigures:
    """One label: letters that have it, letters that were given it, and the three usual rates."""

    name: str
    letters: int
    given: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Figures:
    """The outcome of an evaluation; `confusion[i][j]` counts letters of label i that were called j."""

    letters: int
    accuracy: float
    macro_f1: float
    coverage_at_precision: float
    sure_share: float
    sure_precision: float
    labels: tuple[LabelFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[Bin, ...]
    calibration_error: float


def figures(
    chances: Doubles,
    sure: NDArray[np.bool_],
    truth: Whole,
    names: tuple[str, ...],
    *,
    precision: float = PRECISION,
) -> Figures:
    """Return every figure of suggestions with these probabilities against the true labels.

    `names` may hold more labels than `chances` has columns: those the model does not know.
    """
    best = chances.argmax(axis=1)
    chance = chances.max(axis=1)
    is_right = best == truth
    confusion = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(confusion, (truth, best), 1)
    labels = label_figures(confusion, names)
    bins = reliability(chance, is_right)
    return Figures(
        letters=len(truth),
        accuracy=float(is_right.mean()),
        macro_f1=macro_f1(labels),
        coverage_at_precision=coverage(chance, is_right, precision),
        sure_share=float(sure.mean()),
        sure_precision=float(is_right[sure].mean()) if sure.any() else 0.0,
        labels=labels,
        confusion=tuple(tuple(map(int, row)) for row in confusion),
        reliability=tuple(bins),
        calibration_error=calibration_error(bins),
    )


def label_figures(confusion: NDArray[np.int_], names: tuple[str, ...]) -> tuple[LabelFigures, ...]:
    """Return precision, recall and F1 of each label from the table of confusion."""
    right, letters, given = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        LabelFigures(
            name,
            int(letters[at]),
            int(given[at]),
            float(right[at] / given[at]) if given[at] else 0.0,
            float(right[at] / letters[at]) if letters[at] else 0.0,
            float(2 * right[at] / (letters[at] + given[at])) if letters[at] + given[at] else 0.0,
        )
        for at, name in enumerate(names)
    )


def macro_f1(labels: tuple[LabelFigures, ...]) -> float:
    """Return the plain mean of the labels' F1, over labels that letters have or were given."""
    seen = [each.f1 for each in labels if each.letters or each.given]
    return float(np.mean(seen)) if seen else 0.0


def coverage(chance: Doubles, is_right: NDArray[np.bool_], precision: float) -> float:
    """Return the greatest share of letters, the surest first, of which this share is right."""
    order = np.argsort(-chance, kind="stable")
    share = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(share >= precision)
    return float((reached[-1] + 1) / len(order)) if len(reached) else 0.0
