"""Measure the suggestion of categories: `python -m benchmarks.suggestion [FILE [TEXT LABEL]]`.

FILE is a table of labelled letters (SIQUAN_LETTERS names it too); without one some made texts that come along
are used, short and easy: their figures say how fast it is, not how good. The reference is a linear SVM over
TF-IDF of runs of one to three characters in the same folds. Times are of the processor.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from siquan.work.cases.imports.labelled import read_labelled
from siquan.work.cases.suggestion.folds import grouped_folds
from siquan.work.cases.suggestion.made import made_letters
from siquan.work.cases.suggestion.measuring import label_figures, macro_f1
from siquan.work.cases.suggestion.training import FOLDS, Letters, judge_unseen, learn, letters

DRAWS = 1000
FEW = 30  # categories of the made texts: all of them take minutes


def main() -> None:
    """Print how good and how fast it is, beside the plain machine."""
    given = _letters()
    print(f"{len(given.texts)} letters, {len(given.names)} labels, {given.group.max() + 1} groups")
    begun = time.process_time()
    unseen = judge_unseen(given, seed=0)
    model = learn(given, unseen)
    print(f"training with cross-validation: {time.process_time() - begun:.0f} s of processor time")
    texts = list(given.texts)
    list(model.suggest(texts[:64]))
    begun = time.process_time()
    list(model.suggest(texts))
    rate = len(texts) / (time.process_time() - begun)
    size = sum(map(len, texts)) / len(texts)
    print(f"suggestions with reasons: {rate:.0f} a second and core, of {size:.0f} characters on average")
    begun = time.process_time()
    list(model.suggest(texts[:1]))
    print(f"one alone: {(time.process_time() - begun) * 1000:.2f} ms")
    ours, plain = unseen.scores.argmax(axis=1), _plain(given)
    low, high = np.quantile(_differences(given, ours, plain), [0.025, 0.975])
    print(f"macro-F1 {_f1(given, ours):.4f}, accuracy {(ours == given.label).mean():.4f}")
    print(f"plain machine: {_f1(given, plain):.4f}, accuracy {(plain == given.label).mean():.4f}")
    print(f"difference of macro-F1, paired, 95 % of {DRAWS} draws: {low:+.4f} to {high:+.4f}")


def _letters() -> Letters:
    words = [*sys.argv[1:], os.environ.get("SIQUAN_LETTERS", "")]
    if not words[0]:
        made = made_letters()
        return made.some(made.label < FEW)
    text, label = words[1:3] if len(words) > 3 else ("", "")
    with Path(words[0]).open("rb") as file:
        read = read_labelled(file, text=text, label=label)
    return letters(read.texts, read.labels)


def _plain(given: Letters) -> np.ndarray:
    fold = grouped_folds(given.label, given.group, count=FOLDS, seed=0)
    found = np.zeros(len(given.texts), dtype=int)
    for number in range(FOLDS):
        taught, tested = given.some(fold != number), given.some(fold == number)
        vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
        machine = LinearSVC(random_state=0).fit(vectors.fit_transform(taught.texts), taught.label)
        found[fold == number] = machine.predict(vectors.transform(tested.texts))
    return found


def _f1(given: Letters, said: np.ndarray, chosen: np.ndarray | slice = slice(None)) -> float:
    confusion = np.zeros((len(given.names), len(given.names)), dtype=int)
    np.add.at(confusion, (given.label[chosen], said[chosen]), 1)
    return macro_f1(label_figures(confusion, given.names))


def _differences(given: Letters, ours: np.ndarray, plain: np.ndarray) -> list[float]:
    """Return how the two differ on letters drawn again and again, whole groups at a time."""
    random = np.random.default_rng(20260923)
    members = np.split(np.argsort(given.group, kind="stable"), np.cumsum(np.bincount(given.group))[:-1])
    found = []
    for _draw in range(DRAWS):
        drawn = np.concatenate([members[each] for each in random.integers(0, len(members), len(members))])
        found.append(_f1(given, ours, drawn) - _f1(given, plain, drawn))
    return found


if __name__ == "__main__":
    main()
