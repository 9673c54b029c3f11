"""One's own account: name, language, password, tokens of programs."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from siquan.base.accounts import forms, queries, services, steps
from siquan.base.web.pages import page
from siquan.base.web.panels import panels_on


@login_required
def show_account(request: HttpRequest) -> HttpResponse:
    """Show and change one's own account."""
    user = queries.signed_in(request)
    form = forms.Account(request.POST or None, initial={"name": user.name, "language": user.language})
    if form.is_valid():
        services.change_account(user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("已保存。"))
        return steps.speak(redirect("accounts:account"), user.language)
    return page(request, "accounts/account.html", {"form": form, "panels": panels_on("account", user, user)})


@sensitive_post_parameters()
@never_cache
@login_required
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; this session stays, all others end."""
    user = queries.signed_in(request)
    form = forms.ChangePassword(user, request.POST or None)
    if form.is_valid():
        services.change_password(user, password=form.cleaned_data["new_password1"], at=timezone.now())
        steps.keep_only(request, user, timezone.now())
        messages.success(request, _("密码已修改，其他设备上的登录已全部退出。"))
        return redirect("accounts:account")
    return page(request, "accounts/change_password.html", {"form": form})


@require_POST
@login_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all sessions of this person, this one too."""
    services.sign_out_everywhere(queries.signed_in(request), at=timezone.now())
    logout(request)
    messages.success(request, _("您已在所有设备上退出登录。"))
    return redirect("accounts:sign_in")


@never_cache
@login_required
def show_tokens(request: HttpRequest) -> HttpResponse:
    """List one's tokens, and make a new one: the only moment it can be read."""
    user = queries.signed_in(request)
    if request.method == "POST" and not steps.is_fresh(request):
        return steps.to_proof(reverse("accounts:tokens"))
    form = forms.NewToken(request.POST or None)
    made = None
    if form.is_valid():
        made = services.make_token(user, form.cleaned_data["label"], timezone.now(), by=user)
        form = forms.NewToken()
    found = {"form": form, "made": made, "tokens": queries.tokens_of(user), "now": timezone.now()}
    return page(request, "accounts/tokens.html", found)


@require_POST
@login_required
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Make one of one's tokens open nothing from now on."""
    services.revoke_token(token_id, by=queries.signed_in(request), at=timezone.now())
    messages.success(request, _("令牌已停用，使用它的程序不能再进入。"))
    return redirect(reverse("accounts:tokens"))
