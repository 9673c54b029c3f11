"""What became of every row, as a table that can be given back to whoever sent the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from siquan.base.kernel.cells import harmless

MARK = b"\xef\xbb\xbf"  # by which spreadsheets know UTF-8


def head() -> bytes:
    """Return the first line."""
    return MARK + table([[_("行"), _("来件编号"), _("案件编号"), _("结果"), _("说明")]])


def table(rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV in which no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return out.getvalue().encode()
