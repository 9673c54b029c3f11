"""What was said: the month in figures, the call-backs behind them, one of them, its correction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.estimates import Estimate
from siquan.base.kernel.periods import Kind, parse_period, period_of
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.callbacks import forms, queries, services
from siquan.work.callbacks.models import SATISFIED, CallBack, Solved
from siquan.work.callbacks.permissions import OTHER_RULES, RULES
from siquan.work.callbacks.states import TRANSITIONS, State


@login_required
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Show what was said of the closings of a month, with its error, and by whom."""
    require(OTHER_RULES, "see", request.user, None)
    code = request.GET.get("period", "")
    period = parse_period(code) if code else period_of(timezone.now(), Kind.MONTH)
    state = _one_of(State.values, request.GET.get("state", ""))
    solved = _one_of(Solved.values, request.GET.get("solved", ""))
    found = queries.page_of(period, state=state, solved=solved, after=request.GET.get("after", ""))
    result, said = queries.result_of(period), queries.answers_in(period)
    context = {
        "period": period,
        "label": period.label(get_language() or ""),
        "result": result,
        "tiles": [
            _tile(_("说解决了"), result.solved),
            _tile(_("满意（4–5分）"), result.satisfied),
            _tile(_("办结前联系过"), result.contacted),
        ],
        "answers": _bars(Solved.choices, said.solved),
        "grades": _bars(SATISFIED, said.satisfied),
        "next": str(period.next) if period.next.start <= timezone.now() else "",
        "states": [
            (each.value, each.label, result.by_state.get(each.value, 0))
            for each in State
            if result.by_state.get(each.value)
        ],
        "solved_choices": Solved.choices,
        "state": state,
        "solved": solved,
        "rows": found.rows,
        "next_url": _next_url(request, found.after),
        "may_plan": OTHER_RULES["plan"](request.user, None),
    }
    return page(request, "callbacks/results.html", context, part="rows")


def _bars(choices: Iterable[tuple[Any, Any]], counted: Mapping[Any, int]) -> list[tuple[Any, Any, int, int]]:
    """Return (value, words, count, width of the bar between 0 and 100) of every choice, also of none."""
    most = max(counted.values(), default=0) or 1
    return [
        (value, words, counted.get(value, 0), round(100 * counted.get(value, 0) / most))
        for value, words in choices
    ]


def _one_of(known: Sequence[str], text: str) -> str:
    return text if text in known else ""


def _next_url(request: HttpRequest, after: str) -> str:
    given = {name: value for name, value in request.GET.items() if value} | {"after": after}
    return f"{reverse('callbacks:list')}?{urlencode(given)}" if after else ""


def _tile(label: str, found: Estimate) -> dict[str, str]:
    """Return a share with its interval and error in words."""
    if found.share is None:
        return {"label": label, "number": "—", "note": _("还没有人答复")}
    note = _(
        "95%% 区间 %(low).1f–%(high).1f%%，标准误 %(error).1f 个百分点；%(asked)d人答复，代表%(all)d件"
    ) % {
        "low": found.low * 100,
        "high": found.high * 100,
        "error": found.error * 100,
        "asked": found.asked,
        "all": found.population,
    }
    if found.unheard:
        note += _("；另有%(n)d件没有人答复，不在其内") % {"n": found.unheard}
    return {"label": label, "number": f"{found.share * 100:.1f}", "note": note}


@login_required
@require_safe
def call_back(request: HttpRequest, call_back_id: int) -> HttpResponse:
    """Show one call-back: why, how often it was tried, what was said and corrected."""
    require(OTHER_RULES, "see", request.user, None)
    found = queries.call_back_by_key(call_back_id)
    return page(request, "callbacks/call_back.html", _context(request, found))


def _context(request: HttpRequest, found: CallBack) -> dict[str, object]:
    is_possible = "correct" in TRANSITIONS[State(found.state)]
    return {
        "found": found,
        "stratum": _stratum(found),
        "attempts": list(found.attempts.select_related("by").order_by("id")),
        "answers": list(found.answers.select_related("by").order_by("id")),
        "may_correct": is_possible and RULES["correct"](request.user, found),
    }


def _stratum(found: CallBack) -> str:
    """Return in words the stratum the case was drawn from: its name there is made of codes."""
    words = {
        "source": found.case.get_source_display(),
        "unit": str(found.unit) if found.unit else "",
        "street": str(found.street) if found.street else "",
    }
    return " × ".join(words[each] for each in (found.plan.strata if found.plan else []) if words[each])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, call_back_id: int) -> HttpResponse:
    """Ask what was really said and why, then correct it."""
    found = queries.call_back_by_key(call_back_id)
    require(RULES, "correct", request.user, found)
    old = found.answer
    initial = {
        "contacted": {True: "yes", False: "no"}.get(old.contacted)
        if old and old.contacted is not None
        else "",
        "solved": old.solved if old else "",
        "satisfied": old.satisfied if old else None,
        "words": old.words if old else "",
    }
    form = forms.Correct(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_answer(
                call_back_id, by=signed_in(request), at=timezone.now(), **form.cleaned_data
            )
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("更正了。原来的答复仍留在记录里。"))
            return redirect("callbacks:call_back", call_back_id)
    context = {"found": found, "form": form}
    return page(request, "callbacks/correct.html", context, status=422 if form.errors else 200)
