"""Pages about personal data: how long it is kept, and what is held about one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.permissions import require
from siquan.base.privacy import queries, services
from siquan.base.web.pages import page
from siquan.doors.desk.permissions import PRIVACY_RULES


class Days(forms.Form):
    """For how many days, and by which source."""

    days = forms.IntegerField(label=_("保存天数"), min_value=0, max_value=36_500)
    source = forms.CharField(
        label=_("依据"), max_length=200, help_text=_("例如哪份文件第几条；没有依据请写“assumed”。")
    )


class Whom(forms.Form):
    """Somebody, known by a number or a link, and why."""

    person = forms.CharField(
        label=_("电话号码或案件的专属链接"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        help_text=_("例如：本人持身份证申请。理由会记入日志，不要写姓名和号码。"),
    )


@login_required
@require_safe
def show_classes(request: HttpRequest) -> HttpResponse:
    """List the classes of personal data, how long each is kept, what is over and what is gone."""
    require(PRIVACY_RULES, "see-retention", request.user, None)
    found = {"classes": queries.standing(timezone.now()), "requests": queries.recent_requests()}
    return page(request, "desk/privacy.html", found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_days(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for how many days a class is kept and by which source, then set it."""
    require(PRIVACY_RULES, "set-retention", request.user, None)
    known = queries.data_class(kind)
    form = Days(request.POST or None, initial={"days": known.days, "source": known.source})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_days(kind=kind, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, say("已保存，从下一次清理起按新的天数。"))
            return redirect("desk:privacy")
    status = 422 if form.errors else 200
    return page(request, "desk/privacy_days.html", {"form": form, "known": known}, status=status)


ACTS: Final[Mapping[str, tuple[str, Callable[..., Any]]]] = {
    "look": ("look-up-person", services.look_up),
    "export": ("export-person", services.export_person),
    "erase": ("erase-person", services.erase_person),
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_person(request: HttpRequest) -> HttpResponse:
    """Look up what is held about a person; hand it out, or erase it."""
    act = request.POST.get("act", "look")
    rule, do = ACTS.get(act, ACTS["look"])
    require(PRIVACY_RULES, rule, request.user, None)
    form = Whom(request.POST or None)
    done: Any = None
    if request.method == "POST" and form.is_valid():
        try:
            done = do(by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field, str(error))
        except NotFound as error:
            form.add_error("person", str(error))
    if isinstance(done, bytes):
        return _download(done)
    status = 422 if request.method == "POST" and done is None else 200
    found = {"form": form, "act": act, "done": done, "given": form.cleaned_data if done else {}}
    return page(request, "desk/privacy_person.html", found, status=status)


def _download(packed: bytes) -> HttpResponse:
    name = f"person-{timezone.localtime():%Y%m%d-%H%M}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(packed, content_type="application/zip", headers=headers)
