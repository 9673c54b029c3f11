"""Models that learn from what was chosen: begin, watch, compare, put in use."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import NotPossible
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.queries import learning as queries
from siquan.work.cases.queries.suggestion import version_in_use
from siquan.work.cases.services.choosing import CHOICES
from siquan.work.cases.services.learning import ask_to_learn
from siquan.work.cases.states import LEARNING_VERBS, LearningState
from siquan.work.cases.suggestion.retraining import STEPS

ICONS = {"stop": "x", "use": "check", "discard": "trash", "retire": "return"}
DONE = {
    "stop": _("已停止。在用的模型没有变。"),
    "use": _("已启用。下一次建议就用这个模型；想退回，可以在列表里重新启用以前的。"),
    "discard": _("没有采用，在用的模型没有变。"),
    "retire": _("已改用随系统附带的模型。原来的还留着，可以再启用。"),
}


@login_required
@require_POST
def learn(request: HttpRequest) -> HttpResponse:
    """Have the worker learn again, or say why not."""
    try:
        model = ask_to_learn(by=signed_in(request), at=timezone.now())
    except NotPossible as refused:
        messages.warning(request, str(refused))
        return redirect("cases:suggestions")
    return redirect("cases:learned", model.pk)


@login_required
@require_safe
def show_learned(request: HttpRequest, key: int) -> HttpResponse:
    """Show how far a training is, or how its model compares with the one in use."""
    require(OTHER_RULES, "see-suggestions", request.user, None)
    model = queries.learned_model(key)
    is_lost = model.is_lost(timezone.now())
    context = {
        "model": model,
        "compared": queries.compared(model),
        "is_running": model.is_learning and not is_lost,
        "is_lost": is_lost or model.state == LearningState.BROKEN_OFF,
        "steps": STEPS,
        "is_outdated": model.state == LearningState.READY and model.against != version_in_use(),
        "choices": [(each, LEARNING_VERBS[each], ICONS[each]) for each in queries.possible_choices(model)],
    }
    return page(request, "cases/learned.html", context, part="learned")


@login_required
@require_POST
def choose(request: HttpRequest, key: int, verb: str) -> HttpResponse:
    """Stop a training, put its model in use, discard it, or go back."""
    require(OTHER_RULES, "teach-suggestions", request.user, None)
    if verb not in CHOICES:
        raise Http404
    CHOICES[verb](key, by=signed_in(request), at=timezone.now())
    messages.success(request, DONE[verb])
    return redirect("cases:learned", key)
