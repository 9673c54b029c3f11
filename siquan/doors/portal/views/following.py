"""The private link: how far a case is, and what its reporter has to say."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.kernel.errors import BadInput
from siquan.doors.portal import telling
from siquan.doors.portal.forms import RateForm, SayForm
from siquan.doors.portal.frame import private, remember, shown, take_unsaid
from siquan.work.callbacks import services as call_backs
from siquan.work.callbacks.models import SATISFIED
from siquan.work.callbacks.queries import said_of
from siquan.work.cases import queries, services
from siquan.work.cases.models import Case, CommentKind

VERDICTS = (CommentKind.SOLVED, CommentKind.UNSOLVED)
THANKS = {
    CommentKind.COMMENT: _("留言收到了。"),
    CommentKind.ANSWER: _("谢谢，补充的情况已经转给办事的单位，时限接着往下走。"),
    CommentKind.SOLVED: _("谢谢您告诉我们。"),
    CommentKind.UNSOLVED: _("知道了。您的话已经记在案件里，受理中心会来看。"),
    CommentKind.REOPEN_WISH: _("收到了。受理中心会看您说的理由，决定是否重新办理，结果写在这一页上。"),
}


@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Show the reporter how far their case is."""
    case = queries.case_by_token(token)
    remember(request, token)
    unsaid = take_unsaid(request)
    return _page(request, case, SayForm(initial={"text": unsaid}))


@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, token: str) -> HttpResponse:
    """Take down a remark, an answer, whether it is solved, or the wish to take it up again."""
    case = queries.case_by_token(token)
    if request.method != "POST":
        return redirect("portal:follow", token)
    form = SayForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            _take_down(case, **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field if error.field in ("text", "photos") else None, str(error))
        else:
            messages.success(request, THANKS[CommentKind(form.cleaned_data["kind"])])
            return redirect("portal:follow", token)
    return _page(request, case, form, status=422)


def _take_down(case: Case, *, kind: str, solved: str, **said: Any) -> None:
    """Keep a verdict as the answer to a call-back, anything else in the case file."""
    if kind in VERDICTS:
        call_backs.answer_by_link(case.pk, at=timezone.now(), kind=CommentKind(kind), solved=solved, **said)
    else:
        services.say_as_reporter(case.pk, at=timezone.now(), kind=CommentKind(kind), **said)


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """Take down how satisfied the reporter is, after they have said whether it is solved."""
    case = queries.case_by_token(token)
    form = RateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        call_backs.rate_by_link(case.pk, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("谢谢，您的评价记下了。"))
    elif request.method == "POST":
        messages.error(request, _("请选1到5中的一个。"))
    return redirect("portal:follow", token)


def _page(request: HttpRequest, case: Case, form: SayForm, status: int = 200) -> HttpResponse:
    found = queries.follow_up(case)
    context = {
        "case": case,
        "found": found,
        "form": form,
        "spoken": telling.spoken(case.number),
        "standing": telling.standing(case, timezone.now()),
        "steps": telling.STEPS,
        "entries": telling.timeline(found.told),
        "pictures": telling.before_and_after(found.photos, found.photos_after),
        "may": set(found.kinds),
        "said": said_of(case),
        "satisfied": SATISFIED,
        "link": request.build_absolute_uri(request.path.removesuffix("say/")),
    }
    return private(shown(request, "portal/follow.html", context, status=status))
