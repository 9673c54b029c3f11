"""Remember on the account which language a person has switched to, and that somebody is still here."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from siquan.base.accounts import browsers, services


class RememberLanguage:
    """Keep the choice made with the language switch, so that it holds on the next device too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; afterwards look whether it was the switch."""
        response = self.get_response(request)
        match = request.resolver_match
        if request.method == "POST" and match is not None and match.view_name == "web:language":
            user = request.user
            if user.is_authenticated:
                services.keep_language(user, request.POST.get("language", ""))
        return response


class SeeBrowser:
    """Keep, at most once in some minutes, that somebody is still signed in here; nothing for strangers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; afterwards look whether it asked who is signed in."""
        response = self.get_response(request)
        if hasattr(request, "_cached_user") and request.user.is_authenticated:
            browsers.see(request.session, timezone.now())
        return response
