"""Foreign files as rows of cells: CSV in the encodings people send, gzip, XLSX; no name is believed."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import IO, Any, Final

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from siquan.base.kernel.errors import BadInput

Cell = str | int | float | bool | date | datetime | time | timedelta
Row = tuple[int, Sequence[Cell]]  # its number as a spreadsheet shows it, and its cells

MOST_UNPACKED: Final = 2_000_000_000  # bytes of a CSV: a million long tickets
MOST_XLSX: Final = 150_000_000  # bytes of an XLSX file, unpacked; it has to be held in memory
MOST_CELLS: Final = 6_000_000  # of an XLSX sheet, empty ones in between included
LONGEST_CELL: Final = 2_000_000  # characters; longer ones are no table any more
MOST_COLUMNS: Final = 500
DELIMITERS: Final = (",", "\t", ";", "|")
_BLOCK: Final = 1 << 20
_REFERENCE: Final = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_OLE: Final = b"\xd0\xcf\x11\xe0"
_OTHERS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")

BROKEN_ZIP: Final = _("压缩文件不完整或已损坏，请重新下载或重新压缩后再试。")
NO_TABLE: Final = _("这不是能读的表格。请用CSV（UTF-8或GB18030，可以压缩成.gz）或XLSX文件。")
OLD_EXCEL: Final = _("这是旧式Excel（.xls）或加密的文件。请在表格软件里另存为不加密的.xlsx，再导入。")
TOO_LARGE: Final = _("文件解开后太大。请分成几个文件，或另存为CSV再导入。")
BAD_QUOTES: Final = _("第%(row)d行附近有没合上的引号或过长的内容，后面的行读不出来。请改正后再导入。")
ENDLESS: Final = _("有一行超过200万字，这不是工单表格。请核对文件，或分行后再导入。")
BAD_ENCODING: Final = _(
    "文件的编码既不是UTF-8也不是GB18030（第%(byte)d个字节处读不出来）。请另存为UTF-8编码的CSV。"
)


@dataclass(frozen=True)
class Sheet:
    """A file that can be read row by row, any number of times."""

    kind: str
    encoding: str
    rows: Callable[[], Iterator[Row]]


def open_sheet(file: IO[bytes], is_header: Callable[[Sequence[Cell]], int] = len) -> Sheet:
    """Return the table in a seekable file; `is_header` counts the titles it knows, to choose the delimiter.

    Raises BadInput with what to do, at once or while the rows are read.
    """
    start = _start(file, 0)
    if start.startswith(b"\x1f\x8b"):
        inner = _unpacked(file)
        start = _read(inner, 8)
        if start.startswith(b"PK"):
            return _xlsx(io.BytesIO(start + _read(inner, MOST_XLSX + 1)))
        return _csv(lambda: _unpacked(file), start, is_header)
    if start.startswith(b"PK"):
        return _xlsx(file)
    return _csv(lambda: _rewound(file), start, is_header)


def _start(file: IO[bytes], at: int) -> bytes:
    file.seek(at)
    return file.read(8)


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file


class _Unpacked(io.RawIOBase):
    """The content of a gzip file, up to a limit: a small file may unpack to more than any disk holds."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self._gzip = gzip.GzipFile(fileobj=file)
        self._left = MOST_UNPACKED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            got = self._gzip.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput(BROKEN_ZIP, field="file") from error
        self._left -= len(got)
        if self._left < 0:
            raise BadInput(TOO_LARGE, field="file")
        buffer[: len(got)] = got
        return len(got)


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Unpacked(file), _BLOCK)


def _read(file: IO[bytes], size: int) -> bytes:
    found = file.read(size)
    if len(found) > MOST_XLSX:
        raise BadInput(TOO_LARGE, field="file")
    return found


# --- CSV


def _csv(reopen: Callable[[], IO[bytes]], start: bytes, is_header: Callable[[Sequence[Cell]], int]) -> Sheet:
    if start.startswith(_OLE):
        raise BadInput(OLD_EXCEL, field="file")
    if not start or start.startswith(_OTHERS):
        raise BadInput(NO_TABLE if start else _("文件是空的。请选择有内容的文件。"), field="file")
    encoding = _encoding(reopen, start)
    delimiter = _delimiter(_text(reopen(), encoding), is_header)
    return Sheet("csv", encoding, lambda: _csv_rows(_text(reopen(), encoding), delimiter))


def _encoding(reopen: Callable[[], IO[bytes]], start: bytes) -> str:
    """Return the encoding in which the whole file can be read."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        wanted: tuple[str, ...] = ("utf-16",)
    elif start.startswith(codecs.BOM_UTF8):
        wanted = ("utf-8-sig",)
    else:
        wanted = ("utf-8", "gb18030")
    failed = 0
    for encoding in wanted:
        failed = _fails_at(reopen(), encoding)
        if failed < 0:
            return encoding
    raise BadInput(BAD_ENCODING % {"byte": failed + 1}, field="file")


def _fails_at(file: IO[bytes], encoding: str) -> int:
    """Return the byte at which an encoding does not fit, -1 when it fits to the end."""
    decoder, passed = codecs.getincrementaldecoder(encoding)(), 0
    while True:
        block = file.read(_BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeError as error:
            return passed + (error.start if isinstance(error, UnicodeDecodeError) else 0)
        passed += len(block)
        if not block:
            return -1


def _text(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Give the lines; a line without end must not fill the memory."""
    reader = codecs.getreader(encoding)(file) if encoding == "utf-16" else None
    lines: Any = reader or io.TextIOWrapper(file, encoding, newline="")
    try:
        while line := lines.readline(LONGEST_CELL):
            if len(line) >= LONGEST_CELL and not line.endswith(("\n", "\r")):
                raise BadInput(ENDLESS, field="file")
            yield line
    finally:
        if reader is None:
            with suppress(ValueError):  # closed meanwhile
                lines.detach()  # the file is read again later


def _csv_rows(lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
            yield number, cells[:MOST_COLUMNS]
    except csv.Error as error:
        raise BadInput(BAD_QUOTES % {"row": number + 1}, field="file") from error


def _delimiter(lines: Iterator[str], is_header: Callable[[Sequence[Cell]], int]) -> str:
    """Return the delimiter with which the first lines show the most titles that are known."""
    first = [line for _number, line in zip(range(10), lines, strict=False)]

    def titles(delimiter: str) -> int:
        try:
            return max((is_header(cells) for cells in csv.reader(first, delimiter=delimiter)), default=0)
        except csv.Error:
            return 0

    return max(DELIMITERS, key=titles)


# --- XLSX


def _xlsx(file: IO[bytes]) -> Sheet:
    _check_zip(file)
    file.seek(0)
    book = _guarded(lambda: CalamineWorkbook.from_filelike(file))
    names = [each.name for each in book.sheets_metadata if str(each.typ).endswith("WorkSheet")]
    for name in names:
        sheet = _guarded(partial(book.get_sheet_by_name, name))
        if sheet.height:
            return Sheet("xlsx", "", partial(_xlsx_rows, sheet))
    raise BadInput(_("文件里没有数据。请选择有内容的表格。"), field="file")


def _xlsx_rows(sheet: Any) -> Iterator[Row]:
    first = 1 + (sheet.start[0] if sheet.start else 0)
    rows = sheet.to_python(skip_empty_area=True)
    for number, cells in enumerate(rows, start=first):
        yield number, cells[:MOST_COLUMNS]


def _guarded(read: Callable[[], Any]) -> Any:
    """Read with the foreign library; whatever it does with a broken file becomes a clear refusal."""
    try:
        return read()
    except PasswordError as error:
        raise BadInput(OLD_EXCEL, field="file") from error
    except (CalamineError, OSError, ValueError) as error:
        raise BadInput(NO_TABLE, field="file") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Rust; it derives from BaseException
            raise
        raise BadInput(NO_TABLE, field="file") from error


def _check_zip(file: IO[bytes]) -> None:
    """Unpack once with counting before the library does it without: sizes, and cells far outside."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if sum(each.file_size for each in members) > MOST_XLSX:
                raise BadInput(TOO_LARGE, field="file")
            for each in members:
                _check_member(archive, each)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise BadInput(BROKEN_ZIP, field="file") from error
    except RuntimeError as error:  # encrypted
        raise BadInput(OLD_EXCEL, field="file") from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    is_sheet = member.filename.lower().startswith("xl/worksheets/")
    columns: set[bytes] = set()
    last_row, rest = 0, b""
    with archive.open(member) as opened:
        while block := opened.read(_BLOCK):
            if is_sheet:
                found = _REFERENCE.findall(rest + block)
                columns.update(letters for letters, _digits in found)
                last_row = max(last_row, max((int(digits) for _letters, digits in found), default=0))
                rest = block[-16:]
    width = max((_column_number(letters) for letters in columns), default=0)
    if width * last_row > MOST_CELLS:
        raise BadInput(TOO_LARGE, field="file")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
