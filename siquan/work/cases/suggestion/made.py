"""The texts behind the model that comes along: made up, to be learned beside an office's own."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from siquan.work.cases.suggestion.folds import near_duplicates
from siquan.work.cases.suggestion.training import Letters

MADE: Final = Path(__file__).with_name("pretrained") / "made-texts.csv.gz"
Made = tuple[str, str, str, bool]  # text, category, way of saying it, whether people speak like that


def write_made(rows: Iterable[Made], path: Path) -> None:
    """Write made texts; the same texts give the same bytes."""
    path.parent.mkdir(exist_ok=True)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["text", "label", "way", "said"])
    writer.writerows([text, label, way, int(said)] for text, label, way, said in rows)
    path.write_bytes(gzip.compress(out.getvalue().encode(), mtime=0))


def made_letters(path: Path = MADE) -> Letters:
    """Return the made texts; all texts of a category that say it in one way are one group."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names, label = np.unique([row["label"] for row in rows], return_inverse=True)
    group = np.unique([f"{row['label']} {row['way']}" for row in rows], return_inverse=True)[1]
    trusted = np.array([row["said"] == "1" for row in rows])
    return Letters(tuple(row["text"] for row in rows), label, tuple(map(str, names)), group, trusted)


def with_letters(given: Letters, more: Sequence[tuple[str, str]]) -> Letters:
    """Return made texts with real letters (text, label) beside them; real ones say how sure one may be."""
    if not more:
        return given
    texts = (*given.texts, *(text for text, _label in more))
    told = [given.names[each] for each in given.label] + [label for _text, label in more]
    names, label = np.unique(told, return_inverse=True)
    group = np.concatenate(
        [given.group, near_duplicates([text for text, _l in more]) + int(given.group.max()) + 1]
    )
    before = np.ones(len(given.texts), dtype=bool) if given.trusted is None else given.trusted
    trusted = np.concatenate([before, np.ones(len(more), dtype=bool)])
    return Letters(texts, label, tuple(map(str, names)), group, trusted)
