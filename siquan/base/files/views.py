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

# A browser may keep a picture but has to ask each time (304 when nothing has changed): a picture that was
# withheld or covered once more must not come back out of its memory, nor may a right that was withdrawn.
KEPT: Final = "private, no-cache"
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
    if not file.is_shown:
        return _placeholder(file)
    etag = f'"{file.sha256}{variant}"'
    # 304 when the browser holds this content already.
    return get_conditional_response(request, etag=etag) or _picture(file, read(file), variant, etag)


def _placeholder(file: StoredFile) -> HttpResponse:
    """Answer with a drawing that says why there is no picture: being covered, or withheld by a person."""
    words = {
        "title": _("这张照片暂不显示") if file.is_withheld else _("正在遮挡人脸和车牌"),
        "more": _("为保护照片里的人") if file.is_withheld else _("照片处理好后会显示在这里"),
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
            "Cache-Control": KEPT,
        },
    )
