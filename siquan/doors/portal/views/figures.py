"""The three rates as residents may see them: what the formula pack makes public, places only, no units."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.periods import Kind, Period, parse_period
from siquan.doors.portal.frame import shown
from siquan.insight.scoring import queries
from siquan.insight.scoring.models import RateKind


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """Show the rates of a month that is over, for the district and, if the pack says so, its streets."""
    period = _period(request)
    board = queries.board(period)
    if board is not None and board.formula.public == "none":
        raise Http404
    language = get_language() or ""
    following = period.next
    context: dict[str, Any] = {
        "period_label": period.label(language),
        "previous": (period.previous.code, period.previous.label(language)),
        "next": (following.code, following.label(language)) if following.end <= timezone.now() else None,
        "board": board,
        "labels": list(RateKind.choices),
    }
    if board:
        context |= {
            "tiles": [(label, board.district[code]) for code, label in RateKind.choices],
            "streets": [
                (row.name, [(label, row.figures[code]) for code, label in RateKind.choices])
                for row in board.streets
            ]
            if board.formula.public == "streets"
            else [],
            "is_assumed": board.formula.source == "assumed",
            "note": board.formula.note.said(language),
        }
    return shown(request, "portal/figures.html", context)


def _period(request: HttpRequest) -> Period:
    """Return the month of the address if it is over, or else the last one that was reckoned."""
    newest = queries.newest_of_kind(Kind.MONTH, timezone.now())
    try:
        asked = parse_period(request.GET.get("period", newest.code))
    except BadInput:
        return newest
    return asked if asked.kind is Kind.MONTH and asked.end <= timezone.now() else newest
