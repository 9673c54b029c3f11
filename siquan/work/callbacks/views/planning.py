"""Who is asked: the plan in force, its earlier versions, a new one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel import replays
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.callbacks import forms, queries, services
from siquan.work.callbacks.permissions import OTHER_RULES


@login_required
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """Show every version of the plan, and the last draws with their seeds."""
    require(OTHER_RULES, "see", request.user, None)
    versions = queries.plans()
    context = {
        "plans": versions,
        "today": timezone.localdate(),
        "draws": versions[0].draws.order_by("-first")[:8] if versions else [],
        "may_plan": OTHER_RULES["plan"](request.user, None),
    }
    return page(request, "callbacks/plan.html", context)


@login_required
@require_safe
def replay(request: HttpRequest, draw_id: int) -> HttpResponse:
    """Draw once more on the spot, and say whether it agrees with what was drawn."""
    require(OTHER_RULES, "see", request.user, None)
    draw = queries.draw_by_key(draw_id)
    told = queries.told_of(draw)
    context = {
        "draw": draw,
        "told": told,
        "checks": replays.replay(told) if told else [],
        "file_url": reverse("callbacks:replay_file", args=[draw.pk]),
    }
    return page(request, "callbacks/replay.html", context)


@login_required
@require_safe
def replay_file(request: HttpRequest, draw_id: int) -> HttpResponse:
    """Send the file with which anybody can replay a draw without this system."""
    require(OTHER_RULES, "see", request.user, None)
    told = queries.told_of(queries.draw_by_key(draw_id))
    if told is None:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="call-back-draw-{draw_id}.json"'}
    return HttpResponse(told.as_json(), content_type="application/json", headers=headers)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_plan(request: HttpRequest) -> HttpResponse:
    """Ask for a new version of the plan, and publish it."""
    require(OTHER_RULES, "plan", request.user, None)
    form = forms.NewPlan(request.POST if request.method == "POST" else None, initial=_initial())
    if request.method == "POST" and form.is_valid():
        try:
            services.publish_plan(by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("新方案已发布，从写明的那一天起生效。"))
            return redirect("callbacks:plan")
    return page(request, "callbacks/new_plan.html", {"form": form}, status=422 if form.errors else 200)


def _initial() -> dict[str, object]:
    """Return the newest plan's answers to start from."""
    versions = queries.plans()
    found: dict[str, object] = {"valid_from": timezone.localdate(), "desk_may_reopen": True}
    if versions:
        found |= {name: getattr(versions[0], name) for name in forms.NewPlan.base_fields}
        found["valid_from"] = timezone.localdate()
        found["fractions"] = ", ".join(f"{name}={share}" for name, share in versions[0].fractions.items())
    return found
