"""A workbook leaves while it is written, and is read back as it was meant."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from siquan.base.kernel import workbooks

HEAD = ["编号", "内容", "数"]


def read(raw: bytes, sheet: int = 0) -> list[list[object]]:
    """Return the rows of a sheet, as another program reads them."""
    return list(CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(sheet).to_python())


def test_texts_and_numbers_come_back_as_they_were() -> None:
    texts = ["=1+1", '<b>&"x"</b>', "两行\n一格", "  前后有空格  ", "_x0041_", "", "😀"]

    raw = b"".join(workbooks.blocks(HEAD, ([number, text, 1.5] for number, text in enumerate(texts))))

    assert read(raw) == [HEAD, *([float(number), text, 1.5] for number, text in enumerate(texts))]


@given(st.lists(st.text(min_size=1, max_size=40), max_size=5))
def test_every_text_can_be_written_and_gives_well_formed_parts(texts: list[str]) -> None:
    raw = b"".join(workbooks.blocks(HEAD, ([1, text, 2] for text in texts)))

    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        assert book.testzip() is None
        for name in book.namelist():
            ElementTree.fromstring(book.read(name))
    assert len(read(raw)) == len(texts) + 1


def test_no_cell_is_a_formula() -> None:
    raw = b"".join(workbooks.blocks(HEAD, [["=1+1", "+1", "@x"]]))

    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        assert b"<f" not in book.read("xl/worksheets/sheet1.xml")


def test_pieces_leave_before_the_last_row_is_read_and_few_rows_wait() -> None:
    asked = 0

    def rows() -> Iterator[list[object]]:
        nonlocal asked
        for asked in range(1, 20_001):
            yield [asked, f"第{asked}件" * 20, asked]

    pieces = workbooks.blocks(HEAD, rows())
    first = next(pieces)
    assert first.startswith(b"PK")
    assert asked == 0
    sent, longest = len(first), 0
    while asked < 10_000:
        piece = next(pieces)
        sent, longest = sent + len(piece), max(longest, len(piece))

    assert sent > 50_000
    assert longest < 200_000
    assert asked < 10_000 + workbooks.ROWS_AT_ONCE + 1


def test_a_reader_who_goes_away_is_no_fault() -> None:
    pieces = workbooks.blocks(HEAD, ([n, "x", n] for n in range(10_000)))
    next(pieces)
    next(pieces)

    pieces.close()  # type: ignore[attr-defined]

    assert list(pieces) == []


def test_a_full_sheet_is_followed_by_another_with_the_same_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "ROWS_A_SHEET", 2)

    raw = b"".join(workbooks.blocks(HEAD, ([n, "x", n] for n in range(4))))

    assert read(raw, 0) == [HEAD, [0.0, "x", 0.0], [1.0, "x", 1.0]]
    assert read(raw, 1) == [HEAD, [2.0, "x", 2.0], [3.0, "x", 3.0]]
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(raw)).sheet_names) == 2


def test_a_list_without_rows_is_a_sheet_with_its_head() -> None:
    assert read(b"".join(workbooks.blocks(HEAD, []))) == [HEAD]


def test_a_text_longer_than_a_cell_is_cut() -> None:
    raw = b"".join(workbooks.blocks(HEAD, [[1, "长" * 40_000, 2]]))

    assert read(raw)[1][1] == "长" * 32_767
