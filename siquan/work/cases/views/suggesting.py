"""How suggested categories fared: for who looks after the rules."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.queries import learning
from siquan.work.cases.queries.suggestion import suggestion_record


@login_required
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """Show how often suggestions were taken, whether their probabilities held, and what was changed."""
    require(OTHER_RULES, "see-suggestions", request.user, None)
    now = timezone.now()
    training = learning.training_now()
    context = {
        "record": suggestion_record(now),
        "there": learning.lessons_there(),
        "training": training if training and not training.is_lost(now) else None,
        "models": [(each, learning.compared(each)) for each in learning.learned_models()],
        "in_use": learning.model_in_use(),
    }
    return page(request, "cases/suggestions.html", context)
