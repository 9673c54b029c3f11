"""The life of an appeal (申诉): asked by the unit, decided by somebody else, revised by a third."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

from siquan.base.kernel.workflow import Table


class AppealState(models.TextChoices):
    """Where an appeal stands."""

    ASKED = "asked", pgettext_lazy("申诉", "等待决定")
    GRANTED = "granted", pgettext_lazy("申诉", "同意，不计入")
    REFUSED = "refused", pgettext_lazy("申诉", "不同意")
    WITHDRAWN = "withdrawn", pgettext_lazy("申诉", "已撤回")


TRANSITIONS: Table[AppealState] = {
    AppealState.ASKED: {
        "grant": AppealState.GRANTED,
        "refuse": AppealState.REFUSED,
        "withdraw": AppealState.WITHDRAWN,
    },
    AppealState.GRANTED: {"revise": AppealState.REFUSED},
    AppealState.REFUSED: {"revise": AppealState.GRANTED},
    AppealState.WITHDRAWN: {},
}
FINAL: Final = frozenset({AppealState.GRANTED, AppealState.REFUSED, AppealState.WITHDRAWN})

VERBS: Final = {
    "grant": pgettext_lazy("申诉动作", "同意，不计入"),
    "refuse": pgettext_lazy("申诉动作", "不同意"),
    "withdraw": pgettext_lazy("申诉", "撤回申诉"),
    "revise": pgettext_lazy("申诉", "改变决定"),
}
# The verb → what the journal calls it.
EVENTS: Final = {
    "grant": "appeal.granted",
    "refuse": "appeal.refused",
    "withdraw": "appeal.withdrawn",
    "revise": "appeal.revised",
}
