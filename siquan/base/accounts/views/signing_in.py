"""Signing in: name and password, the second step, a passkey alone; and showing once more who one is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from siquan.base.accounts import factors, forms, pacing, queries, steps
from siquan.base.accounts.models import FactorKind, User
from siquan.base.kernel.errors import BadInput
from siquan.base.web.pages import page

ASKED = "passkey_asked"


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SignIn(LoginView):
    """Ask for name and password; Django follows `next` only within this site."""

    template_name = "accounts/sign_in.html"
    authentication_form = forms.SignIn
    redirect_authenticated_user = True
    under: Sequence[pacing.Counter] = ()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at a try only while the door is open; the password of an unknown name costs the same."""
        name = request.POST.get("username", "")
        if name and request.POST.get("password"):
            self.under = pacing.counters(request, name)
            closed = pacing.begin(self.under, timezone.now())
            if closed:
                return door_closed(request, closed)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Go on with whoever knows the password."""
        user: User = form.get_user()
        pacing.succeed(self.under)
        return steps.go_on(self.request, user, self.get_success_url())


sign_in = SignIn.as_view()


@sensitive_post_parameters()
@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of somebody whose password was right."""
    found = steps.halfway(request)
    if found is None:
        messages.info(request, _("时间过了，请重新登录。"))
        return redirect("accounts:sign_in")
    user, to = found
    form = forms.Code(request.POST if "code" in request.POST else None)
    if request.method == "POST":
        under, at = pacing.counters(request, user.username, "second"), timezone.now()
        closed = pacing.begin(under, at)
        if closed:
            return door_closed(request, closed)
        try:
            _check_second(request, user, form, at)
        except BadInput as error:
            form.add_error(
                "code" if form.is_bound else None, str(error)
            ) if form.is_bound else messages.error(request, str(error))
        else:
            pacing.succeed(under)
            return steps.finish(request, user, to)
    kinds = {each.kind for each in factors.factors_of(user)}
    context = {"form": form, "has_code": FactorKind.CODE in kinds}
    if FactorKind.PASSKEY in kinds:
        from siquan.base.accounts import passkeys  # WebAuthn takes 6 MB, and few sign in with it

        context["options"], request.session[ASKED] = passkeys.ask_for_known(request, user)
    return page(request, "accounts/second_step.html", context)


def _check_second(request: HttpRequest, user: User, form: forms.Code, at: datetime) -> None:
    """Check the code, or the answer of a passkey. Raises BadInput."""
    answer = request.POST.get("answer", "")
    if answer:
        from siquan.base.accounts import passkeys

        factors.use_passkey(passkeys.check(request, request.session.pop(ASKED, None), answer, user), at)
    elif form.is_valid():
        how = factors.check_code(user, form.cleaned_data["code"], at)
        if how == "recovery":
            left = factors.recovery_codes_left(user)
            messages.warning(request, _("您用掉了一个备用码，还剩%(left)s个。") % {"left": left})
    else:
        raise BadInput(_("请填写验证码。"))


@never_cache
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey that knows its owner: device and PIN (or finger, or face) are two factors."""
    from siquan.base.accounts import passkeys

    if request.user.is_authenticated:
        return redirect("accounts:account")
    answer = request.POST.get("answer", "")
    if answer:
        try:
            factor = passkeys.check(request, request.session.pop(ASKED, None), answer, None)
        except BadInput as error:
            messages.error(request, str(error))
        else:
            factors.use_passkey(factor, timezone.now())
            return steps.finish(request, factor.user, _own_address(request))
    options, request.session[ASKED] = passkeys.ask_for_known(request, None)
    return page(request, "accounts/passkey_sign_in.html", {"options": options, "next": _own_address(request)})


@sensitive_post_parameters()
@never_cache
@login_required
def prove(request: HttpRequest) -> HttpResponse:
    """Ask for the password once more before something that matters."""
    user = queries.signed_in(request)
    form = forms.Prove(user, request.POST or None)
    if request.method == "POST":
        under = pacing.counters(request, user.username)
        closed = pacing.begin(under, timezone.now())
        if closed:
            return door_closed(request, closed)
        if form.is_valid():
            pacing.succeed(under)
            steps.prove(request, timezone.now())
            return redirect(_own_address(request))
    return page(request, "accounts/prove.html", {"form": form, "next": _own_address(request)})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    messages.success(request, _("您已退出登录。"))
    return redirect("accounts:sign_in")


def door_closed(request: HttpRequest, closed: pacing.Closed) -> HttpResponse:
    """Say until when sign-in is closed, and whom to ask."""
    answer = page(request, "accounts/locked_out.html", {"closed": closed}, status=429)
    answer.headers["Retry-After"] = str(closed.minutes * 60)
    return answer


def _own_address(request: HttpRequest) -> str:
    """Return the address asked for with `next` if it lies within this site, else where one begins."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if asked and is_ours else resolve_url(_start())


def _start() -> str:
    from django.conf import settings

    return str(settings.LOGIN_REDIRECT_URL) or reverse("accounts:account")
