"""The life of a call-back, readable by an official."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.workflow import Table


class State(models.TextChoices):
    """Where a call-back stands."""

    WAITING = "waiting", _("待回访")
    ASKED = "asked", _("已询问")
    ANSWERED = "answered", _("已答复")
    UNREACHABLE = "unreachable", _("联系不上")
    DECLINED = "declined", _("不愿回答")
    EXPIRED = "expired", _("已过期")
    WITHDRAWN = "withdrawn", _("不再回访")


TRANSITIONS: Table[State] = {
    State.WAITING: {
        "ask": State.ASKED,
        "attempt": State.ASKED,
        "answer": State.ANSWERED,
        "decline": State.DECLINED,
        "give-up": State.UNREACHABLE,
        "expire": State.EXPIRED,
        "withdraw": State.WITHDRAWN,
    },
    State.ASKED: {
        "attempt": State.ASKED,
        "answer": State.ANSWERED,
        "decline": State.DECLINED,
        "give-up": State.UNREACHABLE,
        "expire": State.EXPIRED,
        "withdraw": State.WITHDRAWN,
        "take-back": State.ASKED,
    },
    State.ANSWERED: {"correct": State.ANSWERED, "take-back": State.ASKED},
    State.DECLINED: {"answer": State.ANSWERED, "take-back": State.ASKED},
    State.UNREACHABLE: {"answer": State.ANSWERED, "take-back": State.ASKED},
    State.EXPIRED: {},
    State.WITHDRAWN: {},
}

OPEN = (State.WAITING, State.ASKED)
FINAL = frozenset({State.ANSWERED, State.DECLINED, State.UNREACHABLE, State.EXPIRED, State.WITHDRAWN})

VERBS = {
    "ask": _("发出询问"),
    "attempt": _("记一次没有打通的电话"),
    "answer": _("记下答复"),
    "decline": _("记下不愿回答"),
    "give-up": _("不再拨打"),
    "expire": _("过期"),
    "withdraw": _("撤下"),
    "correct": _("更正答复"),
    "take-back": _("撤销刚才的记录"),
}

EVENTS = {
    "ask": "callback.asked",
    "attempt": "callback.attempted",
    "answer": "callback.answered",
    "decline": "callback.declined",
    "give-up": "callback.given_up",
    "expire": "callback.expired",
    "withdraw": "callback.withdrawn",
    "correct": "callback.corrected",
    "take-back": "callback.taken_back",
}
