"""The phone desk: one call after the other, by keyboard or without any script."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.callbacks import forms, queries, services
from siquan.work.callbacks.permissions import OTHER_RULES


@never_cache  # the number is on it
@login_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the call one has taken, or that none is taken yet."""
    return _page(request, forms.SaveCall(initial={"key": forms.fresh_key()}))


@login_required
@require_POST
def next_call(request: HttpRequest) -> HttpResponse:
    """Take the next call."""
    if services.take_next(by=signed_in(request), at=timezone.now()) is None:
        messages.info(
            request, _("现在没有您能打的电话：不在方案写明的时间，或者都打完了，或者剩下的是您或本单位办的。")
        )
    return redirect("callbacks:desk")


@never_cache
@login_required
@require_POST
def save(request: HttpRequest, call_back_id: int) -> HttpResponse:
    """Keep how the call went, and bring the next one."""
    require(OTHER_RULES, "take", request.user, None)
    form = forms.SaveCall(request.POST)
    if form.is_valid():
        try:
            found = services.save_and_take_next(
                call_back_id, by=signed_in(request), at=timezone.now(), **form.cleaned_data
            )
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except NotPossible as error:
            messages.error(request, str(error))
            return redirect("callbacks:desk")
        else:
            words = _("记下了。下一个电话：") if found else _("记下了。现在没有别的电话要打。")
            messages.success(request, words)
            return redirect("callbacks:desk")
    return _page(request, form, status=422)


@login_required
@require_POST
def take_back(request: HttpRequest, call_back_id: int) -> HttpResponse:
    """Take the last call back, and show it again."""
    try:
        services.take_back(call_back_id, by=signed_in(request), at=timezone.now())
    except NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已撤销。请重新记录这个电话。"))
    return redirect("callbacks:desk")


def _page(request: HttpRequest, form: forms.SaveCall, status: int = 200) -> HttpResponse:
    require(OTHER_RULES, "take", request.user, None)
    at = timezone.now()
    context = {
        "call": queries.current_call(request.user, at),
        "waiting": queries.waiting(request.user, at),
        "last": queries.last_call(request.user, at),
        "form": form,
        "outcomes": _options(form, "outcome", "vabwr"),
        "contacted": _options(form, "contacted", "cx"),
        "solved": _options(form, "solved", "ypn"),
        "satisfied": _options(form, "satisfied", "12345"),
    }
    return page(request, "callbacks/desk.html", context, part="call", status=status)


def _options(form: forms.SaveCall, name: str, keys: str) -> list[dict[str, object]]:
    """Return the choices of a question with the letter of each."""
    chosen = str(form[name].value() or "")
    choices = form.fields[name].choices  # type: ignore[attr-defined]
    return [
        {"value": value, "label": label, "key": key, "is_chosen": str(value) == chosen}
        for (value, label), key in zip(choices, keys, strict=True)
    ]
