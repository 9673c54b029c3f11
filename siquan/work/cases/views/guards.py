"""What people are told whose duties do not open cases."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from siquan.base.web.pages import page
from siquan.city.duties.queries import duties_of


def no_duty(request: HttpRequest, status: int = 403) -> HttpResponse:
    """Say who sees cases and whom to ask; whoever has another duty is led to it."""
    context = {"has_duty": bool(duties_of(request.user).scopes)}
    return page(request, "cases/no_duty.html", context, status=status)
