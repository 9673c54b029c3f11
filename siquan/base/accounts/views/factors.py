"""One's second factors: list, add an app or a passkey, rename, remove, new recovery codes."""

from __future__ import annotations

import base64
import io

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from siquan.base.accounts import factors, forms, onetime, pacing, queries, steps
from siquan.base.accounts.models import Factor, User
from siquan.base.accounts.views.signing_in import door_closed
from siquan.base.kernel import sealing
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.web.pages import page

SECRET = "new_code_secret"  # noqa: S105 - the name under which the session keeps it, sealed
CODES = "new_recovery_codes"
PLACE = "accounts.new-code"
ASKED = "new_passkey_asked"


@never_cache
@login_required
def show_factors(request: HttpRequest) -> HttpResponse:
    """List one's second factors."""
    user = queries.signed_in(request)
    context = {
        "factors": factors.factors_of(user),
        "left": factors.recovery_codes_left(user),
        "must_have": factors.must_have(user),
    }
    return page(request, "accounts/factors.html", context)


@sensitive_post_parameters()
@never_cache
@steps.fresh("accounts:second_factor")
def add_code(request: HttpRequest) -> HttpResponse:
    """Show the QR code of a new secret, and keep it once the app has shown a right code."""
    user, to = _whose(request)
    if user is None:
        return redirect("accounts:sign_in")
    secret = _secret(request)
    form = forms.NewCode(request.POST or None)
    if form.is_valid():
        try:
            codes = factors.add_code(user, secret=secret, at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            form.add_error("code", str(error))
        else:
            request.session.pop(SECRET, None)
            return _added(request, user, codes, to)
    context = {"form": form, "secret": secret, "is_required": bool(to)}
    return page(request, "accounts/add_code.html", context)


def _whose(request: HttpRequest) -> tuple[User | None, str]:
    """Return who adds a factor: who is signed in, or who must have one before they come in."""
    if request.user.is_authenticated:
        return queries.signed_in(request), ""
    found = steps.halfway(request)
    if found is None or factors.factors_of(found[0]).exists():
        return None, ""
    return found


def _added(request: HttpRequest, user: User, codes: list[str], to: str) -> HttpResponse:
    """Lead to the recovery codes, or back; sign in whoever had to add a factor first."""
    messages.success(request, _("第二重验证已登记，从下次登录起生效。"))
    if request.user.is_authenticated:
        return _show_codes(request, codes) if codes else redirect("accounts:second_factor")
    signed_in = steps.finish(request, user, to)
    answer = _show_codes(request, codes)
    answer.cookies.update(signed_in.cookies)
    return answer


def _secret(request: HttpRequest) -> str:
    """Return the new secret; the session keeps it sealed until the app has shown a code."""
    kept = request.session.get(SECRET)
    if kept:
        return sealing.open(base64.b64decode(kept), PLACE).decode()
    secret = onetime.new_secret()
    request.session[SECRET] = base64.b64encode(sealing.seal(secret.encode(), PLACE)).decode()
    return secret


@require_safe
@never_cache
def code_picture(request: HttpRequest) -> HttpResponse:
    """Draw the QR code of the secret that is being added, as a file: no inline picture is needed."""
    user, _to = _whose(request)
    if user is None or not request.session.get(SECRET):
        raise Http404
    drawn = io.BytesIO()
    uri = onetime.setup_uri(_secret(request), user.username, _("四全"))
    segno.make_qr(uri, error="m").save(drawn, kind="svg", scale=6, border=2, light="#fff", xmldecl=False)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


@never_cache
@login_required
@steps.fresh("accounts:second_factor")
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Let the browser make a passkey, and keep its public half."""
    from siquan.base.accounts import passkeys  # WebAuthn takes 6 MB, and few sign in with it

    user = queries.signed_in(request)
    form = forms.NewPasskey(request.POST or None)
    if form.is_valid():
        try:
            made = passkeys.read_new(request, request.session.pop(ASKED, None), form.cleaned_data["answer"])
            codes = factors.add_passkey(user, made=made, label=form.cleaned_data["label"], at=timezone.now())
        except BadInput as error:
            messages.error(request, str(error))
        else:
            return _added(request, user, codes, "")
    options, request.session[ASKED] = passkeys.ask_for_new(request, user)
    return page(request, "accounts/add_passkey.html", {"form": form, "options": options})


@require_POST
@login_required
def rename(request: HttpRequest, factor_id: int) -> HttpResponse:
    """Give a factor another name."""
    form = forms.Label(request.POST)
    if form.is_valid():
        factors.rename(factor_id, by=queries.signed_in(request), **form.cleaned_data)
        messages.success(request, _("已改名。"))
    return redirect("accounts:second_factor")


@sensitive_post_parameters()
@never_cache
@login_required
def remove(request: HttpRequest, factor_id: int) -> HttpResponse:
    """Remove a factor, after the password."""
    user = queries.signed_in(request)
    factor = Factor.objects.filter(pk=factor_id, user=user).first()
    if factor is None:
        raise Http404
    form = forms.Prove(user, request.POST or None)
    if request.method == "POST":
        under = pacing.counters(request, user.username)
        closed = pacing.begin(under, timezone.now())
        if closed:
            return door_closed(request, closed)
        if form.is_valid():
            pacing.succeed(under)
            return _removed(request, factor, user)
    return page(request, "accounts/remove_factor.html", {"form": form, "factor": factor})


def _removed(request: HttpRequest, factor: Factor, user: User) -> HttpResponse:
    try:
        factors.remove(factor.pk, by=user, at=timezone.now())
    except NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(label)s”已移除。") % {"label": factor.label})
    return redirect("accounts:second_factor")


@require_POST
@login_required
@steps.fresh("accounts:second_factor")
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them: the only moment they can be read."""
    try:
        codes = factors.renew_codes(queries.signed_in(request), at=timezone.now())
    except NotPossible as error:
        messages.error(request, str(error))
        return redirect("accounts:second_factor")
    return _show_codes(request, codes)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    answer = page(request, "accounts/recovery_codes.html", {"codes": codes})
    answer.headers["Cache-Control"] = "no-store"
    return answer
