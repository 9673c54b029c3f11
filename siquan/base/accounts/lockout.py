"""How long sign-in stays closed after too many wrong passwords, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


@dataclass(frozen=True)
class Lockout:
    """One closed door: which name, from which address, until when."""

    username: str
    ends_at: datetime
    minutes: int


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from.

    Behind proxies the connection is theirs. Each of our `PROXIES` adds the address it saw to the right of
    X-Forwarded-For; what stands further left was written by the sender and is never believed.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if settings.PROXIES:
        named = request.headers.get("X-Forwarded-For", "").split(",")
        seen = named[-settings.PROXIES].strip() if len(named) >= settings.PROXIES else seen
    try:
        return str(ip_address(seen))
    except ValueError:  # a Unix socket has no address; everybody on it shares one
        return "0.0.0.0"  # noqa: S104


def lockout_of(request: HttpRequest, credentials: dict[str, Any] | None) -> Lockout:
    """Return which door is closed and until when, counted from the last try that was let in."""
    username = get_client_username(request, credentials) or ""
    cool_off = get_cool_off(request) or timedelta()
    last = (
        AccessAttempt.objects.filter(username=username, ip_address=client_address(request))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    ) or timezone.now()
    left = last + cool_off - timezone.now()
    return Lockout(username, last + cool_off, max(1, -(-int(left.total_seconds()) // 60)))
