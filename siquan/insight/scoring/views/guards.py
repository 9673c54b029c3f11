"""Who comes in, and which period the address names."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.periods import Kind, Period, parse_period
from siquan.base.kernel.permissions import require
from siquan.insight.scoring import queries
from siquan.insight.scoring.formulas import RATES
from siquan.insight.scoring.permissions import OTHER_RULES

View = Callable[..., HttpResponseBase]
KINDS = (Kind.MONTH, Kind.QUARTER, Kind.YEAR)


def readers(view: View) -> View:
    """Let only staff with a duty in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(OTHER_RULES, "read-rates", signed_in(request), None)
        return view(request, *args, **kwargs)

    return login_required(guarded)


def period_asked(request: HttpRequest) -> Period:
    """Return the period of the address, or the last whole month that was reckoned. Raises BadInput."""
    code = request.GET.get("period", "").strip()
    if code:
        period = parse_period(code)
        if period.kind in KINDS:
            return period
    return queries.newest_of_kind(Kind.MONTH, timezone.now())


def rate_named(rate: str) -> str:
    """Return the rate of the address. Raises Http404."""
    if rate not in RATES:
        raise Http404
    return rate
