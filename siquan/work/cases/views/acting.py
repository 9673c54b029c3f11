"""The page of one case, and everything that is done from it: one view for all verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.base.kernel.explanations import amount_words
from siquan.base.kernel.limits import Limit
from siquan.base.kernel.limits import Unit as Measure
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page, wants_part
from siquan.base.web.templatetags.web import moment_words
from siquan.base.web.widgets import SearchSelect
from siquan.work.cases import forms, queries, services
from siquan.work.cases.models import Case, Extension
from siquan.work.cases.permissions import OTHER_RULES, OTHER_VERBS, RULES
from siquan.work.cases.queries.casefile import Sent, case_file, sent_where
from siquan.work.cases.queries.chips import chip_of
from siquan.work.cases.queries.choices import Options, categories, today, unit_options
from siquan.work.cases.queries.suggestion import suggestion_for
from siquan.work.cases.queries.timeline import timeline_of
from siquan.work.cases.services import clocks
from siquan.work.cases.states import EVENTS, TRANSITIONS, VERBS, State
from siquan.work.cases.templatetags.cases import said
from siquan.work.cases.verbwords import DONE, GRAVE, ICONS, NEXT, UNDO

# Beside the verbs: what leaves the case in its state.
SIDE_FORMS: Mapping[str, type[django_forms.Form]] = {
    "comment": forms.Remark,
    "recalculate": forms.Nothing,
    "not-same": forms.NotSame,
}
SIDE_ACTS: Mapping[str, Callable[..., Case]] = {
    "comment": services.comment,
    "recalculate": services.recalculate_clock,
    "not-same": services.part_cases,
}


@login_required
@require_safe
def show_case(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case with everything known about it, or only its file for the right pane of the list."""
    case = queries.case_by_number(request.user, number)
    file = case_file(case, user=request.user, at=timezone.now(), language=get_language() or "")
    context = {"file": file, "back": _back(request), "pane": wants_part(request), "next": _pane_of(request)}
    return page(request, "cases/case.html", context, part="file")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Ask what the verb needs, then do it."""
    if verb not in forms.FORMS and verb not in SIDE_FORMS:
        raise Http404
    case = queries.case_by_number(request.user, number)
    refused = _refused(request, case, verb)
    if refused:
        return refused
    form = _form(request, case, verb)
    if request.method == "POST" and form.is_valid():
        do = services.ACTS.get(verb) or SIDE_ACTS[verb]
        try:
            do(case.pk, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        except NotPossible as error:
            return _too_late(request, case, verb, error)
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _said(request, case, verb)
    return _ask(request, case, verb, form)


def _refused(request: HttpRequest, case: Case, verb: str) -> HttpResponse | None:
    """Say who may do this, or that the case has moved on, before anybody fills in a form for nothing."""
    if verb in TRANSITIONS[State(case.state)]:
        require(RULES, verb, request.user, case)
        return None
    if verb in SIDE_FORMS:
        require(OTHER_RULES, verb, request.user, case)
        return None
    return _too_late(request, case, verb, None)


def _too_late(request: HttpRequest, case: Case, verb: str, error: NotPossible | None) -> HttpResponse:
    """Tell gracefully that the case has moved on: who did this already, or why it cannot be done now."""
    case = queries.case_by_number(request.user, case.number)
    told = timeline_of(queries.history(case), get_language() or "")
    last = next((line for line in reversed(told) if line.kind != "system"), None)
    if last and last.event == EVENTS.get(verb):
        words = _("%(who)s已于%(when)s办过这一步：%(what)s。不用再办一次。") % {
            "who": last.who,
            "when": moment_words(last.at),
            "what": last.what,
        }
        messages.info(request, words)
        where = reverse("cases:case", args=[case.number])
        if wants_part(request):  # the buttons around the form are as old as the one that was pressed
            return HttpResponse(headers={"HX-Redirect": _pane_of(request) or where})
        return redirect(where)
    file = case_file(case, user=request.user, at=timezone.now(), language=get_language() or "")
    context = {
        "file": file,
        "verb_label": VERBS[verb],
        "why": error
        or _("案件现在是“%(state)s”，不能“%(verb)s”。")
        % {
            "state": case.get_state_display(),
            "verb": VERBS[verb],
        },
        "last": last,
    }
    return page(request, "cases/not_now.html", context, part="form", status=409)


def _form(request: HttpRequest, case: Case, verb: str) -> Any:
    kind = forms.FORMS.get(verb) or SIDE_FORMS[verb]
    posted = request.method == "POST"
    initial = _initial(case, verb)
    form = kind(request.POST if posted else None, request.FILES if posted else None, initial=initial)
    if "category" in form.fields:
        form.fields["category"].widget = _select(categories(today(), leaves_only=True), _("请选择"))
    if "unit" in form.fields:
        sent = sent_where(case, timezone.now()) if verb == "dispatch" else None
        form.fields["unit"].widget = _select(unit_options(today()), _by_list(sent))
        # Without an answer of the list somebody must choose; the service would refuse an empty unit.
        form.fields["unit"].required = verb != "dispatch" or sent is None
        if verb == "dispatch":
            form.fields["unit"].help_text = (
                said(sent.why) if sent else _("责任清单里没有对应的单位，请选择一个单位。")
            )
    return form


def _by_list(sent: Sent | None) -> str:
    return _("按责任清单：%(unit)s") % {"unit": sent.unit} if sent else _("请选择")


def _select(options: Options, empty: str) -> SearchSelect:
    return SearchSelect(choices=[("", empty), *options])


def _initial(case: Case, verb: str) -> dict[str, Any]:
    """Return what the form starts with: the category it has, else one that its words surely mean."""
    if case.category:
        return {"category": case.category.code}
    found = suggestion_for(case, timezone.now()) if verb == "file" else None
    return {"category": found.category.code if found and found.is_sure else ""}


def _ask(request: HttpRequest, case: Case, verb: str, form: Any) -> HttpResponse:
    label = VERBS.get(verb) or OTHER_VERBS[verb]
    back = request.GET.get("next") or request.POST.get("next", "")
    context = {
        "case": case,
        "label": label,
        "icon": ICONS[verb],
        "is_grave": verb in GRAVE,
        "in_place": wants_part(request),
        "has_photos": "photos" in form.fields,
        "chip": chip_of(case, timezone.now(), clocks.running(case)),
        "form": form,
        "action": reverse("cases:act", args=[case.number, verb]),
        "next": back,
        "cancel": reverse("cases:case", args=[case.number]),
        "explains": _explains(case, verb),
        "suggested": suggestion_for(case, timezone.now()) if verb == "file" else None,
    }
    return page(request, "cases/act.html", context, part="form", status=422 if form.errors else 200)


def _explains(case: Case, verb: str) -> list[tuple[str, str]]:
    """Return what a person should have before their eyes while they decide."""
    if verb in ("grant-extension", "refuse-extension"):
        asked = case.extensions.filter(decided_at=None).select_related("asked_by").first()
        return _asked(asked) if asked else []
    if verb == "answer-assist":
        return [(str(each.unit), each.request) for each in case.assists.filter(answered_at=None)]
    return []


def _asked(asked: Extension) -> list[tuple[str, str]]:
    limit = Limit(asked.amount, Measure(asked.measure))
    return [
        (_("申请人"), str(asked.asked_by)),
        (_("延长"), amount_words(limit, get_language() or "")),
        (_("理由"), asked.reason),
    ]


def _said(request: HttpRequest, case: Case, verb: str) -> HttpResponse:
    """Say what happened and what happens next, offer the way back where there is one, and return."""
    try:
        now = queries.case_by_number(request.user, case.number)
    except NotFound:
        # A unit that handed the case back no longer sees it: that is right, and no error.
        messages.success(request, f"{case.number}　{DONE[verb]}")
        return redirect("desk:my_work")
    words = f"{DONE[verb]}{NEXT[State(now.state)] if verb in VERBS else ''}"
    undo = UNDO.get(verb)
    if undo and undo in queries.possible_verbs(request.user, now):
        url = reverse("cases:act", args=[case.number, undo])
        messages.success(request, format_html('{} <a href="{}">{}</a>', words, url, VERBS[undo]))
    else:
        messages.success(request, words)
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect("cases:case", case.number)


def _pane_of(request: HttpRequest) -> str:
    """Return the list in whose right pane the file is shown, to come back to it after an act."""
    shown = urlsplit(request.headers.get("HX-Current-URL", "")) if wants_part(request) else None
    return f"{shown.path}?{shown.query}" if shown and shown.path == reverse("cases:list") else ""


def _back(request: HttpRequest) -> str:
    """Return the list the person came from, when it was one of ours."""
    came = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came, {request.get_host()}, require_https=request.is_secure())
    return came if ours and reverse("cases:list") + "?" in came else reverse("cases:list")
