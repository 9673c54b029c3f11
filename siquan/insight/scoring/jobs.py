"""What the worker does for the rates: the running and the last periods daily, and what appeals change."""

from __future__ import annotations

from django.utils import timezone

from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.periods import period_of
from siquan.insight.scoring import queries, services
from siquan.insight.scoring.models import Appeal, Why
from siquan.insight.scoring.services.reckoning import KINDS


def reckon_daily() -> None:
    """Reckon the running and the last month, quarter and year once a day, a transaction each."""
    at = timezone.now()
    running = [period_of(at, kind) for kind in KINDS]
    wanted = [period for each in running for period in (each, each.previous)]
    known = queries.newest(each.code for each in wanted)
    for period in wanted:
        last = known.get(period.code)
        if last and timezone.localdate(last.known_at) >= timezone.localdate(at):
            continue
        try:
            services.reckon(period.code, at=at, why=Why.CLOCK)
        except NotFound:  # no formula was in force then
            continue


def reckon_after_appeal(entry: Entry) -> None:
    """Reckon the periods again in which the case of a granted or revised appeal counted."""
    appeal = Appeal.objects.get(pk=entry.about_id or 0)
    at = timezone.now()
    known = queries.newest(period_of(appeal.closed_at, kind).code for kind in KINDS)
    for code in sorted(known):
        services.reckon(code, at=at, why=Why.APPEAL, pack=known[code].pack)
