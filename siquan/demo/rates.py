"""Reckon the three rates of the demo year, as the worker would have done day by day."""

from __future__ import annotations

from datetime import datetime

from siquan.base.kernel.periods import Kind, period_of
from siquan.insight.scoring.models import Why
from siquan.insight.scoring.services import reckon

MONTHS, QUARTERS, YEARS = 12, 4, 2


def reckon_year(at: datetime) -> int:
    """Reckon the running month and the twelve before, the quarters and the years; return how many periods."""
    codes = []
    for kind, many in ((Kind.MONTH, MONTHS), (Kind.QUARTER, QUARTERS), (Kind.YEAR, YEARS)):
        period = period_of(at, kind)
        codes.append(period.code)
        for _each in range(many if kind is not Kind.YEAR else many - 1):
            period = period.previous
            codes.append(period.code)
    for code in reversed(codes):
        reckon(code, at=at, why=Why.CLOCK)
    return len(codes)
