"""Who is asked: the plan in force, its earlier versions, a new one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput
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
