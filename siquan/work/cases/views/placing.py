"""Where a case is, and cases that staff enter themselves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.coordinates import Datum
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.base.web.widgets import SearchSelect
from siquan.city.places import queries as places
from siquan.work.cases import forms, queries, services
from siquan.work.cases.models import Case, Source
from siquan.work.cases.permissions import OTHER_RULES, is_staff
from siquan.work.cases.queries.choices import categories, today
from siquan.work.cases.states import State
from siquan.work.cases.verbwords import DONE, NEXT
from siquan.work.cases.views.guards import no_duty

SUGGESTED = 5


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_place(request: HttpRequest, number: str) -> HttpResponse:
    """Ask where a case is, on a map and by name, then put it there."""
    case = queries.case_by_number(request.user, number)
    require(OTHER_RULES, "set-place", request.user, case)
    suggestions = _suggestions(case)
    form = forms.Place(request.POST or None, initial=_known(case, suggestions))
    if form.is_valid():
        given = form.cleaned_data
        try:
            services.set_place(
                case.pk,
                by=signed_in(request),
                at=timezone.now(),
                lon=given["lon"],
                lat=given["lat"],
                datum=Datum.WGS84,
                address=given["address"],
            )
        except BadInput as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, f"{case.number}　{DONE['set-place']}")
            return _next_placeless(request, case)
    context = {"case": case, "form": form, "suggestions": suggestions, "queue": _is_queue(request)}
    return page(request, "cases/set_place.html", context, part="form", status=422 if form.errors else 200)


def _known(case: Case, suggestions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what the form begins with: the place the case has, or the one its words mean beyond doubt."""
    best = next((each for each in suggestions if each["is_best"]), None)
    if best:
        return {"address": case.address or best["name"], "lon": best["lon"], "lat": best["lat"]}
    return {"address": case.address, "lon": case.lon, "lat": case.lat}


def _is_queue(request: HttpRequest) -> bool:
    return request.GET.get("queue") == "1"


def _next_placeless(request: HttpRequest, case: Case) -> HttpResponse:
    """Go on with the next case of the queue when the person came from there."""
    if not _is_queue(request):
        return redirect("cases:case", case.number)
    following = queries.placeless(request.user).first()
    if following is None:
        return redirect("cases:needs_place")
    return redirect(f"{reverse('cases:set_place', args=[following.number])}?queue=1")


def _suggestions(case: Case) -> list[dict[str, Any]]:
    """Return the places the words of a case may mean, with what the map needs."""
    if case.lon is not None:
        return []
    day = places.day_with_ground(timezone.localdate(case.reported_at))
    read = places.read_place(case.address, on=day) if case.address else None
    if read is None or not read.candidates:
        read = places.read_place("\n".join((case.address, case.title, case.text)), on=day)
    return [
        {
            "name": each.name,
            "lon": each.lon,
            "lat": each.lat,
            "is_best": each == read.place,
            "street": each.street,
            "why": each.why,
        }
        for each in read.candidates
        if each.lon is not None
    ][:SUGGESTED]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_case(request: HttpRequest) -> HttpResponse:
    """Take down what staff saw or were told; the same form sent twice makes one case."""
    if not is_staff(request.user):
        return no_duty(request)
    posted = request.method == "POST"
    form = forms.NewCase(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial={"key": uuid.uuid4().hex, "source": Source.GRID},
    )
    options = [("", _("还不确定，由中心判断")), *categories(today(), leaves_only=True)]
    form.fields["category"].widget = SearchSelect(choices=options)
    if posted and form.is_valid():
        try:
            made = services.report_case(
                _report(form.cleaned_data),
                key=form.cleaned_data["key"],
                by=signed_in(request),
                at=timezone.now(),
            )
        except BadInput as error:
            form.add_error(_FIELDS.get(error.field or ""), str(error))
        else:
            words = _("已上报，案件编号 %(number)s。") % {"number": made.case.number}
            messages.success(request, f"{words}{NEXT[State(made.case.state)]}")
            return redirect("cases:case", made.case.number)
    return page(request, "cases/new.html", {"form": form}, part="form", status=422 if form.errors else 200)


_FIELDS = {"text": "text", "photos": "photos", "category": "category", "lon": "address", "datum": "address"}


def _report(given: dict[str, Any]) -> services.Report:
    return services.Report(
        text=given["text"],
        lon=given["lon"],
        lat=given["lat"],
        accuracy_m=given["accuracy"],
        address=given["address"],
        category_code=given["category"],
        name=given["name"],
        phone=given["phone"],
        source=Source(given["source"]),
        photos=given["photos"],
    )
