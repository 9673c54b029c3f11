"""Labelled letters from a foreign table: which columns hold text and label, which rows hold both."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final

from django.utils.translation import gettext as _

from siquan.base.kernel.errors import BadInput
from siquan.work.cases.imports.columns import plain
from siquan.work.cases.imports.sheets import Cell, open_sheet

# Titles in the order of preference; compared without case, width and spaces.
TEXT_TITLES: Final = (
    "文本",
    "text",
    "内容",
    "留言详情",
    "诉求内容",
    "主要内容",
    "问题描述",
    "正文",
    "content",
)
LABEL_TITLES: Final = ("标签", "label", "一级标签", "类别", "category", "分类", "案件类别", "问题分类")


@dataclass(frozen=True)
class Labelled:
    """Texts and labels of the usable rows, and how many rows lacked one of the two."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    left_out: int
    text_title: str
    label_title: str
    digest: str


def read_labelled(file: IO[bytes], *, text: str = "", label: str = "") -> Labelled:
    """Return the labelled letters of a table (CSV, gzip, XLSX); columns by title or by known titles.

    Raises BadInput that names the titles there are.
    """
    sheet = open_sheet(file, lambda cells: len([each for each in cells if str(each).strip()]))
    rows = sheet.rows()
    titles = [str(each).strip().lstrip("\ufeff") for each in next((cells for _row, cells in rows), ())]
    text_at = _column(titles, text, TEXT_TITLES, "--text")
    label_at = _column(titles, label, LABEL_TITLES, "--label")
    texts, labels, left_out = [], [], 0
    for words, name in _pairs((cells for _row, cells in rows), text_at, label_at):
        if words and name:
            texts.append(words)
            labels.append(name)
        else:
            left_out += 1
    if not texts:
        raise BadInput(_("文件里没有一行同时有文字和类别。"), field="file")
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(1 << 20):
        digest.update(block)
    return Labelled(
        tuple(texts), tuple(labels), left_out, titles[text_at], titles[label_at], digest.hexdigest()
    )


def _pairs(rows: Iterator[Sequence[Cell]], text_at: int, label_at: int) -> Iterator[tuple[str, str]]:
    for cells in rows:
        if any(str(each).strip() for each in cells):
            yield _cell(cells, text_at), _cell(cells, label_at)


def _cell(cells: Sequence[Cell], at: int) -> str:
    return str(cells[at]).strip() if at < len(cells) else ""


def _column(titles: Sequence[str], wanted: str, known: Sequence[str], option: str) -> int:
    plainly = [plain(each) for each in titles]
    for title in (wanted,) if wanted else known:
        if plain(title) in plainly:
            return plainly.index(plain(title))
    there = _("、").join(titles) or "—"
    if wanted:
        message = _("没有名为“%(wanted)s”的列。文件里的列：%(there)s。") % {"wanted": wanted, "there": there}
    else:
        message = _("认不出哪一列是需要的内容，请用 %(option)s 指定。文件里的列：%(there)s。") % {
            "option": option,
            "there": there,
        }
    raise BadInput(message, field="file")
