"""Write rows as an XLSX workbook that leaves while it is written: nothing is kept but the row at hand.

Office Open XML (ECMA-376, part 1): sheets with inline strings in a ZIP whose sizes follow the data, so
there is no going back. A text is only ever a text, so a spreadsheet never takes it for a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from io import RawIOBase
from itertools import chain, islice
from typing import Any, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_A_SHEET: Final = 1_048_575  # a sheet holds no more, below its head
BYTES_A_SHEET: Final = (
    1_000_000_000  # a part of a ZIP without 64-bit sizes, which not every reader knows, holds 4 GB
)
LETTERS_A_CELL: Final = 32_767
ROWS_AT_ONCE: Final = 100
LEVEL: Final = 3  # of compression: the lines wait for the database, not for the packing
WIDTH: Final = 16

# What XML 1.0 cannot hold, and what a reader of XLSX would take for such a letter written out.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_CODED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def blocks(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield the workbook piece by piece; a new sheet with the same head begins where one is full.

    Cells are texts and finite numbers; a text longer than a cell holds is cut.
    """
    out = _Outbox()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=LEVEL) as book:
        _put(book, "_rels/.rels", _links([("officeDocument", "xl/workbook.xml")]))
        _put(book, "xl/styles.xml", _STYLES)
        yield out.taken()
        left, count = iter(rows), 0
        first = next(left, None)
        while first is not None or not count:
            count += 1
            beginning = [first] if first is not None else []
            for _written in _sheet(book, count, head, chain(beginning, left)):
                yield out.taken()
            first = next(left, None)
        _end(book, count)
    yield out.taken()


class _Outbox(RawIOBase):
    """A file without a way back, that gives away what was written to it."""

    def __init__(self) -> None:
        """Begin empty."""
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, piece: Any) -> int:
        """Keep a piece until it is taken."""
        self._waiting.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """Return what has come since the last time."""
        pieces, self._waiting = self._waiting, []
        return b"".join(pieces)


def _sheet(book: ZipFile, number: int, head: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[None]:
    """Write one sheet, stopping after every few rows, until it is full or the rows end."""
    with book.open(f"xl/worksheets/sheet{number}.xml", "w") as file:
        size = file.write(_beginning(head).encode())
        left = ROWS_A_SHEET
        while left and size < BYTES_A_SHEET:
            lines = [_line(row) for row in islice(rows, min(ROWS_AT_ONCE, left))]
            if not lines:
                break
            size += file.write("".join(lines).encode())
            left -= len(lines)
            yield
        file.write(b"</sheetData></worksheet>")
    yield


def _beginning(head: Sequence[str]) -> str:
    titles = "".join(f'<c t="inlineStr" s="1"><is><t>{_written(title)}</t></is></c>' for title in head)
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
        "</sheetView></sheetViews>"
        f'<cols><col min="1" max="{len(head)}" width="{WIDTH}" customWidth="1"/></cols>'
        f"<sheetData><row>{titles}</row>"
    )


def _line(row: Sequence[Any]) -> str:
    return f"<row>{''.join([_cell(value) for value in row])}</row>"


def _cell(value: Any) -> str:
    if isinstance(value, str):
        if not value:
            return "<c/>"
        return f'<c t="inlineStr"><is><t xml:space="preserve">{_written(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def _written(text: str) -> str:
    text = _UNWRITABLE.sub("", text[:LETTERS_A_CELL])
    return escape(_LOOKS_CODED.sub("_x005F_", text) if "_x" in text else text)


def _end(book: ZipFile, sheets: int) -> None:
    """Write the parts that name the sheets: only now is it known how many there are."""
    numbers = range(1, sheets + 1)
    listed = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    workbook = f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{listed}</sheets></workbook>'
    links = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    kinds = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    kinds += [(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers]
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in kinds
    )
    _put(book, "xl/workbook.xml", workbook)
    _put(book, "xl/_rels/workbook.xml.rels", _links([*links, ("styles", "styles.xml")]))
    _put(
        book,
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
    )


def _links(targets: Iterable[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _put(book: ZipFile, name: str, text: str) -> None:
    with book.open(name, "w") as file:
        file.write(text.encode())
