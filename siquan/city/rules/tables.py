"""Read a table from bytes, CSV or YAML alike, as rows of text that know their line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import Words

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_ROWS: Final = 200_000
MAX_CELL: Final = 10_000


class Weight(TextChoices):
    """How much a fault weighs: an error must be put right first, a gap wants a rule, a note wants a look."""

    ERROR = "error", _("错误")
    GAP = "gap", _("缺口")
    NOTE = "note", _("提示")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a pack: where it stands, and what to do."""

    file: str
    line: int
    column: str
    message: Words
    weight: Weight = Weight.ERROR

    def __str__(self) -> str:
        """Return file:line:column: message, as compilers write it."""
        return f"{self.place}: {self.message}"

    @property
    def place(self) -> str:
        """Where the fault is, as far as it is known."""
        return ":".join(part for part in (self.file, str(self.line or ""), self.column) if part)


class Unreadable(Exception):
    """The bytes are no table; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the line on which it begins; every cell is text without blanks around it."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell, empty if the column is missing."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file: those it must have, those it may have, and other names for them."""

    required: Sequence[str]
    optional: Sequence[str] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)

    def name(self, heading: str) -> str:
        """Return the column a heading means."""
        heading = heading.strip()
        return self.synonyms.get(heading, heading)

    @property
    def known(self) -> tuple[str, ...]:
        """Every column."""
        return (*self.required, *self.optional)


def read_rows(name: str, content: bytes, columns: Columns) -> list[Row]:
    """Return the rows of a CSV or YAML file (told by its name). Raises Unreadable."""
    text = read_text(name, content)
    rows = list(_yaml_rows(name, text) if _is_yaml(name) else _csv_rows(name, text))
    if len(rows) > MAX_ROWS:
        raise Unreadable(Fault(name, 0, "", format_lazy(_("超过 {most} 行，请拆分。"), most=MAX_ROWS)))
    return [Row(row.line, _renamed(name, row, columns)) for row in rows]


def read_mapping(name: str, content: bytes) -> Marked:
    """Return a YAML file that is one mapping. Raises Unreadable."""
    found = _load_yaml(name, read_text(name, content))
    if not isinstance(found, Marked):
        raise Unreadable(Fault(name, 1, "", _("这个文件应当是“键: 值”的形式。")))
    return found


def read_text(name: str, content: bytes) -> str:
    """Return the text of a file. Raises Unreadable for what is too large or not UTF-8."""
    if len(content) > MAX_BYTES:
        raise Unreadable(
            Fault(name, 0, "", format_lazy(_("文件超过 {most} MB，请拆分。"), most=MAX_BYTES // 1024 // 1024))
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            Fault(name, line, "", _("不是 UTF-8 文字。请在表格软件里另存为“CSV UTF-8”。"))
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable(Fault(name, line, "", _("含有空字符（NUL），请删去。")))
    return text


def _is_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def _renamed(name: str, row: Row, columns: Columns) -> dict[str, str]:
    cells = {columns.name(heading): value for heading, value in row.cells.items()}
    unknown = [heading for heading in cells if heading not in columns.known]
    if unknown:
        words = format_lazy(
            _("没有“{column}”这一列。可用的列：{known}。"), column=unknown[0], known=", ".join(columns.known)
        )
        raise Unreadable(Fault(name, 1 if not _is_yaml(name) else row.line, unknown[0], words))
    missing = [column for column in columns.required if column not in cells]
    if missing and not _is_yaml(name):
        raise Unreadable(
            Fault(name, 1, missing[0], format_lazy(_("缺少“{column}”这一列。"), column=missing[0]))
        )
    for heading, value in cells.items():
        if len(value) > MAX_CELL:
            raise Unreadable(
                Fault(name, row.line, heading, format_lazy(_("超过 {most} 个字，请缩短。"), most=MAX_CELL))
            )
    return cells


def _csv_rows(name: str, text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head: list[str] = []
    before = 0
    try:
        for values in reader:
            line, before = before + 1, reader.line_num
            cells = [value.strip() for value in values]
            if not any(cells):
                continue
            if not head:
                head = _head(name, line, cells)
                continue
            if len(cells) != len(head):
                words = format_lazy(
                    _("这一行有 {found} 格，表头有 {expected} 格。含逗号的内容要加英文引号。"),
                    found=len(cells),
                    expected=len(head),
                )
                raise Unreadable(Fault(name, line, "", words))
            yield Row(line, dict(zip(head, cells, strict=True)))
    except csv.Error as error:
        words = format_lazy(_("这一行不是正确的 CSV：{error}。"), error=error)
        raise Unreadable(Fault(name, reader.line_num, "", words)) from None
    if not head:
        raise Unreadable(Fault(name, 1, "", _("文件是空的，第一行应当是表头。")))


def _head(name: str, line: int, cells: list[str]) -> list[str]:
    double = next((cell for cell in cells if cells.count(cell) > 1), None)
    if double is not None:
        raise Unreadable(
            Fault(name, line, double, format_lazy(_("“{column}”这一列出现了两次。"), column=double))
        )
    return cells


class Marked(dict[str, Any]):
    """A mapping from YAML that knows on which line each of its keys stands."""

    line = 0

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}

    def text(self, key: str) -> str:
        """Return a value as text, empty if it is missing or not text."""
        value = self.get(key, "")
        return value.strip() if isinstance(value, str) else ""


class _Loader(yaml.BaseLoader):
    """YAML in which every scalar is text, and nothing refers to something else.

    An alias can make a file of one kilobyte mean gigabytes.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse references."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="references (&, *) are not used here",
                problem_mark=self.peek_event().start_mark,  # type: ignore[no-untyped-call]
            )
        return super().compose_node(parent, index)


def _marked(loader: _Loader, node: yaml.MappingNode) -> Iterator[Marked]:
    found = Marked()
    found.line = node.start_mark.line + 1
    yield found
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem="a key must be text", problem_mark=key_node.start_mark)
        if key in found:
            raise yaml.MarkedYAMLError(problem=f"{key!r} stands here twice", problem_mark=key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
        found.lines[key] = key_node.start_mark.line + 1


_Loader.add_constructor("tag:yaml.org,2002:map", _marked)


def _load_yaml(name: str, text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a loader that makes nothing but text
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        words = format_lazy(_("不是正确的 YAML：{error}。"), error=error.problem or error.context or "")
        raise Unreadable(Fault(name, mark.line + 1 if mark else 0, "", words)) from None
    except (yaml.YAMLError, RecursionError):
        raise Unreadable(Fault(name, 0, "", _("不是正确的 YAML。"))) from None


def _yaml_rows(name: str, text: str) -> Iterator[Row]:
    found = _load_yaml(name, text)
    if not isinstance(found, list):
        raise Unreadable(Fault(name, 1, "", _("这个文件应当是一张列表，每项以“-”开头。")))
    for item in found:
        if not isinstance(item, Marked):
            raise Unreadable(Fault(name, 1, "", _("列表的每一项应当是“键: 值”的形式。")))
        yield Row(item.line, {key: _cell(name, item, key) for key in item})


def _cell(name: str, item: Marked, key: str) -> str:
    value = item[key]
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return " ".join(value)
    if isinstance(value, str):
        return value.strip()
    raise Unreadable(Fault(name, item.lines[key], key, _("这里应当是文字。")))
