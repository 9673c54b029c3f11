"""The filtered list as CSV or XLSX, row by row: memory does not grow with the list."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from siquan.base.kernel import workbooks
from siquan.base.kernel.cells import harmless
from siquan.work.cases.models import CaseQuerySet, Source
from siquan.work.cases.states import State

AT_ONCE: Final = 2000
STATES: Final = dict(State.choices)
SOURCES: Final = dict(Source.choices)

FIELDS: Final = (
    "number", "source", "state", "category__code", "category__name", "title", "text", "address",
    "street__name", "community__name", "block__name", "unit__name", "reported_at", "due_at", "closed_at",
    "is_supervised", "rework_count", "reopen_count", "lon", "lat",
)  # fmt: skip


def head() -> list[str]:
    """Return the titles of the columns in the reader's language."""
    return [
        _("案件编号"), _("来源"), _("状态"), _("类别编码"), _("类别"), _("标题"), _("内容"), _("地点"),
        _("街道"), _("社区"), _("街区"), _("责任单位"), _("上报时间"), _("截止时间"), _("结案时间"),
        _("是否督办"), _("返工次数"), _("重新办理次数"), _("经度WGS84"), _("纬度WGS84"),
    ]  # fmt: skip


def rows(cases: CaseQuerySet) -> Iterator[list[Any]]:
    """Yield one row per case, read from the database in portions by a server-side cursor."""
    with transaction.atomic():
        for row in cases.values_list(*FIELDS).iterator(chunk_size=AT_ONCE):
            yield [_cell(name, value) for name, value in zip(FIELDS, row, strict=True)]


def _cell(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name == "state":
        return str(STATES.get(value, value))
    if name == "source":
        return str(SOURCES.get(value, value))
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return value


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        """Return the line."""
        return value


def csv_lines(cases: CaseQuerySet) -> Iterator[bytes]:
    """Yield the list as CSV in UTF-8 with the mark by which spreadsheets know it."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf" + writer.writerow(head()).encode()
    for row in rows(cases):
        yield writer.writerow([harmless(cell) for cell in row]).encode()


def xlsx_blocks(cases: CaseQuerySet) -> Iterator[bytes]:
    """Yield the list as an XLSX file; its first bytes leave before the last row is read."""
    return workbooks.blocks(head(), rows(cases))
