"""The steps of a sign-in, kept in the session: the password was right, the second factor is still to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from siquan.base.accounts import browsers, factors, pacing
from siquan.base.accounts.models import SignIn, User

HALFWAY: Final = "halfway"
PROVED: Final = "proved_at"
HALFWAY_SECONDS: Final = 600
FRESH_SECONDS: Final = 900

View = Callable[..., HttpResponse]


def go_on(request: HttpRequest, user: User, to: str) -> HttpResponse:
    """Let somebody in whose password was right, or ask for what else they must show."""
    has_factor = factors.factors_of(user).exists()
    if not has_factor and not factors.must_have(user):
        return finish(request, user, to)
    request.session.cycle_key()
    request.session[HALFWAY] = {
        "user": user.pk,
        "proof": user.get_session_auth_hash(),
        "at": int(timezone.now().timestamp()),
        "to": to,
    }
    return redirect("accounts:second_step" if has_factor else "accounts:add_code")


def halfway(request: HttpRequest) -> tuple[User, str] | None:
    """Return whose password was right a few minutes ago in this browser, and where they wanted to go."""
    kept = request.session.get(HALFWAY)
    if not kept or timezone.now().timestamp() - kept["at"] > HALFWAY_SECONDS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), kept["proof"]):
        return None
    return user, kept["to"]


def finish(request: HttpRequest, user: User, to: str) -> HttpResponse:
    """Sign in for good: a new session, known from now on to its owner and to this browser."""
    at = timezone.now()
    request.session.pop(HALFWAY, None)
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    browsers.remember(request, user, at)
    request.session[PROVED] = int(at.timestamp())
    if user.must_change_password:
        messages.warning(request, _("这是别人为您设的密码，请先换成自己的。"))
        to = reverse("accounts:change_password")
    response = redirect(to)
    pacing.know_browser(request, response, user.username)
    return speak(response, user.language)


def prove(request: HttpRequest, at: datetime) -> None:
    """Keep that the person at this browser has just shown who they are."""
    request.session[PROVED] = int(at.timestamp())


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether somebody has shown who they are within the last minutes."""
    return bool(timezone.now().timestamp() - request.session.get(PROVED, 0) <= FRESH_SECONDS)


def fresh(back: str) -> Callable[[View], View]:
    """Let a view run only soon after the person has shown who they are; ask for the password otherwise."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if request.user.is_authenticated and not is_fresh(request):
                asked = request.path if request.method == "GET" else reverse(back)
                return to_proof(asked)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def to_proof(then: str) -> HttpResponse:
    """Lead to the page that asks for the password once more, and from there on."""
    return redirect(f"{reverse('accounts:prove')}?{urlencode({'next': then})}")


def keep_only(request: HttpRequest, user: User, at: datetime) -> None:
    """After a new password: this session goes on under a new key, every other one is ended."""
    before = request.session.session_key
    update_session_auth_hash(request, user)
    SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)
    browsers.end_others(user, request.session.session_key, at)


def speak(response: HttpResponse, language: str) -> HttpResponse:
    """Let the following pages be in this language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.SECURE,
    )
    return response
