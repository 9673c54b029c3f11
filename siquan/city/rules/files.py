"""A rule pack as files: read them, without a database, into rows that know their line.

A folder holds pack.yaml, categories, limits, responsibilities, units (each .csv or .yaml) and calendar.yaml;
README.md tells the columns. Everything that is wrong is told at once, with file, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput, Words
from siquan.base.kernel.limits import Unit as Measure
from siquan.city.places.models import BlockKind
from siquan.city.rules.calendars import CalendarFile, read_calendar
from siquan.city.rules.models import CaseKind, Clock, RoadClass
from siquan.city.rules.rows import CategoryRow, LimitRow, PackFile, ResponsibilityRow
from siquan.city.rules.tables import (
    MAX_BYTES,
    Columns,
    Fault,
    Marked,
    Row,
    Unreadable,
    Weight,
    read_mapping,
    read_rows,
)

CATEGORY_COLUMNS: Final = Columns(
    required=("code", "parent", "name_zh", "source"),
    optional=("level", "kind", "name_en", "urgent", "private", "filing_condition", "closing_condition"),
    synonyms={"name": "name_zh", "is_urgent": "urgent", "is_private": "private"},
)
LIMIT_COLUMNS: Final = Columns(
    required=("category", "clock", "amount", "unit", "source"),
    optional=("road_class",),
    synonyms={"measure": "unit"},
)
RESPONSIBILITY_COLUMNS: Final = Columns(
    required=("category", "lead", "source"),
    optional=("division", "block_kind", "assists", "valid_from", "valid_to"),
    synonyms={"assist": "assists"},
)
UNIT_COLUMNS: Final = Columns(
    required=("code", "name_zh", "kind", "source"),
    optional=("name_en", "short_zh", "division"),
    synonyms={"name": "name_zh", "short_name": "short_zh"},
)
TEXT_KEYS: Final = ("name", "version", "district", "title", "title_en", "note", "note_en", "source")
REQUIRED_KEYS: Final = {"name", "version", "title", "source"}
PACK_KEYS: Final = (*TEXT_KEYS, "valid_from", "valid_to", "files")
TABLES: Final = ("categories", "limits", "responsibilities", "units")
MAX_AMOUNT: Final = 10_000
MAX_LEVELS: Final = 3
MAX_FILES: Final = 20
ENDINGS: Final = (".csv", ".yaml", ".yml")
LEVELS: Final = ("", "1", "2", "3")
LONGEST: Final[Mapping[str, int]] = {
    "code": 20,
    "name_zh": 60,
    "name_en": 120,
    "source": 300,
    "name": 60,
    "version": 30,
    "title": 120,
    "title_en": 120,
}


@dataclass(frozen=True)
class Parsed:
    """What reading gave: the pack as far as it could be read, and what is wrong."""

    pack: PackFile | None
    faults: tuple[Fault, ...]


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a pack by name. Raises BadInput."""
    if not folder.is_dir():
        raise BadInput(format_lazy(_("没有“{folder}”这个文件夹。"), folder=folder), field="folder")
    found = [path for path in sorted(folder.iterdir()) if path.suffix in ENDINGS and path.is_file()]
    if len(found) > MAX_FILES:
        words = format_lazy(
            _("“{folder}”里的文件太多，规则包最多 {most} 个。"), folder=folder, most=MAX_FILES
        )
        raise BadInput(words, field="folder")
    # One byte more than is allowed is enough to be told that it is too much.
    return {path.name: _head_of(path) for path in found}


def _head_of(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def parse(files: Mapping[str, bytes]) -> Parsed:
    """Read the files of a pack; what is wrong is in the answer, nothing is raised."""
    reading = _Reading(files)
    pack = reading.pack()
    return Parsed(pack, tuple(reading.faults))


C = TypeVar("C", bound=TextChoices)
T = TypeVar("T")


class _Reading:
    """One reading of one pack, collecting what is wrong."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.faults: list[Fault] = []
        self.names: dict[str, str] = {}
        self.called: dict[str, str] = {}

    def pack(self) -> PackFile | None:
        file = self._find("pack", (".yaml", ".yml"))
        head = self._try(lambda: read_mapping(file, self.files[file])) if file else None
        if head is None:
            return None
        texts = self._head(file, head)
        begins = self._day(file, self._line_of(head, "valid_from"), "valid_from")
        ends = self._day(file, self._line_of(head, "valid_to"), "valid_to")
        if begins is None:
            if not head.text("valid_from"):
                self._fault(file, 1, "valid_from", _("请写明自哪一天起施行，例如 2026-01-01。"))
            return None
        categories = self._table("categories", CATEGORY_COLUMNS, self._category)
        return PackFile(
            **texts,
            valid_from=begins,
            valid_to=ends,
            categories=tuple(self._kinds(categories)),
            limits=tuple(self._table("limits", LIMIT_COLUMNS, self._limit)),
            responsibilities=tuple(
                self._table(
                    "responsibilities",
                    RESPONSIBILITY_COLUMNS,
                    lambda file, row: self._responsibility(file, row, begins),
                )
            ),
            units=tuple(self._table("units", UNIT_COLUMNS, self._unit)),
            calendar=self._calendar(),
            names=self.names,
        )

    def _head(self, file: str, head: Marked) -> dict[str, str]:
        """Return the texts of pack.yaml by key, and take note of how the other files are called."""
        for key in head:
            if key not in PACK_KEYS:
                self._fault(file, head.lines[key], key, format_lazy(_("不认识“{key}”。"), key=key))
        texts = {
            key: self._text(file, self._line_of(head, key), key, required=key in REQUIRED_KEYS)
            for key in TEXT_KEYS
        }
        names = head.get("files", Marked())
        if isinstance(names, Marked):
            self.called = {table: names.text(table) for table in names}
        else:
            self._fault(file, head.lines["files"], "files", _("这里应当是“键: 值”的形式。"))
        return texts

    def _line_of(self, head: Marked, key: str) -> Row:
        return Row(head.lines.get(key, 1), {key: head.text(key)})

    def _find(self, table: str, endings: tuple[str, ...]) -> str:
        names = [self.called[table]] if self.called.get(table) else [f"{table}{end}" for end in endings]
        found = [name for name in names if name in self.files]
        if not found:
            self._fault(names[0], 0, "", _("缺少这个文件。"))
            return ""
        if len(found) > 1:
            words = format_lazy(_("与 {other} 重复，请只留一个。"), other=found[1])
            self._fault(found[0], 0, "", words)
        self.names[table] = found[0]
        return found[0]

    def _table(self, table: str, columns: Columns, read: Callable[[str, Row], T | None]) -> list[T]:
        name = self._find(table, ENDINGS)
        rows = self._try(lambda: read_rows(name, self.files[name], columns)) if name else None
        found = (read(name, row) for row in rows or ())
        return [row for row in found if row is not None]

    def _calendar(self) -> CalendarFile | None:
        name = self._find("calendar", (".yaml", ".yml"))
        head = self._try(lambda: read_mapping(name, self.files[name])) if name else None
        if head is None:
            return None
        calendar, faults = read_calendar(name, head)
        self.faults += faults
        return calendar

    def _category(self, file: str, row: Row) -> CategoryRow | None:
        code = self._text(file, row, "code", required=True)
        name = self._text(file, row, "name_zh", required=True)
        self._text(file, row, "name_en")
        source = self._text(file, row, "source", required=True)
        self._choice(file, row, "kind", CaseKind)
        urgent = self._yes_no(file, row, "urgent")
        if row["level"] not in LEVELS:
            self._fault(file, row.line, "level", _("类别分三级，请写 1、2 或 3。"))
        if not code:
            return None
        return CategoryRow(
            line=row.line,
            code=code,
            parent=row["parent"],
            level=row["level"],
            kind=row["kind"],
            name=name,
            name_en=row["name_en"],
            is_urgent=urgent,
            filing_condition=row["filing_condition"],
            closing_condition=row["closing_condition"],
            source=source,
            is_private=self._yes_no(file, row, "private"),
        )

    def _kinds(self, rows: list[CategoryRow]) -> Iterator[CategoryRow]:
        """Give each category that names no kind that of the one above it."""
        by_code = {row.code: row for row in rows}
        for row in rows:
            at, ways = row, 0
            while not at.kind and at.parent in by_code and ways < MAX_LEVELS:
                at, ways = by_code[at.parent], ways + 1
            if not at.kind and not row.parent:
                words = format_lazy(_("请写明种类：{choices}。"), choices=", ".join(CaseKind.values))
                self._fault(self.names["categories"], row.line, "kind", words)
            yield replace(row, kind=at.kind)

    def _limit(self, file: str, row: Row) -> LimitRow | None:
        category = self._text(file, row, "category", required=True)
        clock = self._choice(file, row, "clock", Clock, required=True)
        road = self._choice(file, row, "road_class", RoadClass)
        amount = self._amount(file, row)
        measure = self._choice(file, row, "unit", Measure, required=True)
        source = self._text(file, row, "source", required=True)
        if not (category and clock and measure and amount):
            return None
        return LimitRow(row.line, category, road, clock, amount, measure, source)

    def _responsibility(self, file: str, row: Row, begins: date) -> ResponsibilityRow | None:
        category = self._text(file, row, "category", required=True)
        lead = self._text(file, row, "lead", required=True)
        source = self._text(file, row, "source", required=True)
        kind = self._choice(file, row, "block_kind", BlockKind)
        valid_from = self._day(file, row, "valid_from") or begins
        valid_to = self._day(file, row, "valid_to")
        if valid_to and valid_to <= valid_from:
            self._fault(file, row.line, "valid_to", _("结束日期应当晚于开始日期。"))
        if not (category and lead):
            return None
        assists = tuple(sorted(set(re.split(r"[\s,;|，；、]+", row["assists"])) - {""}))
        return ResponsibilityRow(
            row.line, category, row["division"], kind, lead, assists, valid_from, valid_to, source
        )

    def _unit(self, file: str, row: Row) -> Row | None:
        for column in UNIT_COLUMNS.required:
            self._text(file, row, column, required=True)
        return row if row["code"] else None

    def _text(self, file: str, row: Row, column: str, *, required: bool = False) -> str:
        value = row[column]
        if required and not value:
            words = _("请写明来源；没有正式出处的写 assumed。") if column == "source" else _("请填写。")
            self._fault(file, row.line, column, words)
        most = LONGEST.get(column, MAX_BYTES)
        if len(value) > most:
            self._fault(file, row.line, column, format_lazy(_("超过 {most} 个字，请缩短。"), most=most))
        return value

    def _choice(self, file: str, row: Row, column: str, choices: type[C], *, required: bool = False) -> str:
        value = row[column]
        written = value.replace("_", "-") if choices is Measure else value
        if written in choices.values or (not value and not required):
            return written
        words = format_lazy(
            _("“{value}”不在可选值里：{choices}。"), value=value, choices=", ".join(choices.values)
        )
        self._fault(file, row.line, column, words)
        return ""

    def _yes_no(self, file: str, row: Row, column: str) -> bool:
        value = row[column].lower()
        if value not in _YES | _NO:
            self._fault(file, row.line, column, _("请写 true 或 false。"))
        return value in _YES

    def _amount(self, file: str, row: Row) -> int:
        value = row["amount"]
        if value.isascii() and value.isdigit() and len(value) < 9 and 0 < int(value) <= MAX_AMOUNT:
            return int(value)
        words = format_lazy(_("请写 1 至 {most} 的整数。"), most=MAX_AMOUNT)
        self._fault(file, row.line, "amount", words)
        return 0

    def _day(self, file: str, row: Row, column: str) -> date | None:
        if not row[column]:
            return None
        try:
            return date.fromisoformat(row[column])
        except ValueError:
            self._fault(file, row.line, column, _("日期请写成 2026-01-01 的样子。"))
            return None

    def _try(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Unreadable as error:
            self.faults.append(error.fault)
            return None

    def _fault(self, file: str, line: int, column: str, words: Words) -> None:
        self.faults.append(Fault(file, line, column, words, Weight.ERROR))


_YES: Final = {"true", "yes", "1", "是"}
_NO: Final = {"false", "no", "0", "否", ""}
