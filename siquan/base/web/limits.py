"""Limits per person, token and network, and how many strangers may post at once; in memory, no statement.

Which address is limited how is one table in the wiring (`config/limits.py`). Each web process counts its own
share: with two processes one sender may have between a half and the whole of what the setting says.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from siquan.base.kernel.buckets import Buckets, parse_allowance
from siquan.base.web.addresses import client_network
from siquan.base.web.problems import PROGRAMS, problem, typed

Who = Callable[[HttpRequest], str]
BUSY_SECONDS = 3
TURNED_AWAY = "siquan.turned_away"  # in a request whose body there was no waiting for (config/intake.py)


def network(request: HttpRequest) -> str:
    """Count by network."""
    return client_network(request)


def person(request: HttpRequest) -> str:
    """Count by person; strangers by network."""
    user = request.user
    return f"user {user.pk}" if user.is_authenticated else client_network(request)


def token(request: HttpRequest) -> str:
    """Count by the key a program shows; without one by network."""
    shown = request.headers.get("Authorization", "")
    if not shown:
        return client_network(request)
    return blake2b(shown.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Rule:
    """One kind of request: which limits it is counted under, for whom, and whether it waits for a place."""

    limit: str
    who: Who = network
    is_placed: bool = False


class _State:
    """What this process has counted."""

    def __init__(self) -> None:
        self.rules: Mapping[str, Rule] = {}
        self.buckets: dict[str, Buckets] = {}
        self.places: threading.BoundedSemaphore | None = None


_state = _State()


def use(rules: Mapping[str, Rule]) -> None:
    """Take over the table: `POST portal:report` for one address, `POST portal:` for all others of a room."""
    _state.rules = rules
    forget()


def forget() -> None:
    """Begin to count anew, by the settings as they are now."""
    shares = max(1, settings.WEB_PROCESSES)
    _state.buckets = {
        name: Buckets(parse_allowance(text).shared_by(shares)) for name, text in settings.LIMITS.items()
    }
    _state.places = threading.BoundedSemaphore(max(1, settings.STRANGERS_AT_ONCE))


def rule_for(request: HttpRequest) -> Rule | None:
    """Return the rule of a request whose address is known; that of the address before that of the room."""
    match = request.resolver_match
    if match is None:
        return None
    rules, method = _state.rules, "GET" if request.method == "HEAD" else request.method
    return rules.get(f"{method} {match.view_name}") or rules.get(f"{method} {match.namespace}:")


class Limits:
    """Refuse what is too much, before a form is read or a statement is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and give its place free afterwards."""
        try:
            return self.get_response(request)
        finally:
            if getattr(request, "has_place", False) and _state.places:
                _state.places.release()

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Let in or refuse."""
        if TURNED_AWAY in request.META:
            return refused(request, 503, BUSY_SECONDS)
        rule = rule_for(request) if settings.LIMITED else None
        if rule is None:
            return None
        bucket = _state.buckets.get(rule.limit)
        wait = 0.0 if bucket is None else bucket.take(rule.who(request), time.monotonic())
        if wait:
            return refused(request, 429, math.ceil(wait))
        if rule.is_placed and _state.places:
            if not _state.places.acquire(blocking=False):
                return refused(request, 503, BUSY_SECONDS)
            request.has_place = True  # type: ignore[attr-defined]
        return None


def refused(request: HttpRequest, status: int, seconds: int) -> HttpResponse:
    """Say that it is too much, in the form the asker reads, and when to come again."""
    if request.path.startswith(PROGRAMS):
        answer = _details(status, seconds)
    elif request.headers.get("X-Once") == "1":  # the form keeps everything, and tries again by itself
        answer = HttpResponse("", status=status, content_type="text/plain")
    else:
        answer = problem(request, status, more={"typed": typed(request), "seconds": seconds})
    answer.headers["Retry-After"] = str(seconds)
    answer.headers["Cache-Control"] = "no-store"
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would write a line of log for each
    return answer


def _details(status: int, seconds: int) -> HttpResponse:
    words = {
        429: ("too-many", _("请求太频繁"), _("请在 {seconds} 秒后再试。")),
        503: (
            "busy",
            _("暂时不能服务"),
            _("现在提交的人太多，请在 {seconds} 秒后用同一个提交编号再试，不会重复。"),
        ),
    }
    code, title, detail = words[status]
    body = {
        "type": "about:blank",
        "status": status,
        "code": code,
        "title": title,
        "detail": detail.format(seconds=seconds),
        "errors": [],
        "possible": [],
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=status,
        content_type="application/problem+json; charset=utf-8",
    )
