"""What every page knows about who is signed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def person(request: HttpRequest) -> dict[str, Any]:
    """Hand the frames the person's name and menu; nothing for strangers."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "user_name": str(user),
        "user_menu": [
            {"url": reverse("accounts:account"), "label": _("我的账号"), "icon": "person"},
            {"url": reverse("accounts:sign_out"), "label": _("退出登录"), "icon": "sign-out", "post": True},
        ],
    }
