"""Where one is signed in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from siquan.base.accounts import browsers, queries
from siquan.base.web.pages import page


@never_cache
@login_required
def show_sign_ins(request: HttpRequest) -> HttpResponse:
    """List the browsers in which one is signed in."""
    user = queries.signed_in(request)
    context = {
        "sign_ins": browsers.sign_ins_of(user, timezone.now()),
        "own_key": request.session.session_key,
    }
    return page(request, "accounts/sign_ins.html", context)


@require_POST
@login_required
def end_sign_in(request: HttpRequest, sign_in_id: int) -> HttpResponse:
    """End one of them."""
    browsers.end_sign_in(sign_in_id, by=queries.signed_in(request), at=timezone.now())
    messages.success(request, _("那台设备上的登录已退出。"))
    return redirect("accounts:sign_ins")


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    """End all but this one."""
    browsers.end_others(queries.signed_in(request), request.session.session_key, timezone.now())
    messages.success(request, _("其他设备上的登录已全部退出。"))
    return redirect("accounts:sign_ins")
