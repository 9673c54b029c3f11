"""The three rates of the demo year: a few appeals, and every period reckoned as the worker would have."""

from __future__ import annotations

from datetime import datetime, timedelta

from siquan.base.accounts.models import User
from siquan.base.kernel.periods import Kind, period_of
from siquan.demo.people import People
from siquan.insight.scoring.models import Why
from siquan.insight.scoring.services import ACTS, appeal, reckon
from siquan.work.cases.models import Case

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


def tell_appeals(people: People, at: datetime) -> int:
    """Let units appeal against a few unsolved cases of the last weeks; one is granted, one refused."""
    cases = Case.objects.filter(
        closed_at__range=(at - timedelta(days=25), at - timedelta(days=3)),
        reopen_count=0,
        call_backs__answer__solved="no",
        unit_id__in=people.clerks,
    ).order_by("id")
    lead = User.objects.get(pk=people.lead)
    told = 0
    for (reason, text, verdict, why), case in zip(APPEALS, cases, strict=False):
        clerk = User.objects.get(pk=people.clerks[case.unit_id or 0][0])
        made = appeal(case.pk, by=clerk, at=at - timedelta(days=2), reason=reason, text=text)
        if verdict:
            ACTS[verdict](made.pk, by=lead, at=at - timedelta(days=1), answer=why)
        told += 1
    return told


APPEALS = (
    (
        "waits-for-works",
        "该处架空线已列入年内入地计划，单位已做好临时捆扎。",
        "grant",
        "情况属实，有入地计划为证。",
    ),
    (
        "mistaken-answer",
        "反映人回访时说的是另一处的问题，与本案无关。",
        "refuse",
        "录音和答复说的就是这一处。",
    ),
    ("outside-duty", "该处为铁路用地，由产权单位管理，已转告。", "", ""),
    ("no-such-place", "到现场两次，未发现反映的情况，照片见案件。", "", ""),
)
