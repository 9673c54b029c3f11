"""The life of a case, readable by an official.

GB/T 30428: collect, file, dispatch, handle, report back, verify and close, evaluate.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siquan.base.kernel.workflow import PREVIOUS, Table


class State(models.TextChoices):
    """Where a case stands."""

    REPORTED = "reported", _("待立案")
    FILED = "filed", _("待派遣")
    DISPATCHED = "dispatched", _("待接收")
    IN_HAND = "in_hand", _("处置中")
    WAITING = "waiting", _("等待补充")
    SUSPENDED = "suspended", pgettext_lazy("状态", "挂账")
    HANDLED = "handled", _("待核查")
    VERIFIED = "verified", _("待结案")
    CLOSED = "closed", _("已结案")
    REJECTED = "rejected", pgettext_lazy("状态", "不予立案")
    MERGED = "merged", _("已并案")
    VOID = "void", _("已作废")


TRANSITIONS: Table[State] = {
    State.REPORTED: {
        "file": State.FILED,
        "reject": State.REJECTED,
        "merge": State.MERGED,
        "void": State.VOID,
    },
    State.FILED: {
        "dispatch": State.DISPATCHED,
        "merge": State.MERGED,
        "void": State.VOID,
    },
    State.DISPATCHED: {
        "accept": State.IN_HAND,
        "return": State.FILED,
        "reassign": State.DISPATCHED,
        "supervise": State.DISPATCHED,
        "void": State.VOID,
    },
    State.IN_HAND: {
        "report-done": State.HANDLED,
        "ask-assist": State.IN_HAND,
        "answer-assist": State.IN_HAND,
        "ask-extension": State.IN_HAND,
        "grant-extension": State.IN_HAND,
        "refuse-extension": State.IN_HAND,
        "ask-reporter": State.WAITING,
        "suspend": State.SUSPENDED,
        "return": State.FILED,
        "reassign": State.DISPATCHED,
        "supervise": State.IN_HAND,
        "void": State.VOID,
    },
    State.WAITING: {
        "hear-reporter": State.IN_HAND,
        "supervise": State.WAITING,
        "void": State.VOID,
    },
    State.SUSPENDED: {
        "resume": State.IN_HAND,
        "supervise": State.SUSPENDED,
        "void": State.VOID,
    },
    State.HANDLED: {
        "verify-pass": State.VERIFIED,
        "verify-fail": State.IN_HAND,
        "supervise": State.HANDLED,
    },
    State.VERIFIED: {
        "close": State.CLOSED,
        "verify-fail": State.IN_HAND,
    },
    State.CLOSED: {"reopen": State.FILED},
    State.REJECTED: {"reopen": State.REPORTED},
    State.MERGED: {"unmerge": PREVIOUS},
    State.VOID: {},
}

FINAL = frozenset({State.CLOSED, State.REJECTED, State.MERGED, State.VOID})
OPEN = [state for state in State if state not in FINAL]

VERBS = {
    "file": pgettext_lazy("动作", "立案"),
    "reject": _("不予立案"),
    "merge": _("并案"),
    "unmerge": _("撤销并案"),
    "dispatch": _("派遣"),
    "accept": _("接收"),
    "return": _("退回中心"),
    "reassign": _("改派"),
    "ask-assist": _("请求协办"),
    "answer-assist": _("答复协办"),
    "ask-extension": _("申请延期"),
    "grant-extension": _("同意延期"),
    "refuse-extension": _("不同意延期"),
    "ask-reporter": _("请反映人补充"),
    "hear-reporter": _("已补充，继续办理"),
    "suspend": pgettext_lazy("动作", "挂账"),
    "resume": _("解除挂账"),
    "supervise": _("督办"),
    "report-done": _("处置完成"),
    "verify-pass": _("核查通过"),
    "verify-fail": _("核查不通过，返工"),
    "close": _("结案"),
    "reopen": _("重新办理"),
    "void": _("作废"),
}

# The verb → what the journal calls it.
EVENTS = {
    "file": "case.filed",
    "reject": "case.rejected",
    "merge": "case.merged",
    "unmerge": "case.unmerged",
    "dispatch": "case.dispatched",
    "accept": "case.accepted",
    "return": "case.returned",
    "reassign": "case.reassigned",
    "ask-assist": "case.assist_asked",
    "answer-assist": "case.assist_answered",
    "ask-extension": "case.extension_asked",
    "grant-extension": "case.extension_granted",
    "refuse-extension": "case.extension_refused",
    "ask-reporter": "case.reporter_asked",
    "hear-reporter": "case.reporter_heard",
    "suspend": "case.suspended",
    "resume": "case.resumed",
    "supervise": "case.supervised",
    "report-done": "case.reported_done",
    "verify-pass": "case.verified",
    "verify-fail": "case.sent_back",
    "close": "case.closed",
    "reopen": "case.reopened",
    "void": "case.voided",
}


class PhotoState(models.TextChoices):
    """Whether a photo of a case is shown to anybody."""

    SHOWN = "shown", _("正在显示")
    WITHHELD = "withheld", _("暂不显示")

    @classmethod
    def of(cls, *, is_withheld: bool) -> PhotoState:
        """Return where a photo stands, as its file says."""
        return cls.WITHHELD if is_withheld else cls.SHOWN


PHOTO_TRANSITIONS: Table[PhotoState] = {
    PhotoState.SHOWN: {
        "doubt-photo": PhotoState.SHOWN,
        "leave-photo": PhotoState.SHOWN,
        "cover-photo": PhotoState.SHOWN,
        "withhold-photo": PhotoState.WITHHELD,
    },
    PhotoState.WITHHELD: {
        "cover-photo": PhotoState.WITHHELD,
        "show-photo": PhotoState.SHOWN,
    },
}

PHOTO_VERBS = {
    "doubt-photo": _("请中心看看这张照片"),
    "leave-photo": _("看过了，照常显示"),
    "cover-photo": _("多遮挡一些地方"),
    "withhold-photo": _("不再显示这张照片"),
    "show-photo": _("恢复显示这张照片"),
}

# `withhold`, `show_again` and `cover` are written by the files' own room.
PHOTO_EVENTS = {
    "doubt-photo": "case.photo_doubted",
    "leave-photo": "case.photo_left",
    "cover-photo": "file.covered",
    "withhold-photo": "file.withheld",
    "show-photo": "file.shown_again",
}


class LearningState(models.TextChoices):
    """Where a model stands that learns, or has learned, from what was chosen at filing."""

    QUEUED = "queued", pgettext_lazy("模型", "等待开始")
    LEARNING = "learning", pgettext_lazy("模型", "正在学习")
    READY = "ready", pgettext_lazy("模型", "等待决定")
    IN_USE = "in_use", pgettext_lazy("模型", "正在使用")
    RETIRED = "retired", pgettext_lazy("模型", "以前用过")
    DISCARDED = "discarded", pgettext_lazy("模型", "没有采用")
    STOPPED = "stopped", pgettext_lazy("模型", "已停止")
    BROKEN_OFF = "broken_off", pgettext_lazy("模型", "中断了")
    FAILED = "failed", pgettext_lazy("模型", "没有学成")


LEARNING_TRANSITIONS: Table[LearningState] = {
    LearningState.QUEUED: {"begin": LearningState.LEARNING, "stop": LearningState.STOPPED},
    LearningState.LEARNING: {
        "finish": LearningState.READY,
        "stop": LearningState.STOPPED,
        "break-off": LearningState.BROKEN_OFF,
        "fail": LearningState.FAILED,
    },
    LearningState.READY: {"use": LearningState.IN_USE, "discard": LearningState.DISCARDED},
    LearningState.IN_USE: {"retire": LearningState.RETIRED},
    LearningState.RETIRED: {"use": LearningState.IN_USE},
    LearningState.DISCARDED: {},
    LearningState.STOPPED: {},
    LearningState.BROKEN_OFF: {},
    LearningState.FAILED: {},
}
LEARNING_NOW = (LearningState.QUEUED, LearningState.LEARNING)

LEARNING_VERBS = {
    "begin": _("开始学习"),
    "finish": _("学完"),
    "break-off": _("中断"),
    "fail": _("学不成"),
    "stop": _("停止学习"),
    "use": _("启用这个模型"),
    "discard": _("不采用"),
    "retire": _("改用随系统附带的模型"),
}
CHOICES_OF_PEOPLE = ("stop", "use", "discard", "retire")  # the other steps are the worker's
LEARNING_EVENTS = {
    "ask": "suggestion_model.asked",
    "begin": "suggestion_model.begun",
    "finish": "suggestion_model.learned",
    "stop": "suggestion_model.stopped",
    "break-off": "suggestion_model.broken_off",
    "fail": "suggestion_model.failed",
    "use": "suggestion_model.used",
    "discard": "suggestion_model.discarded",
    "retire": "suggestion_model.retired",
    "find": "suggestion_model.found",
}
