"""Send pictures to those who may see them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from siquan.base.files import queries
from siquan.base.files.models import StoredFile

# Long enough for a list of thumbnails to come back at once, short enough for a withdrawn right to count.
SECONDS_IN_BROWSER = 600


@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponseBase:
    """Send the picture."""
    file = queries.file_for(request, key)
    return _unless_known(request, file, "") or _picture(file, queries.picture_bytes(file), "")


@require_safe
def thumbnail(request: HttpRequest, key: str) -> HttpResponseBase:
    """Send the thumbnail, or the picture itself for the few seconds until the thumbnail is made."""
    file = queries.file_for(request, key)
    if file.thumbnail_at is None:
        response = _picture(file, queries.picture_bytes(file), "")
        response["Cache-Control"] = "private, no-store"
        return response
    return _unless_known(request, file, "-s") or _picture(file, queries.thumbnail_bytes(file), "-s")


def _etag(file: StoredFile, variant: str) -> str:
    return f'"{file.sha256}{variant}"'


def _unless_known(request: HttpRequest, file: StoredFile, variant: str) -> HttpResponseBase | None:
    """Return 304 when the browser holds this content already."""
    return get_conditional_response(request, etag=_etag(file, variant))


def _picture(file: StoredFile, content: bytes, variant: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=file.kind,  # our own, written by us: never what the uploader claimed
        headers={
            "ETag": _etag(file, variant),
            "Content-Disposition": f'inline; filename="{file.sha256[:12]}{variant}.jpg"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": f"private, max-age={SECONDS_IN_BROWSER}",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
