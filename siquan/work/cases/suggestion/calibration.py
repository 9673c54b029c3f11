"""From scores to probabilities that mean what they say, and the threshold below which nothing is sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.grams import Whole

Doubles = NDArray[np.float64]

PRECISION: Final = 0.95  # of what is called sure
LEAST_SURE: Final = 0.5  # what is less likely than not is never sure, however easy the letters were
STEADY: Final = 0.05  # how strongly the shifts of single labels are held to nothing
NEVER: Final = 1.01  # a threshold that no probability reaches


@dataclass(frozen=True)
class Calibration:
    """How scores become probabilities: one scale for all labels, a shift for each; and what is sure."""

    scale: float
    shifts: Doubles
    threshold: float

    def probabilities(self, scores: Doubles) -> Doubles:
        """Return a row of probabilities for each row of scores; each row sums to 1."""
        return softmax(self.scale * scores + self.shifts)


def softmax(scores: Doubles) -> Doubles:
    """Return scores as shares of 1 in each row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def calibrate(scores: Doubles, labels: Whole) -> Calibration:
    """Return the scale and shifts that make these scores most likely, and the threshold they reach.

    The scores must be of letters that were not learned from, or the probabilities would be too sure.
    """
    from scipy.optimize import minimize

    classes = scores.shape[1]
    truth = np.eye(classes)[labels]

    def cost(wanted: Doubles) -> tuple[float, Doubles]:
        scale, shifts = np.exp(wanted[0]), wanted[1:]
        chances = softmax(scale * scores + shifts)
        error = (chances - truth) / len(labels)
        likely = -np.log(np.maximum(chances[np.arange(len(labels)), labels], 1e-300)).mean()
        steady = STEADY / len(labels) * shifts
        slope = np.concatenate([[scale * (error * scores).sum()], error.sum(axis=0) + 2 * steady])
        return float(likely + shifts @ steady), slope

    best = minimize(
        cost, np.zeros(classes + 1), jac=True, method="L-BFGS-B", bounds=[(-5, 5)] * (classes + 1)
    )
    scale, shifts = float(np.exp(best.x[0])), np.asarray(best.x[1:], dtype=np.float64)
    chances = softmax(scale * scores + shifts)
    threshold = sure_from(chances.max(axis=1), chances.argmax(axis=1) == labels)
    return Calibration(scale, shifts, max(threshold, LEAST_SURE))


def sure_from(chance: Doubles, is_right: NDArray[np.bool_], *, precision: float = PRECISION) -> float:
    """Return the lowest probability from which on this share is right; `NEVER` when there is none."""
    order = np.argsort(-chance, kind="stable")
    share = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    # Equal probabilities are taken together or not at all.
    last = np.flatnonzero(np.diff(chance[order], append=-1) != 0)
    reached = last[share[last] >= precision]
    return float(chance[order][reached[-1]]) if len(reached) else NEVER


@dataclass(frozen=True)
class Bin:
    """Suggestions of about the same probability: how many, what they said, how many were right."""

    low: float
    high: float
    count: int
    said: float
    right: int


def reliability(chance: Doubles, is_right: NDArray[np.bool_], *, bins: int = 10) -> list[Bin]:
    """Return how often suggestions were right, by the probability they were given."""
    place = np.minimum((chance * bins).astype(int), bins - 1)
    found = []
    for number in range(bins):
        held = place == number
        if held.any():
            said, right = float(chance[held].mean()), int(is_right[held].sum())
            found.append(Bin(number / bins, (number + 1) / bins, int(held.sum()), said, right))
    return found


def calibration_error(bins: list[Bin]) -> float:
    """Return how far what was said lies from what was right, on average over the suggestions."""
    total = sum(each.count for each in bins)
    return sum(abs(each.said * each.count - each.right) for each in bins) / max(total, 1)
