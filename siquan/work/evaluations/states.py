"""The life of a round of outside evaluation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.workflow import Table


class State(models.TextChoices):
    """Where a round stands."""

    COMMITTED = "committed", _("已公布种子指纹")
    OPEN = "open", _("评价中")
    CLOSED = "closed", _("已公布结果")
    CANCELLED = "cancelled", _("已取消")


TRANSITIONS: Table[State] = {
    State.COMMITTED: {"draw": State.OPEN, "cancel": State.CANCELLED},
    State.OPEN: {"judge": State.OPEN, "close": State.CLOSED},
    State.CLOSED: {},
    State.CANCELLED: {},
}

VERBS = {
    "announce": _("公布一轮评价"),
    "draw": _("抽样并分给评价员"),
    "cancel": _("取消"),
    "judge": _("评价"),
    "close": _("公布结果"),
}

EVENTS = {
    "announce": "evaluation.announced",
    "draw": "evaluation.drawn",
    "cancel": "evaluation.cancelled",
    "judge": "evaluation.judged",
    "close": "evaluation.closed",
}
