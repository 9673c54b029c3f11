"""The files of tickets a person has brought in."""

from __future__ import annotations

from typing import Any

from siquan.base.kernel.errors import NotFound
from siquan.work.cases.models import ImportState, TicketImport

SHOWN = 20


def imports_of(user: Any) -> list[TicketImport]:
    """Return a person's latest imports, newest first; what was only looked at is left out."""
    found = TicketImport.objects.filter(by=user).exclude(state=ImportState.CHECKED).defer("preview")
    return list(found.order_by("-id")[:SHOWN])


def import_of(user: Any, key: int) -> TicketImport:
    """Return one of a person's own imports. Raises NotFound."""
    record = TicketImport.objects.filter(by=user, pk=key).first()
    if record is None:
        raise NotFound
    return record
