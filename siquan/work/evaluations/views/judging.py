"""The evaluator's pages: what was given to them, one case after the other."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.evaluations import forms, queries, services
from siquan.work.evaluations.permissions import RULES


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what was given to the evaluator."""
    require(RULES, "judge", request.user, None)
    return page(request, "evaluations/mine.html", {"rounds": queries.mine(request.user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Show one case, blind; keep what is said of it, and bring the next one."""
    require(RULES, "judge", request.user, None)
    found = queries.sheet_of(request.user, assignment_id)
    said = {"verdict": found.verdict, "note": found.note}
    form = forms.Judge(request.POST if request.method == "POST" else None, initial=said)
    if request.method == "POST" and form.is_valid():
        services.judge(assignment_id, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        following = next((each.next_key for each in queries.mine(request.user) if each.next_key), None)
        if following and following != assignment_id:
            messages.success(request, _("记下了。下一件："))
            return redirect("evaluations:sheet", following)
        messages.success(request, _("记下了，都评完了。谢谢。"))
        return redirect("evaluations:mine")
    context = {"sheet": found, "form": form}
    return page(request, "evaluations/sheet.html", context, status=422 if form.errors else 200)
