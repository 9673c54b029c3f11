"""Uploaded files of tickets: kept apart, checked, imported in slices, told, and forgotten.

The bytes lie sealed (`ticket_bytes.py`). A file is imported chunk by chunk, each chunk with its counts and
its part of the result in one transaction, so whoever goes on after an interruption (this worker, another one)
goes on exactly there.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.kernel.coordinates import Datum
from siquan.base.kernel.errors import BadInput, NotFound, SiquanError
from siquan.base.kernel.masking import masked_address, masked_text
from siquan.base.kernel.permissions import require
from siquan.base.notices.services import notify
from siquan.work.cases.imports import results
from siquan.work.cases.imports.columns import read_mapping
from siquan.work.cases.imports.tickets import Line, TicketFile
from siquan.work.cases.models import ImportState, TicketImport
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.services.importing import (
    Counts,
    Outcome,
    check_tickets,
    import_chunk,
    tell_journal,
)
from siquan.work.cases.services.preparing import Prepared, prepared
from siquan.work.cases.services.ticket_bytes import file_of, folder_of, keep, opened

log = logging.getLogger(__name__)

LOOKED_AT: Final = 5000  # rows of the preview
SHOWN_ERRORS: Final = 200
SHOWN_ROWS: Final = 5
AT_ONCE: Final = 2000  # so many rows are imported while the person waits


def take_file(
    upload: Iterable[bytes],
    *,
    by: User,
    at: datetime,
    name: str = "",
    datum: str = "",
    mapping: IO[bytes] | None = None,
) -> TicketImport:
    """Keep a file of tickets and say what is in it; nothing is imported yet.

    Raises PermissionDenied, BadInput.
    """
    require(OTHER_RULES, "import", by, None)
    named = read_mapping(mapping) if mapping else {}
    digest = keep(upload, by)
    try:
        with opened(by.pk, digest) as file:
            preview, rows = _look(file, at=at, datum=datum, mapping=named)
    except BaseException:
        drop_unless_used(by.pk, digest)
        raise
    return TicketImport.objects.create(
        by=by,
        name=name[-200:],
        digest=digest,
        datum=datum,
        language=translation.get_language() or "",
        state=ImportState.CHECKED,
        preview=preview,
        rows=rows,
        created_at=at,
    )


def start_import(import_id: int, *, by: User, at: datetime) -> TicketImport:
    """Import the usable rows of a checked file: at once when they are few, else in the background.

    A second press changes nothing. Raises NotFound, PermissionDenied.
    """
    require(OTHER_RULES, "import", by, None)
    with transaction.atomic():
        record = _own(import_id, by)
        if record.state != ImportState.CHECKED:
            return record
        record.state, record.started_at = ImportState.QUEUED, at
        record.save(update_fields=["state", "started_at"])
    if record.rows <= AT_ONCE:
        while _go_on(record.pk, seconds=60.0, is_awaited=True):
            pass
    record.refresh_from_db()
    return record


def import_some(*, at: datetime, seconds: float) -> bool:
    """Import the next rows of the file that is least far, for some seconds; False when none waits."""
    waiting = TicketImport.objects.filter(state=ImportState.QUEUED).order_by("rows_done", "id")
    # One that the person is waiting for runs in the web server; it is taken up here only if that broke off.
    key = (
        waiting.exclude(rows__lte=AT_ONCE, started_at__gt=at - timedelta(minutes=2)).values_list("pk").first()
    )
    return _go_on(key[0], seconds=seconds) if key else False


def result_path(record: TicketImport) -> Path:
    """Return where the result of an import lies."""
    return folder_of(record.by_id) / f"result-{record.pk}.csv"


def drop_unless_used(user_id: int | None, digest: str) -> None:
    """Remove the bytes unless another import of the same file still needs them."""
    needed = TicketImport.objects.filter(
        by_id=user_id, digest=digest, state__in=[ImportState.CHECKED, ImportState.QUEUED]
    )
    if not needed.exists():
        file_of(user_id, digest).unlink(missing_ok=True)


# --- The preview


def _look(
    file: IO[bytes], *, at: datetime, datum: str, mapping: Mapping[str, str]
) -> tuple[dict[str, Any], int]:
    """Return what the first rows hold, and how many rows there are."""
    tickets = TicketFile(file, at=at, mapping=mapping, datum=Datum(datum) if datum else None)
    first = list(islice(tickets.lines(), LOOKED_AT))
    if not first:
        raise BadInput(_("文件里只有表头，没有数据行。"), field="file")
    counts = check_tickets(first, at=at)
    rows = len(first) if len(first) < LOOKED_AT else sum(1 for _row in tickets.sheet.rows()) - tickets.head
    columns = tickets.columns
    fields = {place: field for field, places in columns.positions.items() for place in places}
    return {
        "columns": [[title, fields.get(place, "")] for place, title in enumerate(columns.titles) if title],
        "undeclared": tickets.has_undeclared_points,
        "is_whole": len(first) < LOOKED_AT,
        "looked_at": len(first),
        "counts": _counts(counts),
        "errors": [
            [fault.row, fault.column, masked_text(fault.message)] for fault in counts.errors[:SHOWN_ERRORS]
        ],
        "samples": [_sample(line) for line in first if line.ticket][:SHOWN_ROWS],
        "mapping": dict(mapping),
    }, rows


def _counts(counts: Counts) -> dict[str, int]:
    names = ("rows", "imported", "known", "needs_place", "refused")
    return {name: getattr(counts, name) for name in names}


def _sample(line: Line) -> dict[str, Any]:
    """Return a row as the preview shows it; names and phone numbers stay out."""
    ticket = line.ticket
    assert ticket is not None
    when = timezone.localtime(ticket.reported_at) if ticket.reported_at else None
    return {
        "row": line.row,
        "ref": ticket.ref,
        "text": masked_text((ticket.title or ticket.text)[:80], [ticket.name]),
        "at": f"{when:%Y-%m-%d %H:%M}" if when else "",
        "address": masked_address(ticket.address[:80]),
        "category": ticket.category[:80],
    }


# --- Going on


@dataclass
class _Reading:
    """A file that this process is reading: which row is next is known without beginning again."""

    file: IO[bytes]
    chunks: Generator[Prepared]
    rows_done: int


_open: dict[int, _Reading] = {}


def _go_on(import_id: int, *, seconds: float, is_awaited: bool = False) -> bool:
    """Import chunk after chunk for some seconds; return whether there is more to do."""
    end = time.monotonic() + seconds
    is_more = True
    while is_more and time.monotonic() < end:
        try:
            is_more = _next_chunk(import_id, is_awaited=is_awaited)
        except DatabaseError:
            _close(import_id)
            raise  # the next run is the retry; the chunk was taken back as a whole
        except Exception as error:
            _close(import_id)
            _fail(import_id, error)
            is_more = False
    if not is_more:  # the tickets are cases now: the file with its names and numbers has done its work
        for owner, digest in TicketImport.objects.filter(pk=import_id).values_list("by_id", "digest"):
            drop_unless_used(owner, digest)
    return is_more


@transaction.atomic
def _next_chunk(import_id: int, *, is_awaited: bool) -> bool:
    """Import one chunk, with its counts and its part of the result; False when this import needs no more."""
    record = (
        TicketImport.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=import_id, state=ImportState.QUEUED)
        .first()
    )
    if record is None:  # done, or in the hands of another worker
        _close(import_id)
        return False
    at = record.started_at or record.created_at
    with translation.override(record.language or None):
        reading = _reading(record, at)
        chunk = next(reading.chunks, None)
        if chunk is None:
            _finish(record, is_awaited=is_awaited)
            return False
        outcomes = import_chunk(chunk, at=at)
        _note(record, outcomes)
    record.save()
    reading.rows_done = record.rows_done
    return True


def _reading(record: TicketImport, at: datetime) -> _Reading:
    """Return the open file, at the row that is next; opened and wound forward if need be."""
    reading = _open.get(record.pk)
    if reading and reading.rows_done == record.rows_done:
        return reading
    _close(record.pk)
    file = opened(record.by_id, record.digest)
    try:
        datum = Datum(record.datum) if record.datum else None
        tickets = TicketFile(file, at=at, mapping=record.preview.get("mapping"), datum=datum)
        lines = islice(tickets.lines(), record.rows_done, None)
    except BaseException:
        file.close()
        raise
    reading = _open[record.pk] = _Reading(file, prepared(lines, at=at), record.rows_done)
    return reading


def _close(import_id: int) -> None:
    reading = _open.pop(import_id, None)
    if reading:
        reading.chunks.close()
        reading.file.close()


def _note(record: TicketImport, outcomes: list[Outcome]) -> None:
    """Add a chunk to the counts and to the result file; what an interrupted one wrote there is cut off."""
    counts = Counts()
    counts.add(outcomes)
    for name, count in _counts(counts).items():
        field = "rows_done" if name == "rows" else name
        setattr(record, field, getattr(record, field) + count)
    lines = results.table(outcome.as_row() for outcome in outcomes)
    data = lines if record.result_bytes else results.head() + lines
    path = result_path(record)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as out:
        out.truncate(record.result_bytes)
        out.seek(record.result_bytes)
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    record.result_bytes += len(data)


def _finish(record: TicketImport, *, is_awaited: bool) -> None:
    _close(record.pk)
    at = timezone.now()
    record.state, record.finished_at, record.rows = ImportState.DONE, at, record.rows_done
    record.preview.pop("samples", None)
    record.save()
    tell_journal(record, by=record.by, at=at)
    if not is_awaited:
        _tell(record, at)


def _fail(import_id: int, error: Exception) -> None:
    """End an import that cannot go on; what came in stays in."""
    log.log(
        logging.INFO if isinstance(error, SiquanError) else logging.ERROR,
        "import %s failed",
        import_id,
        exc_info=error,
    )
    unknown = _("程序出错，没有读完。已导入的保留；请再次导入同一个文件，已有的不会重复。")
    with transaction.atomic():
        record = TicketImport.objects.select_for_update(of=("self",)).get(pk=import_id)
        with translation.override(record.language or None):
            record.problem = str(error) if isinstance(error, SiquanError) else str(unknown)
        record.state, record.finished_at = ImportState.FAILED, timezone.now()
        record.preview.pop("samples", None)
        record.save()
        _tell(record, record.finished_at)


def _tell(record: TicketImport, at: datetime) -> None:
    """Tell the person by the inbox, who may have left the page."""
    if record.by is None:
        return
    is_done = record.state == ImportState.DONE
    notify(
        [record.by],
        kind="cases_import.done",
        key=f"cases_import.done:{record.pk}",
        title=_("工单导入完成：新案件{imported}件") if is_done else _("工单没有全部导入：新案件{imported}件"),
        text=_("共{rows}行，其中以前已导入{known}行，未导入{refused}行；{needs_place}件等待定位。"),
        params={
            name: getattr(record, name) for name in ("rows", "imported", "known", "refused", "needs_place")
        },
        url=reverse("cases:import_file", args=[record.pk]),
        at=at,
        about=record,
    )


def _own(import_id: int, by: User) -> TicketImport:
    record = TicketImport.objects.select_for_update(of=("self",)).filter(pk=import_id, by=by).first()
    if record is None:
        raise NotFound
    return record
