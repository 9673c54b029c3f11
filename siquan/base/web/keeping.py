"""Say of every answer who may keep it, unless its view has said so."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

KEPT = "private, no-cache"


class KeepPrivate:
    """Let no cache but the reader's own browser keep a page, and that one only to compare.

    What nobody should find in a browser afterwards says `no-store` itself (contact, passwords, keys).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; afterwards say what may be kept."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", KEPT)
        return response
