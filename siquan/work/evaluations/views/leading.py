"""The lead's pages: rounds, a new one, what it found, and the cases behind every figure."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel import replays
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.base.kernel.estimates import Estimate
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.evaluations import forms, queries, services
from siquan.work.evaluations.models import Verdict
from siquan.work.evaluations.permissions import OTHER_RULES, RULES
from siquan.work.evaluations.states import TRANSITIONS, VERBS, State


@login_required
@require_safe
def list_rounds(request: HttpRequest) -> HttpResponse:
    """Show all rounds."""
    require(OTHER_RULES, "see", request.user, None)
    context = {"rounds": queries.rounds(), "may_announce": RULES["announce"](request.user, None)}
    return page(request, "evaluations/rounds.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def announce(request: HttpRequest) -> HttpResponse:
    """Ask which closings are to be judged, and publish the fingerprint of the seed."""
    require(RULES, "announce", request.user, None)
    today = timezone.localdate()
    before = today.replace(day=1) - timedelta(days=1)
    initial = {"first": before.replace(day=1), "last": before, "due_on": today + timedelta(days=14)}
    form = forms.Announce(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.announce_round(by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("公布了。种子的指纹已写入日志，现在谁也换不了样本。"))
            return redirect("evaluations:round", made.pk)
    return page(request, "evaluations/new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def replay(request: HttpRequest, round_id: int) -> HttpResponse:
    """Draw once more on the spot, and say whether it agrees with what was drawn."""
    require(OTHER_RULES, "see", request.user, None)
    found = queries.round_by_key(round_id)
    told = queries.told_of(found)
    context = {
        "found": found,
        "told": told,
        "checks": replays.replay(told) if told else [],
        "file_url": reverse("evaluations:replay_file", args=[found.pk]),
    }
    return page(request, "evaluations/replay.html", context)


@login_required
@require_safe
def replay_file(request: HttpRequest, round_id: int) -> HttpResponse:
    """Send the file with which anybody can replay a draw without this system."""
    require(OTHER_RULES, "see", request.user, None)
    told = queries.told_of(queries.round_by_key(round_id))
    if told is None:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="evaluation-draw-{round_id}.json"'}
    return HttpResponse(told.as_json(), content_type="application/json", headers=headers)


@login_required
@require_safe
def show_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show a round: its seed, what outsiders say beside what was claimed, and the cases."""
    require(OTHER_RULES, "see", request.user, None)
    found = queries.round_by_key(round_id)
    results = queries.results_of(found)
    chosen = {name: request.GET.get(name, "").replace("\0", "") for name in ("unit", "street", "verdict")}
    is_shown = found.state == State.CLOSED
    context = {
        "found": found,
        "results": results,
        "is_shown": is_shown,
        "tiles": _tiles(results) if is_shown else [],
        "verdicts": [(each.value, each.label, results.verdicts.get(each.value, 0)) for each in Verdict],
        "items": [
            (item, [each for each in item.assignments.all() if each.judgement])
            for item in (queries.items_of(found, **chosen) if is_shown else [])
        ],
        "chosen": chosen,
        "acts": [
            (act, VERBS[act])
            for act in TRANSITIONS[State(found.state)]
            if act != "judge" and RULES[act](request.user, found)
        ],
    }
    return page(request, "evaluations/round.html", context, part="items")


def _tiles(results: queries.Results) -> list[dict[str, str]]:
    claimed = {"label": _("结案时声称到位"), "number": "100.0" if results.claimed else "—"}
    claimed["note"] = _("抽中的%(n)d件都已按到位结案") % {"n": results.claimed}
    return [
        claimed,
        _tile(_("外部评价：到位"), results.right),
        _tile(_("到位或部分到位"), results.right_or_partly),
    ]


def _tile(label: str, found: Estimate) -> dict[str, str]:
    if found.share is None:
        return {"label": label, "number": "—", "note": _("还没有评价")}
    words = _("95%% 区间 %(low).1f–%(high).1f%%；评了%(asked)d件，代表%(all)d件")
    note = words % {
        "low": found.low * 100,
        "high": found.high * 100,
        "asked": found.asked,
        "all": found.population,
    }
    return {"label": label, "number": f"{found.share * 100:.1f}", "note": note}


@login_required
@require_POST
def do(request: HttpRequest, round_id: int, act: str) -> HttpResponse:
    """Draw, cancel or close a round."""
    if act not in services.ACTS:
        raise Http404
    try:
        services.ACTS[act](round_id, by=signed_in(request), at=timezone.now())
    except NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已办：%(what)s。") % {"what": VERBS[act]})
    return redirect("evaluations:round", round_id)
