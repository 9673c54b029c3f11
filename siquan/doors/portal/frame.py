"""What stands around every page for residents, and the headers of pages that are nobody else's business."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siquan.base.kernel import sealing
from siquan.base.web.pages import page
from siquan.city.places.services import MAP_STYLE
from siquan.work.cases.queries import REPORTER_TOKENS

MOST_TOKENS: Final = 20
UNSAID: Final = "portal_unsaid"
NAV: Final = (
    ("portal:report", _("我要上报")),
    ("portal:find", pgettext_lazy("nav", "查进度")),
    ("portal:map", pgettext_lazy("nav", "身边的事")),
    ("portal:help", _("帮助")),
)
FOOTER: Final = (
    ("portal:figures", "", pgettext_lazy("nav", "办得怎么样")),
    ("portal:help", "#privacy", _("个人信息怎么保护")),
    ("portal:help", "#accessibility", _("无障碍声明")),
    ("accounts:sign_in", "", _("工作人员登录")),
)


def shown(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer with a page in the frame for residents."""
    match = request.resolver_match
    current = match.view_name if match else ""
    around = {
        "map_style": MAP_STYLE,
        "home_url": reverse("portal:home"),
        "portal_nav": [
            {"url": reverse(name), "label": label, "current": name == current} for name, label in NAV
        ],
        "footer_links": [{"url": reverse(name) + part, "label": label} for name, part, label in FOOTER],
    }
    return page(request, template, around | (context or {}), status=status)


def private(response: HttpResponse) -> HttpResponse:
    """Keep a page with a private link out of search engines, caches and other people's logs.

    `strict-origin`, not `no-referrer`: with the latter browsers send `Origin: null` with forms, which the
    protection against forged requests refuses. The address, and so the link, is not told either way.
    """
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def remember(request: HttpRequest, token: str) -> None:
    """Keep in the session that this browser holds the private link, so that the photos of the case open."""
    tokens = request.session.get(REPORTER_TOKENS, [])
    if token not in tokens:
        request.session[REPORTER_TOKENS] = [*tokens, token][-MOST_TOKENS:]


def held(request: HttpRequest) -> list[str]:
    """Return the private links that this browser has opened."""
    tokens: list[str] = request.session.get(REPORTER_TOKENS, [])
    return tokens


def keep_unsaid(request: HttpRequest, words: str) -> None:
    """Keep words for the next page; sealed, for sessions lie in the database."""
    request.session[UNSAID] = sealing.seal(words.encode(), UNSAID).hex()


def take_unsaid(request: HttpRequest) -> str:
    """Return the words that were kept, once; none when their key is gone."""
    try:
        kept = bytes.fromhex(request.session.pop(UNSAID, ""))
        return sealing.open(kept, UNSAID).decode() if kept else ""
    except (sealing.SealingError, ValueError):
        return ""
