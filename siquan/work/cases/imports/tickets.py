"""Rows of a table as tickets of the hotline (12345 工单): what can be used, what is wrong with the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import IO, Any, Final, NamedTuple

from django.utils.translation import gettext as _

from siquan.base.kernel.coordinates import Datum, parse_datum
from siquan.base.kernel.errors import BadInput, UnknownDatum
from siquan.base.kernel.localtime import SHANGHAI
from siquan.work.cases.imports.columns import Columns, known_titles, recognise
from siquan.work.cases.imports.sheets import Cell, Sheet, open_sheet

LONGEST: Final = {
    "ref": 100, "title": 2000, "text": 20_000, "time": 60, "name": 200, "phone": 60, "address": 500,
    "street": 100, "community": 100, "category": 300, "lon": 40, "lat": 40, "datum": 40,
}  # fmt: skip
FIRST_YEAR: Final = 1992  # nothing here reckons further back
CLOCKS_DIFFER: Final = timedelta(minutes=10)
HEAD_WITHIN: Final = 10  # exports often begin with a title or two
_EXCEL_EPOCH: Final = datetime(1899, 12, 30)
_EXCEL_DAYS: Final = (33_000, 110_000)  # 1990 to 2201
_EXACT: Final = 1e15  # beyond, a spreadsheet has already rounded the digits away
_UNSEEN: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xFEFF])
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_ROUNDED: Final = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_TIME: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[\sT]*(\d{1,2})\s*[:时点]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2})(?:\.\d+)?\s*秒?)?\s*分?)?"
)
_DIGITS: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")


class Ticket(NamedTuple):
    """One usable row; `address` holds street and community as well, `category` is as the sender wrote it."""

    row: int
    ref: str
    text: str
    reported_at: datetime | None = None
    title: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    category: str = ""
    lon: float | None = None
    lat: float | None = None
    datum: Datum = Datum.WGS84


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row, in which column, and what to do."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: a ticket, or its faults."""

    row: int
    ref: str
    ticket: Ticket | None
    faults: tuple[Fault, ...] = ()


class TicketFile:
    """A file of tickets: its columns are read at once, its rows one after the other, as often as wished.

    `at` is now: a ticket of the future is refused. Raises BadInput for a file that cannot be used.
    """

    def __init__(
        self,
        file: IO[bytes],
        *,
        at: datetime,
        mapping: Mapping[str, str] | None = None,
        datum: Datum | None = None,
    ) -> None:
        """Find the row of titles."""
        self.sheet: Sheet = open_sheet(file, lambda cells: known_titles(cells, mapping))
        self.head, self.columns = _head(self.sheet, mapping)
        self.datum = datum or self.columns.datum
        self._at = at

    @property
    def has_undeclared_points(self) -> bool:
        """Tell whether there are coordinates of which nobody says what they refer to; WGS-84 is assumed."""
        positions = self.columns.positions
        return "lon" in positions and self.datum is None and "datum" not in positions

    def lines(self) -> Iterator[Line]:
        """Give every row that is not empty. Raises BadInput when the file breaks off."""
        rows_by_ref: dict[int, int] = {}
        for number, cells in self.sheet.rows():
            if number <= self.head or not any(_is_filled(cell) for cell in cells):
                continue
            line = _Row(number, cells, self.columns, self.datum or Datum.WGS84, self._at).read()
            if line.ref:
                first = rows_by_ref.setdefault(hash(line.ref), number)
                if first != number:
                    line = _twice(line, first, self.columns.title("ref"))
            yield line


def _head(sheet: Sheet, mapping: Mapping[str, str] | None) -> tuple[int, Columns]:
    """Return the number of the row of titles and what they mean; the fullest of the first rows."""
    best, at, seen = None, 0, 0
    for number, cells in sheet.rows():
        if any(_is_filled(cell) for cell in cells):
            seen += 1
            found = recognise(cells, mapping)
            if best is None or len(found.positions) > len(best.positions):
                best, at = found, number
        if seen >= HEAD_WITHIN:
            break
    if best is None:
        raise BadInput(_("文件是空的。请选择有内容的文件。"), field="file")
    shown = _("、").join(title for title in best.titles if title)[:300]
    for field, words in (
        ("ref", _("没有找到来件编号这一列。编号用来避免重复导入，必须有。")),
        ("text", _("没有找到内容这一列。")),
    ):
        if field not in best.positions and not (field == "text" and "title" in best.positions):
            more = _("文件的表头是：%(titles)s。请改表头，或用对照文件写明哪一列是什么。") % {"titles": shown}
            raise BadInput(f"{words}{more}", field="file")
    return at, best


def _is_filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _twice(line: Line, first: int, column: str) -> Line:
    words = _("和第%(row)d行的编号相同，只导入前一行。请核对，删去重复的行或改正编号。") % {"row": first}
    return Line(line.row, line.ref, None, (*line.faults, Fault(line.row, column, words)))


class _Unusable(Exception):
    """A cell cannot be used; the words say what to do."""


class _Row:
    """One row while it is read: collects every fault, not only the first."""

    def __init__(
        self, number: int, cells: Sequence[Cell], columns: Columns, datum: Datum, at: datetime
    ) -> None:
        self.number, self.cells, self.columns, self.datum, self.at = number, cells, columns, datum, at
        self.faults: list[Fault] = []

    def read(self) -> Line:
        """Return the ticket or the faults."""
        ref = self.take("ref", _identifier)
        title, text = self.take("title", _one_line), self.take("text", _words)
        if not ref and not self.has_fault("ref"):
            self.fault("ref", _("没有编号，无法避免重复导入。请补上编号。"))
        if not (text or title) and not self.has_fault("text") and not self.has_fault("title"):
            self.fault("text", _("没有内容，不知道反映了什么。请补上内容。"))
        reported_at = self.take("time", self._moment)
        address = " ".join(
            each for each in (self.take(f, _one_line) for f in ("street", "community", "address")) if each
        )
        lon, lat, datum = self._point()
        name, phone = self.take("name", _one_line), self.take("phone", _identifier)
        category = "->".join(self._levels())
        if self.faults:
            return Line(self.number, ref or "", None, tuple(self.faults))
        ticket = Ticket(
            row=self.number,
            ref=ref or "",
            text=text or title or "",
            reported_at=reported_at,
            title=(title or "")[:200],
            name=(name or "")[:60],
            phone=phone or "",
            address=address[:200],
            category=category,
            lon=lon,
            lat=lat,
            datum=datum,
        )
        return Line(self.number, ticket.ref, ticket)

    def take(self, field: str, read: Any, place: int = 0) -> Any:
        """Return a field, None when it is empty or at fault."""
        places = self.columns.positions.get(field, ())
        if place >= len(places) or places[place] >= len(self.cells):
            return None
        cell = self.cells[places[place]]
        if cell is None or cell == "":
            return None
        try:
            if isinstance(cell, str):
                cell = _checked(cell, LONGEST[field])
            return read(cell) if cell != "" else None
        except _Unusable as unusable:
            self.fault(field, str(unusable))
            return None

    def fault(self, field: str, message: str) -> None:
        """Note what is wrong."""
        self.faults.append(Fault(self.number, self.columns.title(field), message))

    def has_fault(self, field: str) -> bool:
        """Tell whether something is wrong with a field already."""
        return any(fault.column == self.columns.title(field) for fault in self.faults)

    def _levels(self) -> list[str]:
        places = range(len(self.columns.positions.get("category", ())))
        return [level for level in (self.take("category", _identifier, place) for place in places) if level]

    def _moment(self, cell: Cell) -> datetime:
        when = _moment(cell)
        year = when.astimezone(SHANGHAI).year
        if year < FIRST_YEAR:
            raise _Unusable(_("时间太早（%(year)d年），请核对。") % {"year": year})
        if when > self.at + CLOCKS_DIFFER:
            raise _Unusable(_("时间在将来，请核对年份和日期。"))
        return when

    def _point(self) -> tuple[float | None, float | None, Datum]:
        lon, lat = self.take("lon", _degrees), self.take("lat", _degrees)
        datum = self.take("datum", _datum) or self.datum
        is_bad = self.has_fault("lon") or self.has_fault("lat")
        if (lon is None) != (lat is None) and not is_bad:
            self.fault("lat" if lat is None else "lon", _("经度和纬度要么都写，要么都不写。"))
        if lon is None or lat is None or lon == lat == 0:  # 0,0 is how many systems write "none"
            return None, None, datum
        if abs(lat) > 90 >= abs(lon):
            self.fault("lat", _("经度和纬度写反了，请对调。"))
        elif abs(lon) > 180 or abs(lat) > 90:
            self.fault("lon", _("这不是经纬度。经度请写成116.41这样的度数。"))
        return lon, lat, datum


def _checked(cell: str, longest: int) -> str:
    """Return a text without what nobody can see. Raises _Unusable."""
    if "\x00" in cell:
        raise _Unusable(_("含有空字符（NUL），可能已损坏。请从原系统重新导出这一行。"))
    if len(cell) > longest and len(cell.strip()) > longest:
        raise _Unusable(
            _("太长：%(length)d字，最多%(most)d字。请缩短。") % {"length": len(cell), "most": longest}
        )
    if not cell.isprintable():
        cell = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", cell.translate(_UNSEEN))
    return cell.strip()


def _words(cell: Cell) -> str:
    return str(cell).replace("\r\n", "\n").replace("\r", "\n")


def _one_line(cell: Cell) -> str:
    return _identifier(cell) if not isinstance(cell, str) else " ".join(cell.split())


def _identifier(cell: Cell) -> str:
    """Return a number or code as it was typed; a spreadsheet holds 188006 as 188006.0."""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float):
        if not abs(cell) < _EXACT:
            raise _Unusable(_rounded_words())
        return str(int(cell)) if cell == int(cell) else repr(cell)
    text = " ".join(str(cell).split())
    if _ROUNDED.fullmatch(text):
        raise _Unusable(_rounded_words())
    return text


def _rounded_words() -> str:
    return _("长数字被表格软件改成了近似值，原来的数字已丢失。请在原系统把这一列按文本导出。")


def _degrees(cell: Cell) -> float:
    try:
        value = float(cell if isinstance(cell, int | float | str) else "x")
    except (ValueError, OverflowError) as error:
        raise _Unusable(_("这不是经纬度。经度请写成116.41这样的度数。")) from error
    if not abs(value) <= 1000:
        raise _Unusable(_("这不是经纬度。经度请写成116.41这样的度数。"))
    return value


def _datum(cell: Cell) -> Datum:
    try:
        return parse_datum(str(cell))
    except UnknownDatum as error:
        raise _Unusable(str(error)) from error


def _moment(cell: Cell) -> datetime:
    """Return a point in time in UTC. Raises _Unusable."""
    try:
        if isinstance(cell, datetime):
            return _in_utc(cell)
        if isinstance(cell, date):
            return _in_utc(datetime(cell.year, cell.month, cell.day))
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return _from_serial(float(cell))
        if isinstance(cell, str):
            return _from_text(cell)
    except (ValueError, OverflowError):
        pass
    raise _Unusable(_("时间读不懂。请写成2026-09-25 16:30:00这样。"))


def _from_text(text: str) -> datetime:
    found = _TIME.fullmatch(text) or _DIGITS.fullmatch(text)
    if found:
        parts = [int(part) if part else 0 for part in found.groups()]
        return _in_utc(datetime(*parts))  # type: ignore[arg-type]
    try:
        return _in_utc(datetime.fromisoformat(text))
    except ValueError:
        return _from_serial(float(text))


def _from_serial(days: float) -> datetime:
    """Return the time of a spreadsheet's count of days."""
    if not _EXCEL_DAYS[0] <= days <= _EXCEL_DAYS[1]:
        raise ValueError(days)
    return _in_utc(_EXCEL_EPOCH + timedelta(seconds=round(days * 86_400)))


def _in_utc(when: datetime) -> datetime:
    if when.tzinfo is None:
        when = when.replace(tzinfo=SHANGHAI)
    return when.astimezone(UTC)
