"""Pages to read: home, and the help with privacy and accessibility."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from siquan.doors.portal import telling
from siquan.doors.portal.district import outline
from siquan.doors.portal.forms import FindForm
from siquan.doors.portal.frame import shown
from siquan.work.cases import queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what a resident can do here, and what happened around them this week."""
    now = timezone.now()
    week = queries.week_of(now)
    context = {
        "week": week,
        "outline": outline(timezone.localdate(now), week.by_street),
        "closed": [telling.row(each) for each in queries.recently_closed(now)],
        "form": FindForm(),
    }
    return shown(request, "portal/home.html", context)


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Say how it works, what is kept and why, and how well these pages serve everybody."""
    return shown(request, "portal/help.html")
