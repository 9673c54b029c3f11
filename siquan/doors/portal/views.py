"""Residents: HTTP and nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from siquan.base.web.pages import page
from siquan.work.cases import queries


def home(request: HttpRequest) -> HttpResponse:
    """Show what a resident can do here."""
    return page(request, "portal/home.html", {})


def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Show the reporter how far their case is."""
    return page(request, "portal/follow.html", {"case": queries.case_by_token(token)})
