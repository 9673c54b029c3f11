"""Files of tickets whose time is over: uploads nobody confirmed, results nobody needs any more."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import models, transaction

from siquan.work.cases.models import ImportState, TicketImport
from siquan.work.cases.services.import_files import drop_unless_used, result_path
from siquan.work.cases.services.ticket_bytes import UNFINISHED


def unconfirmed(before: datetime) -> models.QuerySet[TicketImport]:
    """Return the files that nobody has confirmed since a time."""
    return TicketImport.objects.filter(state=ImportState.CHECKED, created_at__lt=before)


def forget_unconfirmed(before: datetime, at_once: int) -> int:
    """Remove files that nobody confirmed, and bytes that were left behind; they hold personal data."""
    count = 0
    for record in unconfirmed(before).order_by("pk")[:at_once]:
        record.delete()
        transaction.on_commit(partial(drop_unless_used, record.by_id, record.digest))
        count += 1
    for path in (Path(settings.MEDIA_ROOT) / "imports").glob("*/*"):
        if path.suffix != ".csv" and path.stat().st_mtime < before.timestamp():
            drop_unless_used(int(path.parent.name), path.stem)
            if path.name.startswith(UNFINISHED):
                path.unlink(missing_ok=True)
    return count


def old_results(before: datetime) -> models.QuerySet[TicketImport]:
    """Return the imports that ended before a time and whose result is still here."""
    return TicketImport.objects.filter(result_bytes__gt=0, finished_at__lt=before)


def forget_results(before: datetime, at_once: int) -> int:
    """Remove the result files of old imports; the counts stay."""
    count = 0
    for record in old_results(before).order_by("pk")[:at_once]:
        result_path(record).unlink(missing_ok=True)
        record.result_bytes = 0
        record.save(update_fields=["result_bytes"])
        count += 1
    return count
