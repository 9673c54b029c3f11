"""The private link: how far a case is, and what its reporter has to say."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.kernel.errors import BadInput
from siquan.doors.portal import telling
from siquan.doors.portal.forms import SayForm
from siquan.doors.portal.frame import private, remember, shown
from siquan.doors.portal.views.reporting import UNSAID
from siquan.work.cases import queries, services
from siquan.work.cases.models import Case, CommentKind

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
    unsaid = request.session.pop(UNSAID, "")
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
            services.say_as_reporter(case.pk, at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field if error.field in ("text", "photos") else None, str(error))
        else:
            messages.success(request, THANKS[CommentKind(form.cleaned_data["kind"])])
            return redirect("portal:follow", token)
    return _page(request, case, form, status=422)


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
        "pictures": telling.before_and_after(found),
        "may": set(found.kinds),
        "link": request.build_absolute_uri(request.path.removesuffix("say/")),
    }
    return private(shown(request, "portal/follow.html", context, status=status))
