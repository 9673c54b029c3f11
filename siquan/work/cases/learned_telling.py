"""Who asked for a model is told by the inbox what came of it."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import Words
from siquan.base.notices import services as notices
from siquan.work.cases.learned import LearnedModel

TOLD: Final[dict[str, tuple[Words, Words]]] = {
    "suggestion_model.learned": (_("类别建议学完了"), _("请看新旧模型的比较，决定用不用新的。")),
    "suggestion_model.broken_off": (_("类别建议没有学完就中断了"), _("在用的模型没有变，可以再学一次。")),
    "suggestion_model.failed": (_("类别建议没有学成"), _("在用的模型没有变，可以再学一次。")),
}


def tell(entry: Entry) -> None:
    """Tell who asked for a model that it is there, or that it is not."""
    model = LearnedModel.objects.select_related("by").get(pk=entry.about_id or 0)
    title, text = TOLD[entry.event]
    notices.notify(
        [model.by] if model.by else [],
        kind=entry.event,
        key=f"{entry.event}:{model.pk}",
        title=title,
        text=text,
        url=reverse("cases:learned", args=[model.pk]),
        about=model,
        at=entry.at,
    )
