"""The contact data of a reporter: asked for with a reason, shown once, kept by no browser."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.cases import forms, queries, services
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.queries.casefile import contact_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_contact(request: HttpRequest, number: str) -> HttpResponse:
    """Ask why, then show the reporter's contact data once; the journal keeps who saw it."""
    case = queries.case_by_number(request.user, number)
    require(OTHER_RULES, "unmask", request.user, case)
    form = forms.Unmask(request.POST or None)
    shown: Any = None
    if request.method == "POST" and form.is_valid():
        try:
            shown = services.unmask(case.pk, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            form.add_error("reason", str(error))
    context = {"case": case, "form": form, "shown": shown, "contact": contact_of(case)}
    status = 422 if form.errors or (request.method == "POST" and shown is None) else 200
    return page(request, "cases/contact.html", context, status=status)
