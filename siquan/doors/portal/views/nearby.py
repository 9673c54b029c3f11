"""What everybody may know: the map and the list of cases, and the public facts of one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from siquan.base.kernel.errors import BadInput
from siquan.city.places.queries import areas_on
from siquan.doors.portal import telling
from siquan.doors.portal.district import map_start
from siquan.doors.portal.forms import FindForm
from siquan.doors.portal.frame import shown
from siquan.work.cases import queries
from siquan.work.cases.queries import PublicFilters, Window

STATES: Final = (("open", _("还在办")), ("closed", _("已结案")), ("other", _("未立案或已合并")))
PERIODS: Final = (
    ("7d", _("最近7天")),
    ("30d", _("最近30天")),
    ("90d", _("最近90天")),
    ("365d", _("最近一年")),
)


@require_safe
def nearby(request: HttpRequest) -> HttpResponse:
    """Show the public map with the same cases as a list."""
    now = timezone.now()
    filters = PublicFilters.from_query(request.GET.dict())
    found = queries.public_page(
        filters, at=now, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    query = _query(filters)
    context = {
        "filters": filters,
        "choices": _choices(),
        "rows": [telling.row(each) for each in queries.public_rows(found.cases)],
        "window_url": f"{reverse('portal:window')}?{query}",
        "next_url": f"?{_query(filters, after=found.after)}" if found.after else "",
        "previous_url": f"?{_query(filters, before=found.before)}" if found.before else "",
        "is_narrowed": bool(query),
        "start": map_start(filters.street, timezone.localdate(now)),
        "at": now,
    }
    return shown(request, "portal/nearby.html", context)


def _query(filters: PublicFilters, **more: str) -> str:
    return urlencode({name: value for name, value in (asdict(filters) | more).items() if value})


def _choices() -> dict[str, Any]:
    today = timezone.localdate()
    areas = areas_on(today).by_id.values()
    streets = sorted((area.code, str(area)) for area in areas if area.level == "street")
    groups = queries.category_groups(timezone.now())
    return {"streets": streets, "categories": groups, "states": STATES, "periods": PERIODS}


@require_safe
def window(request: HttpRequest) -> JsonResponse:
    """Answer what a window of the public map shows, as GeoJSON: cases, or clusters when they are many."""
    try:
        filters = PublicFilters.from_query(request.GET.dict())
        bounds = Window.from_text(request.GET.get("bbox", ""))
        cases, clusters = queries.public_window(filters, bounds, at=timezone.now())
    except BadInput as error:
        return JsonResponse({"detail": str(error), "field": error.field}, status=422)
    features = [_point(telling.row(each)) for each in cases]
    features += [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [each.lon, each.lat]},
            "properties": {"id": each.key, "count": each.count, "title": str(each.count)},
        }
        for each in clusters
    ]
    answer = JsonResponse({"type": "FeatureCollection", "features": features})
    patch_cache_control(answer, private=True, max_age=30)
    patch_vary_headers(answer, ["Accept-Language", "Cookie"])
    return answer


def _point(row: dict[str, Any]) -> dict[str, Any]:
    title = " · ".join(str(part) for part in (row["what"], row["stage"], row["where"]))
    return queries.point_feature(row["case"], title=title, url=row["url"], kind=row["kind"])


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Ask for a case number, and lead to its public facts."""
    form = FindForm(request.GET if "number" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("portal:case", form.cleaned_data["number"])
    return shown(request, "portal/find.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show the public facts of a case; whoever holds the private link is led to more."""
    found = queries.public_case(number)
    line = telling.row(found)
    context = line | {
        "spoken": telling.spoken(found.number),
        "step": telling.STEP_OF.get(found.state, 0),
        "steps": telling.STEPS,
        "point": {"type": "FeatureCollection", "features": [_point(line)]} if found.lon else None,
        "say_place": say("案件位置"),
        "pictures": telling.public_pictures(queries.public_photos(number)),
        "seen": queries.seen_by(found.number),
    }
    return shown(request, "portal/case.html", context)
