"""Changed boundaries: hand a file in, see what it would change, publish it."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.city.places import queries, services
from siquan.doors.desk.forms import BoundaryFile
from siquan.doors.desk.permissions import RULES
from siquan.work.cases import queries as cases

MOST_SHOWN = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """Ask for a file of changed boundaries, and keep it to be looked at."""
    require(RULES, "change-boundaries", request.user, None)
    posted = request.method == "POST"
    form = BoundaryFile(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        given = form.cleaned_data
        try:
            draft = services.keep_boundary_draft(
                given["file"].read(),
                name=PurePosixPath(given["file"].name).name,
                on=given["valid_from"],
                reason=given["reason"],
                by=signed_in(request),
                at=timezone.now(),
            )
        except BadInput as error:
            form.add_error("file", str(error))
        else:
            return redirect("desk:boundary_draft", draft.pk)
    context = {"form": form, "drafts": queries.boundary_drafts()}
    return page(request, "desk/boundaries.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Show what a file would change, area by area; POST publishes it."""
    require(RULES, "change-boundaries", request.user, None)
    refused = None
    if request.method == "POST":
        try:
            services.publish_boundary_draft(draft_id, by=signed_in(request), at=timezone.now())
        except BadInput as error:
            refused = str(error)
        else:
            messages.success(request, _("已公布。新的边界从生效那天起使用，以前的案件不变。"))
            return redirect("desk:boundary_draft", draft_id)
    draft, found = queries.boundary_draft(draft_id)
    context = {
        "draft": draft,
        "found": found,
        "changes": found.changes[:MOST_SHOWN],
        "faults": found.faults[:MOST_SHOWN],
        "touched": cases.open_within(found.ground),
        "refused": refused,
    }
    return page(request, "desk/boundary_draft.html", context, status=422 if refused else 200)
