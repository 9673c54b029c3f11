"""Notices that did not arrive: look at them, try again, give up."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.permissions import require
from siquan.base.notices import queries, services
from siquan.base.web.pages import page
from siquan.doors.desk.permissions import RULES

PER_PAGE = 50


@login_required
@require_safe
def show_deliveries(request: HttpRequest) -> HttpResponse:
    """List what did not arrive, with reason and attempts."""
    require(RULES, "see-deliveries", request.user, None)
    found = Paginator(queries.undelivered(), PER_PAGE).get_page(request.GET.get("page"))
    return page(request, "desk/deliveries.html", {"found": found}, part="rows")


@login_required
@require_POST
def retry_delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Try one again."""
    require(RULES, "retry-delivery", request.user, None)
    services.retry_delivery(delivery_id, by=signed_in(request), at=timezone.now())
    messages.success(request, _("已重新排队，几秒内再发一次。"))
    return redirect("desk:deliveries")


@login_required
@require_POST
def stop_delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Give one up."""
    require(RULES, "stop-delivery", request.user, None)
    services.stop_delivery(delivery_id, by=signed_in(request), at=timezone.now())
    messages.success(request, _("已停止发送这条通知。"))
    return redirect("desk:deliveries")
