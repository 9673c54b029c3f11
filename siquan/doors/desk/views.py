"""Pages that show several rooms together: my work, and the district at a glance."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from siquan.base.web.pages import page
from siquan.city.duties.models import Role
from siquan.city.duties.queries import duties_of
from siquan.doors.desk import frame
from siquan.work.cases import queries as cases

READS_ALL = (Role.DISPATCHER, Role.CENTRE_LEAD, Role.LEADER)


@login_required
@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person, by deadline."""
    at = timezone.now()
    if not duties_of(request.user).holds(*frame.STAFF) and (room := frame.first_room(request.user)):
        return redirect(room)  # callers, evaluators, editors and administrators handle no cases
    sections = cases.sections_of(request.user, at)
    context = {
        "sections": [
            {"section": section, "rows": [(case, cases.chip_of(case, at)) for case in section.cases]}
            for section in sections
        ],
        "total": sum(section.count for section in sections),
        "at": at,
        "has_duty": bool(duties_of(request.user).scopes),
        "may_see_all": duties_of(request.user).holds(*READS_ALL),
    }
    return page(request, "desk/my_work.html", context, part="sections")


@login_required
@require_safe
def cockpit(request: HttpRequest) -> HttpResponse:
    """Show where the district stands now; every figure leads to the cases it counts."""
    if not duties_of(request.user).holds(*READS_ALL):
        raise PermissionDenied(_("全区概览对中心工作人员和区领导开放。"))
    at = timezone.now()
    context = {
        "figures": cases.figures(request.user, at),
        "streets": cases.by_street(request.user, at),
        "at": at,
        "today_query": f"?period={timezone.localdate(at)}",
    }
    return page(request, "desk/cockpit.html", context, part="figures")
