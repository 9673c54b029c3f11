"""A model from labelled texts: one linear machine, calibrated on letters it has not learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.calibration import Calibration, calibrate
from siquan.work.cases.suggestion.features import Vocabulary, learn_vocabulary, parts
from siquan.work.cases.suggestion.folds import grouped_folds, near_duplicates
from siquan.work.cases.suggestion.grams import Joined, Whole, clean, join
from siquan.work.cases.suggestion.model import Judged, Model
from siquan.work.cases.suggestion.weights import weights_of

FOLDS: Final = 5
PENALTY: Final = 1.0  # C of the linear machine
# Of what nearly every unseen letter has in common with the others, and at most.
LEAST_KNOWN: Final = 0.4, 0.25
UNCALIBRATED: Final = 2.0
MANY_LABELS: Final = 50  # from here on a model without its weightless parts is a tenth of the size

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Letters:
    """Labelled texts: `label[i]` is text `i`'s label in `names`, `group[i]` its near-duplicates.

    Where `trusted` is given, only those letters say how sure one may be: the others are made up and too easy.
    """

    texts: tuple[str, ...]
    label: Whole
    names: tuple[str, ...]
    group: Whole
    trusted: NDArray[np.bool_] | None = None

    def some(self, chosen: NDArray[np.bool_]) -> Letters:
        """Return a part of them; all labels keep their places."""
        texts = tuple(each for each, kept in zip(self.texts, chosen, strict=True) if kept)
        group = np.unique(self.group[chosen], return_inverse=True)[1]
        trusted = None if self.trusted is None else self.trusted[chosen]
        return Letters(texts, self.label[chosen], self.names, group, trusted)


def silent(words: str) -> None:
    """Say nothing of what goes on."""


class TooFew(ValueError):
    """There is nothing to tell apart: fewer than two labels with two letters each."""


def letters(texts: Sequence[str], labels: Sequence[str]) -> Letters:
    """Return texts with their labels, near-duplicates grouped. Raises TooFew."""
    names, label, counts = np.unique(np.array(labels, dtype=object), return_inverse=True, return_counts=True)
    if (counts >= 2).sum() < 2:
        raise TooFew
    return Letters(tuple(texts), label, tuple(names), near_duplicates(texts))


def train(
    given: Letters,
    *,
    seed: int = 0,
    about: dict[str, Any] | None = None,
    say: Progress = silent,
) -> Model:
    """Return a model of all these letters, its probabilities and threshold from cross-validation."""
    unseen = judge_unseen(given, seed=seed, say=say)
    say(f"learning from all {len(given.texts)} letters")
    return learn(given, unseen, about=about)


def learn(given: Letters, unseen: Judged, *, about: dict[str, Any] | None = None) -> Model:
    """Return a model of all letters, calibrated by what `judge_unseen` made of them."""
    told = np.ones(len(given.texts), dtype=bool) if given.trusted is None else given.trusted
    vocabulary, weights, shifts = fit(given)
    least = least_known(Judged(unseen.scores[told], unseen.known[told]))
    calibration = calibrate(unseen.scores[told], given.label[told])
    held = weights_of(weights)
    return Model(given.names, vocabulary, held, shifts, calibration, least, dict(about or {}))


def least_known(unseen: Judged) -> float:
    """Return how much of a text must be known before anything about it may be called sure."""
    share, most = LEAST_KNOWN
    return min(share * float(np.quantile(unseen.known, 0.01)), most)


def judge_unseen(given: Letters, *, seed: int, say: Progress = silent) -> Judged:
    """Return what machines make of letters that they have not seen, nor any near-duplicate of them."""
    fold = grouped_folds(given.label, given.group, count=FOLDS, seed=seed)
    scores = np.zeros((len(given.texts), len(given.names)))
    known = np.zeros(len(given.texts))
    for number in range(FOLDS):
        tested = fold == number
        if not tested.any() or tested.all():
            continue
        say(f"cross-validation {number + 1} of {FOLDS}")
        vocabulary, weights, shifts = fit(given.some(~tested))
        unseen = given.some(tested).texts
        judged = plain_model(given.names, vocabulary, weights, shifts).judge(unseen)
        scores[tested], known[tested] = judged.scores, judged.known
    return Judged(scores, known)


def fit(given: Letters) -> tuple[Vocabulary, NDArray[np.float16], NDArray[np.float32]]:
    """Return the runs of these letters, each one's weight for every label, and each label's shift.

    A label of which none of these letters is has no weights, and a shift that no score overcomes.
    """
    joined = join([clean(each) for each in given.texts])
    vocabulary = learn_vocabulary(joined, given.label, len(given.names))
    present = np.unique(given.label)
    weights = np.zeros((len(vocabulary.hashes), len(given.names)), dtype=np.float16)
    shifts = np.full(len(given.names), -5.0, dtype=np.float32)
    if len(present) == 1:
        shifts[present] = 0
        return vocabulary, weights, shifts
    learned, shift = _machine(matrix(joined, vocabulary), given.label)
    if len(present) == 2:  # one machine that tells the second from the first
        learned, shift = np.concatenate([-learned, learned]), np.concatenate([-shift, shift])
    weights[:, present] = learned.T.astype(np.float16)
    shifts[present] = shift
    return vocabulary, weights, shifts


def _machine(rows: Any, labels: Whole) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=PENALTY, random_state=0).fit(rows, labels)
    return machine.coef_, machine.intercept_


def matrix(joined: Joined, vocabulary: Vocabulary) -> Any:
    """Return texts as a sparse matrix, a row each."""
    from scipy.sparse import coo_matrix

    found = parts(joined, vocabulary)
    value = np.concatenate([each.value for each in found])
    text = np.concatenate([each.text for each in found])
    column = np.concatenate([each.column for each in found])
    return coo_matrix((value, (text, column)), shape=(len(joined.heads), len(vocabulary.hashes))).tocsr()


def plain_model(
    names: tuple[str, ...],
    vocabulary: Vocabulary,
    weights: NDArray[np.float16],
    shifts: NDArray[np.float32],
) -> Model:
    """Return a model that gives scores, but whose probabilities are not calibrated yet."""
    calibration = Calibration(UNCALIBRATED, np.zeros(len(names)), 1.0)
    return Model(names, vocabulary, weights_of(weights), shifts, calibration, least_known=0.0)


def slim(model: Model) -> Model:
    """Return the model as it is worth keeping: one of many labels without its weightless parts."""
    return prune(model) if len(model.labels) > MANY_LABELS else model


def prune(model: Model, *, share: float = 0.03) -> Model:
    """Return the model without the weights that hardly count, and without runs of which none is left.

    A weight hardly counts below this share of its label's greatest.
    """
    table = model.weights.table()
    strength = np.abs(table.astype(np.float32))
    weights = np.where(strength >= share * strength.max(axis=0, initial=0), table, np.float16(0))
    kept = (weights != 0).any(axis=1)
    known = model.vocabulary
    vocabulary = Vocabulary(known.blocks, known.hashes[kept], known.worth[kept])
    return replace(model, vocabulary=vocabulary, weights=weights_of(weights[kept]))
