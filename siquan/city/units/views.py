"""Pages about units."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from siquan.base.web.pages import page
from siquan.base.web.panels import panels_on
from siquan.city.units import queries
from siquan.city.units.models import Kind

PER_PAGE = 50


@login_required
def show_units(request: HttpRequest) -> HttpResponse:
    """List the units in force, filtered by kind and words."""
    words, kind = request.GET.get("q", ""), request.GET.get("kind", "")
    kind = kind if kind in Kind.values else ""
    found = {
        "found": Paginator(queries.units_found(words, kind), PER_PAGE).get_page(request.GET.get("page")),
        "kinds": queries.kinds_with_counts(),
        "kind": kind,
        "words": words,
    }
    return page(request, "units/units.html", found, part="rows")


@login_required
def show_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Show one unit, and what other rooms know about it."""
    unit = queries.unit_by_id(unit_id)
    found = {"unit": unit, "panels": panels_on("unit", unit, request.user), "today": timezone.localdate()}
    return page(request, "units/unit.html", found)
