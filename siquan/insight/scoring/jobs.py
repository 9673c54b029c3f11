"""What the worker does for the rates: every day the running and the last periods."""

from __future__ import annotations

from django.utils import timezone

from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.periods import period_of
from siquan.insight.scoring import queries, services
from siquan.insight.scoring.models import Why
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
