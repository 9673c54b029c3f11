"""Take in a report, and say what becomes of it."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from siquan.base.kernel.errors import BadInput
from siquan.doors.portal import telling
from siquan.doors.portal.forms import ReportForm, fresh_key, is_own_key
from siquan.doors.portal.frame import held, keep_unsaid, private, remember, shown
from siquan.work.cases import queries, services
from siquan.work.cases.queries.suggestion import suggestion
from siquan.work.cases.services.reporting import LONGEST_TEXT, KeyUsedTwice


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Ask what somebody saw and where; sent twice it is still one case."""
    now = timezone.now()
    usual = queries.usual_categories(now)
    if request.method != "POST":
        form = ReportForm(initial={"key": fresh_key()}, categories=usual)
        return shown(request, "portal/report.html", {"form": form})
    if "hint" in request.POST:  # without JavaScript: the same form again, with what the words suggest
        form = ReportForm(initial=request.POST.dict(), categories=usual)
        return shown(request, "portal/report.html", {"form": form, "is_hint": True, **_hint(request)})
    form = ReportForm(request.POST, request.FILES, categories=usual)
    taken = _take_in(request, form, now) if form.is_valid() else None
    return taken or shown(request, "portal/report.html", {"form": form}, status=422)


def _take_in(request: HttpRequest, form: ReportForm, now: datetime) -> HttpResponse | None:
    """Make the case and lead to its number; None when the form says what is wrong."""
    report = form.report()
    if again := queries.sent_again(report.digest(), tokens=held(request), at=now):
        messages.info(request, _("这一件刚才已经收到了，还是这个编号，没有重复。"))
        return redirect("portal:sent", again.token)
    try:
        received = services.report_case(report, key=form.cleaned_data["key"], by=None, at=now)
    except KeyUsedTwice as error:
        if known := _known(request, form):
            return known
        form.refuse(error)
    except BadInput as error:
        form.refuse(error)
    else:
        remember(request, received.case.token)
        return redirect("portal:sent", received.case.token)
    return None


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """Say which category the words suggest, as a part of the form of reporting."""
    return shown(request, "portal/suggested.html", _hint(request))


def _hint(request: HttpRequest) -> dict[str, object]:
    words = request.POST.get("text", "")[:LONGEST_TEXT]
    found = suggestion(words, at=timezone.now()) if words.strip() else None
    return {"suggested": found if found and found.is_likely else None, "has_words": bool(words.strip())}


def _known(request: HttpRequest, form: ReportForm) -> HttpResponse | None:
    """Lead to the case that came in under this key before the words were changed; keep the new words."""
    key = form.cleaned_data["key"]
    case = queries.case_by_key(key) if is_own_key(key) else None
    if case is None:
        return None
    remember(request, case.token)
    keep_unsaid(request, form.cleaned_data["text"])
    messages.info(
        request,
        _(
            "刚才那一次已经收到了，没有重复。改过的话放在下面，要补充请按“留言”；是另一件事，请从“我要上报”再报一次。"
        ),
    )
    return redirect("portal:follow", case.token)


@require_safe
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """Say the number, give the private link, and tell what happens next and when."""
    case = queries.case_by_token(token)
    remember(request, token)
    context = {
        "case": case,
        "spoken": telling.spoken(case.number),
        "standing": telling.standing(case, timezone.now()),
    }
    return private(shown(request, "portal/sent.html", context))
