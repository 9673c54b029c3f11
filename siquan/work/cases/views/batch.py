"""Dispatch many cases at once: first show where each would go, then do it.

Up to MOST are dispatched while the person waits; a longer list goes out in the background.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.permissions import sentence_of
from siquan.base.web.pages import page
from siquan.work.cases import queries, services
from siquan.work.cases.filters import Filters
from siquan.work.cases.models import Case, CaseQuerySet
from siquan.work.cases.permissions import RULES, is_of_centre
from siquan.work.cases.queries import batches
from siquan.work.cases.queries.casefile import Sent, sent_where
from siquan.work.cases.queries.names import put_names
from siquan.work.cases.states import State

MOST = 500
PER_PAGE = 100


@dataclass(frozen=True)
class Line:
    """One case of a batch: where it would go, or why it cannot."""

    case: Case
    sent: Sent | None
    problem: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest) -> HttpResponse:
    """Show which unit each chosen case would go to, by which rule."""
    _check(request)
    if request.method != "POST":  # somebody came back to the address, for example after signing in
        return redirect(f"{reverse('cases:list')}?state={State.FILED}")
    chosen = _chosen(request)
    total = chosen.count() if _is_all(request) else 0
    lines = [_line(case) for case in put_names(chosen[:MOST])]
    ready = [line for line in lines if not line.problem]
    context = {
        "lines": sorted(lines, key=lambda line: not line.problem),
        "ready": ready,
        "units": sorted({line.sent.unit for line in ready if line.sent}),
        "most": MOST,
        "total": total,
        "is_long": total > MOST,
        "filters": request.POST.get("filters", ""),
        "key": uuid4(),
    }
    return page(request, "cases/batch.html", context, part="lines")


@login_required
@require_POST
def dispatch(request: HttpRequest) -> HttpResponse:
    """Dispatch the chosen cases by the responsibility list and say what became of each."""
    _check(request)
    if _is_all(request):
        ids = list(_chosen(request).values_list("pk", flat=True))
        key = request.POST.get("key", "")[:36] or str(uuid4())
        batch = services.start_batch(ids, by=signed_in(request), at=timezone.now(), key=key)
        return redirect("cases:batch_result", batch.pk)
    cases = {case.pk: case for case in _chosen(request)[:MOST]}
    if not cases:
        return redirect("cases:list")
    answers = services.dispatch_cases(list(cases), by=signed_in(request), at=timezone.now())
    units = {
        case.pk: case.unit
        for case in queries.visible_to(request.user).filter(pk__in=cases).select_related("unit")
    }
    lines = [
        {"case": cases[each.case_id], "refused": each.refused,
         "unit": units.get(each.case_id)}
        for each in answers
    ]  # fmt: skip
    context = {
        "lines": sorted(lines, key=lambda line: not line["refused"]),
        "done": sum(not each.refused for each in answers),
        "refused": sum(bool(each.refused) for each in answers),
    }
    return page(request, "cases/batch_done.html", context, part="lines")


@login_required
@require_safe
def result(request: HttpRequest, key: int) -> HttpResponse:
    """Show how far a long batch is, and what was not dispatched and why."""
    batch = batches.batch_of(request.user, key)
    refused = Paginator(batches.refusals_of(batch), PER_PAGE).get_page(request.GET.get("page"))
    context = {"batch": batch, "refused": refused, "is_running": batch.finished_at is None}
    return page(request, "cases/batch_result.html", context, part="batch")


def _check(request: HttpRequest) -> None:
    if not is_of_centre(request.user):
        raise PermissionDenied(sentence_of(RULES["dispatch"]))


def _is_all(request: HttpRequest) -> bool:
    return request.POST.get("all") == "1"


def _chosen(request: HttpRequest) -> CaseQuerySet:
    """Return the ticked cases, or with `all` those of the filters that wait for dispatch."""
    cases = queries.visible_to(request.user).order_by("due_at", "id")
    if _is_all(request):
        filters = Filters.from_query(QueryDict(request.POST.get("filters", "")).dict())
        return filters.apply(cases, at=timezone.now()).filter(state=State.FILED)
    numbers = [each for each in request.POST.getlist("case") if each.isdigit()][:MOST]
    return cases.filter(number__in=numbers)


def _line(case: Case) -> Line:
    problem, sent = "", None
    if case.state != State.FILED:
        problem = _("现在是“%(state)s”，不等派遣。") % {"state": case.get_state_display()}
    else:
        sent = sent_where(case, timezone.now())
        if sent is None:
            problem = _("责任清单里没有对应的单位，请打开案件单独派遣。")
    return Line(case, sent, problem)
