"""What the frames of staff pages show of the inbox."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from siquan.base.notices import queries


def inbox(request: HttpRequest) -> dict[str, Any]:
    """Hand over the inbox and how much in it is unread.

    The count is a function: it is asked once, and only by pages whose frame shows it.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"inbox_url": reverse("notices:inbox"), "inbox_count": cache(lambda: queries.unread_count(user))}
