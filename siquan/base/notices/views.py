"""The inbox."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from siquan.base.accounts.queries import signed_in
from siquan.base.notices import queries, services
from siquan.base.web.pages import page

PER_PAGE = 30


@login_required
def show_inbox(request: HttpRequest) -> HttpResponse:
    """List one's own notices, unread first."""
    found = Paginator(queries.inbox(signed_in(request)), PER_PAGE).get_page(request.GET.get("page"))
    newest = max((notice.pk for notice in found), default=0)
    return page(request, "notices/inbox.html", {"found": found, "newest": newest}, part="rows")


@login_required
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    notice = services.mark_read(notice_id, by=signed_in(request), at=timezone.now())
    return redirect(notice.url or "notices:inbox")


@require_POST
@login_required
def mark_read(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one notice as read."""
    services.mark_read(notice_id, by=signed_in(request), at=timezone.now())
    return redirect("notices:inbox")


@require_POST
@login_required
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Mark everything that was on the page as read, not what has arrived since."""
    newest = request.POST.get("up_to", "")
    count = services.mark_all_read(
        by=signed_in(request), at=timezone.now(), up_to=int(newest) if newest.isdecimal() else None
    )
    messages.success(request, _("已标记 {count} 条为已读。").format(count=count))
    return redirect("notices:inbox")
