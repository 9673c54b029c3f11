"""Open what is sealed about a reporter: for a reason, written down, seen once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput
from siquan.work.cases.models import Case, Reporter
from siquan.work.cases.services.reporting import clean_line
from siquan.work.cases.services.taking import take_aside
from siquan.work.cases.services.wording import as_written, hidden_words

SHORTEST_REASON = 2


@dataclass(frozen=True)
class Remark:
    """A remark as it was written."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Unmasked:
    """What a reporter told about themselves; the words only where they had to be masked."""

    case: Case
    name: str
    phone: str
    title: str
    text: str
    address: str
    remarks: Sequence[Remark]


@transaction.atomic
def unmask(case_id: int, *, by: User, at: datetime, reason: str) -> Unmasked:
    """Return what is sealed about the reporter of a case, and write down who saw it and why.

    Raises PermissionDenied, BadInput without a reason.
    """
    case = take_aside("unmask", case_id, by)
    reason = clean_line(reason)
    if len(reason) < SHORTEST_REASON:
        raise BadInput(_("请写明为什么要看。"), field="reason")
    reporter = Reporter.objects.filter(case=case).first()
    hidden = hidden_words(reporter)
    remarks = case.comments.exclude(original__isnull=True).order_by("at", "id")
    found = Unmasked(
        case=case,
        name=reporter.name if reporter else "",
        phone=reporter.phone if reporter else "",
        title=hidden.get("title", ""),
        text=hidden.get("text", ""),
        address=hidden.get("address", ""),
        remarks=[Remark(each.at, as_written(each)) for each in remarks if each.original],
    )
    shown = [
        name for name in ("name", "phone", "title", "text", "address", "remarks") if getattr(found, name)
    ]
    journal.write("case.unmasked", about=case, by=by, at=at, reason=reason, fields=shown)
    return found
