"""Pages about divisions; answers for pages that ask while a person types or points."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from siquan.base.kernel.coordinates import Datum, parse_datum
from siquan.base.kernel.errors import BadInput
from siquan.base.web.pages import page
from siquan.base.web.panels import panels_on
from siquan.city.places import overview, queries
from siquan.city.places.mapstyle import MAP_STYLE
from siquan.city.places.models import Level
from siquan.city.places.queries import Area

LONGEST_QUERY: Final = 60
_LONGEST_NUMBER: Final = 32
_MOST: Final = 20
_KEPT_S: Final = 60  # a name typed by many people in one minute is looked up once per browser
View = Callable[[HttpRequest], Any]


def answers_json(view: View) -> Callable[[HttpRequest], JsonResponse]:
    """Turn what a view returns into JSON, and bad input into problem details (RFC 9457)."""

    @require_GET
    @wraps(view)
    def wrapped(request: HttpRequest) -> JsonResponse:
        try:
            answer = JsonResponse(view(request), safe=False, json_dumps_params={"ensure_ascii": False})
        except BadInput as error:
            return _problem(error)
        patch_cache_control(answer, private=True, max_age=_KEPT_S)
        patch_vary_headers(answer, ["Accept-Language", "Cookie"])
        return answer

    return wrapped


@login_required
def show_divisions(request: HttpRequest) -> HttpResponse:
    """List the streets of a day with what lies in them."""
    seen = overview.overview(_day(request))
    return page(request, "places/divisions.html", {"seen": seen, "map_style": MAP_STYLE}, part="tree")


@login_required
def show_division(request: HttpRequest, code: str) -> HttpResponse:
    """Show one street or block of a day: what lies in it, and how it was before."""
    seen = overview.page_of(code, _day(request))
    panels = panels_on("division", seen.division, request.user)
    return page(request, "places/division.html", {"seen": seen, "map_style": MAP_STYLE, "panels": panels})


def _day(request: HttpRequest) -> date:
    """Return the day asked for; today when none is given or it is none."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()


@answers_json
def search(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the places whose name fits `q`, best first; `lon` and `lat` (WGS-84) decide between equals."""
    typed = request.GET.get("q", "")
    if len(typed) > LONGEST_QUERY:
        raise BadInput(_("请少写几个字：最多%(most)d个。") % {"most": LONGEST_QUERY}, field="q")
    near = (_number(request, "lon"), _number(request, "lat")) if "lon" in request.GET else None
    streets = {area.name: str(area) for area in queries.areas_on(timezone.localdate()).of_level(Level.STREET)}
    return [
        {
            "name": place.name,
            "kind": place.kind,
            "kind_name": place.kind_name,
            "lon": place.lon,
            "lat": place.lat,
            "accuracy": place.accuracy_m,
            "street": streets.get(place.street, place.street),
            "why": place.why,
        }
        for place in queries.search_names(typed, limit=_MOST, near=near, only_points=True)
    ]


@answers_json
def here(request: HttpRequest) -> dict[str, Any]:
    """Return where `lon`, `lat` (of `datum`, WGS-84 if none is given) lie, and what is near by name."""
    datum = parse_datum(request.GET.get("datum") or Datum.WGS84)
    spot = queries.describe_spot(
        _number(request, "lon"), _number(request, "lat"), datum=datum, on=timezone.localdate()
    )
    site = spot.near
    return {
        "inside": spot.location.is_inside,
        "lon": round(spot.location.lon, 6),
        "lat": round(spot.location.lat, 6),
        "street": _told(spot.location.street),
        "community": _told(spot.location.community),
        "block": _told(spot.location.block),
        "cell": _told(spot.location.cell),
        "near": {"name": site.site.name, "kind": site.site.kind, "metres": round(site.distance_m)}
        if site
        else None,
        "words": spot.words,
    }


def _number(request: HttpRequest, name: str) -> float:
    given = request.GET.get(name, "")
    try:
        number = float(given[:_LONGEST_NUMBER])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(_("“%(name)s”须是数字，单位是度。") % {"name": name}, field=name)
    return number


def _told(area: Area | None) -> dict[str, str] | None:
    return {"code": area.code, "name": str(area), "kind": area.kind} if area else None


def _problem(error: BadInput) -> JsonResponse:
    errors = [{"field": error.field, "message": str(error)}] if error.field else []
    body = {
        "type": "about:blank",
        "status": 422,
        "code": error.code,
        "title": _("内容有误"),
        "detail": str(error),
    }
    answer = JsonResponse(body | {"errors": errors}, status=422, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/problem+json; charset=utf-8"
    return answer
