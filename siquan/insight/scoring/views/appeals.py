"""Appeals: the list, a new one, one with its decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Select
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.insight.scoring import forms, queries, services
from siquan.insight.scoring.models import Appeal
from siquan.insight.scoring.permissions import OTHER_RULES, RULES
from siquan.insight.scoring.states import TRANSITIONS, VERBS, AppealState
from siquan.insight.scoring.views.boards import LABELS
from siquan.insight.scoring.views.guards import readers

PER_PAGE = 50
DONE = {
    "grant": gettext_lazy("已同意。有关各期三率随即重算，并写明有几件因申诉不计入。"),
    "refuse": gettext_lazy("已写明不同意的理由，并通知申诉单位。"),
    "withdraw": gettext_lazy("已撤回，这一件照常计入。"),
    "revise": gettext_lazy("决定已改变，原来的决定仍可查。有关各期三率随即重算。"),
}
ICONS = {"grant": "check", "refuse": "x", "withdraw": "return", "revise": "refresh"}


@readers
@require_safe
def appeal_list(request: HttpRequest) -> HttpResponse:
    """List the appeals one may see; the number of a case leads to a new one."""
    user, state = signed_in(request), request.GET.get("state", "")
    state = state if state in AppealState else ""
    if number := request.GET.get("case", "").strip():
        return _to_new(request, number)
    found = Paginator(queries.appeals_for(user, state), PER_PAGE).get_page(request.GET.get("page"))
    language = get_language() or ""
    context = {
        "tab": "appeals",
        "state": state,
        "states": [("", _("全部")), *AppealState.choices],
        "found": found,
        "rows": [(each, _reason(each, language), _rate(each)) for each in found],
        "may_ask": bool(queries.own_unit_codes(user)),
        "error": "",
    }
    return page(request, "scoring/appeals.html", context, part="rows")


def _to_new(request: HttpRequest, number: str) -> HttpResponse:
    try:
        return redirect("rates:new_appeal", parse_number(number))
    except BadInput as error:
        messages.error(request, str(error))
        return redirect("rates:appeals")


@readers
@require_http_methods(["GET", "HEAD", "POST"])
def new_appeal(request: HttpRequest, number: str) -> HttpResponse:
    """Ask why a case should not count, showing how it counts now."""
    user, language = signed_in(request), get_language() or ""
    case = queries.case_to_appeal(user, number)
    require(OTHER_RULES, "appeal", user, case)
    closing = queries.closing_for(case, user)
    formula = queries.formula_of(closing.pack)
    reasons = [(code, each.title.said(language)) for code, each in formula.reasons.items()]
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.appeal_form(reasons, *posted)
    if posted and form.is_valid():
        try:
            made = services.appeal(case.pk, by=user, at=timezone.now(), **form.cleaned_data)
        except (BadInput, NotPossible) as error:
            field = getattr(error, "field", None)
            form.add_error(field if field in form.fields else None, str(error))
        else:
            messages.success(request, _("已提出申诉。中心负责人决定后会通知您；在那之前这一件照常计入。"))
            return redirect("rates:appeal", made.pk)
    verdicts = queries.verdicts_of(case, closing, timezone.now())
    context = {
        "tab": "appeals",
        "case": case,
        "closing": closing,
        "days": formula.appeal_days,
        "is_late": timezone.now() > queries.appeal_until(closing),
        "verdicts": [(LABELS[each.rate], each) for each in verdicts],
        "form": form,
        "has_reasons": bool(reasons),
    }
    return page(request, "scoring/new_appeal.html", context, status=422 if form.errors else 200)


@readers
@require_safe
def show_appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Show one appeal with its evidence, how the case counts, and what one may do."""
    appeal = queries.appeal_by_id(signed_in(request), appeal_id)
    return page(request, "scoring/appeal.html", _shown(request, appeal))


@readers
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, appeal_id: int, verb: str) -> HttpResponse:
    """Ask what a verb needs, then do it."""
    if verb not in VERBS:
        raise Http404
    user = signed_in(request)
    appeal = queries.appeal_by_id(user, appeal_id)
    if verb in TRANSITIONS[AppealState(appeal.state)]:
        require(RULES, verb, user, appeal)
    form = forms.FORMS[verb](request.POST if request.method == "POST" else None)
    if "ground" in form.fields:
        grounds = queries.formula_of(appeal.pack).grounds.items()
        choices = [(code, each.title.said(get_language() or "")) for code, each in grounds]
        form.fields["ground"].widget = Select(choices=[("", _("请选择")), *choices])
    if request.method == "POST" and form.is_valid():
        try:
            services.ACTS[verb](appeal.pk, by=user, at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, DONE[verb])
            return redirect("rates:appeal", appeal.pk)
    context = _shown(request, appeal) | {"verb": verb, "verb_label": VERBS[verb], "form": form}
    context["verb_icon"] = ICONS[verb]
    return page(request, "scoring/appeal.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest, appeal: Appeal) -> dict[str, Any]:
    user, language = signed_in(request), get_language() or ""
    closing = queries.Closing(appeal.closed_at, appeal.unit_id, appeal.pack)
    formula = queries.formula_of(appeal.pack)
    return {
        "tab": "appeals",
        "appeal": appeal,
        "reason": _reason(appeal, language),
        "rate_label": _rate(appeal),
        "photos": [
            {
                "url": reverse("files:picture", args=[each.file.key]),
                "thumb_url": reverse("files:thumbnail", args=[each.file.key]),
                "alt": _("申诉照片"),
            }
            for each in appeal.photos.select_related("file")
        ],
        "verdicts": [
            (LABELS[each.rate], each) for each in queries.verdicts_of(appeal.case, closing, appeal.asked_at)
        ],
        "verbs": [(verb, VERBS[verb], ICONS[verb]) for verb in queries.possible_verbs(user, appeal)],
        "decisions": [
            (each, AppealState(each.state).label, formula.title_of_ground(each.ground, language))
            for each in appeal.decisions.select_related("by").order_by("id")
        ],
        "kind": {"granted": "good", "refused": "late", "asked": "watch"}.get(appeal.state, "plain"),
    }


def _reason(appeal: Appeal, language: str) -> str:
    return queries.formula_of(appeal.pack).title_of_reason(appeal.reason, language)


def _rate(appeal: Appeal) -> Any:
    return LABELS[appeal.rate] if appeal.rate else _("三率都不计入")
