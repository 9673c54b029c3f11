"""Send pictures to those who may see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from siquan.base.files import queries
from siquan.base.files.models import StoredFile

# Long enough for a list of thumbnails to come back at once, short enough for a withdrawn right to count.
SECONDS_IN_BROWSER = 600
# A picture may be shown, and nothing else may come of it, whatever a browser makes of its bytes. Chromium
# lays a picture opened alone out by styles of its own; without scripts these can do nothing else.
SAFE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponseBase:
    """Send the blurred picture, or what stands in its place until there is one."""
    return _sent(request, key, "", queries.picture_bytes)


@require_safe
def thumbnail(request: HttpRequest, key: str) -> HttpResponseBase:
    """Send the thumbnail of the blurred picture, or what stands in its place."""
    return _sent(request, key, "-s", queries.thumbnail_bytes)


def _sent(
    request: HttpRequest, key: str, variant: str, read: Callable[[StoredFile], bytes]
) -> HttpResponseBase:
    file = queries.file_for(request, key)
    if not file.is_blurred:
        return _placeholder()
    etag = f'"{file.sha256}{variant}"'
    # 304 when the browser holds this content already.
    return get_conditional_response(request, etag=etag) or _picture(file, read(file), variant, etag)


def _placeholder() -> HttpResponse:
    """Answer with the picture that says that faces and plates are being covered."""
    words = {
        "title": _("正在遮挡人脸和车牌"),
        "more": _("照片处理好后会显示在这里"),
    }
    drawn = render_to_string("files/placeholder.svg", words)
    return HttpResponse(
        drawn, content_type="image/svg+xml", headers={**SAFE_HEADERS, "Cache-Control": "private, no-store"}
    )


def _picture(file: StoredFile, content: bytes, variant: str, etag: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="image/jpeg",  # our own, written by us: never what the uploader claimed
        headers={
            **SAFE_HEADERS,
            "ETag": etag,
            "Content-Disposition": f'inline; filename="{file.sha256[:12]}{variant}.jpg"',
            "Cache-Control": f"private, max-age={SECONDS_IN_BROWSER}",
        },
    )
