"""How the pages speak of the verbs: keys, icons, what was done, what happens next, what can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import Words
from siquan.work.cases.states import State

# The letter that presses the button on the case page; letters of the list (j, k, x) stay free.
KEYS: Final[Mapping[str, str]] = {
    "file": "l", "reject": "b", "merge": "m", "unmerge": "m", "dispatch": "p", "accept": "a", "return": "t",
    "reassign": "g", "ask-assist": "h", "answer-assist": "d", "ask-extension": "y", "grant-extension": "y",
    "refuse-extension": "n", "ask-reporter": "q", "hear-reporter": "q", "suspend": "s", "resume": "s",
    "supervise": "u", "report-done": "w", "verify-pass": "v", "verify-fail": "f", "close": "c",
    "reopen": "r", "void": "z", "comment": "i",
}  # fmt: skip

ICONS: Final[Mapping[str, str]] = {
    "file": "check", "reject": "x", "merge": "merge", "unmerge": "split", "dispatch": "send",
    "accept": "check", "return": "return", "reassign": "forward", "ask-assist": "people",
    "answer-assist": "message", "ask-extension": "clock", "grant-extension": "check",
    "refuse-extension": "x", "ask-reporter": "question", "hear-reporter": "play", "suspend": "pause",
    "resume": "play", "supervise": "flag", "report-done": "check-circle", "verify-pass": "check-circle",
    "verify-fail": "return", "close": "lock", "reopen": "refresh", "void": "trash",
    "comment": "message", "set-place": "map-pin", "recalculate": "clock",
    "not-same": "split",
}  # fmt: skip

# What ends or throws back somebody's work asks for a reason in place and is not the first button.
GRAVE: Final = frozenset({"reject", "void", "verify-fail", "refuse-extension"})

# A verb that takes another one back, offered right after it.
UNDO: Final[Mapping[str, str]] = {"merge": "unmerge", "suspend": "resume", "ask-reporter": "hear-reporter"}

DONE: Final[Mapping[str, Words]] = {
    "file": _("已立案。"),
    "reject": _("已按不予立案处理，原因会告诉反映人。"),
    "merge": _("已并案。"),
    "unmerge": _("已撤销并案。"),
    "dispatch": _("已派遣。"),
    "accept": _("已接收。"),
    "return": _("已退回中心。"),
    "reassign": _("已改派，处置时限重新计算。"),
    "ask-assist": _("已请求协办。"),
    "answer-assist": _("已答复协办请求。"),
    "ask-extension": _("已提交延期申请，等中心负责人答复；答复前时限不变。"),
    "grant-extension": _("已同意延期，时限已顺延。"),
    "refuse-extension": _("已答复不同意延期，时限不变。"),
    "ask-reporter": _("已请反映人补充，计时暂停。"),
    "hear-reporter": _("继续办理，计时恢复。"),
    "suspend": _("已挂账，计时暂停。"),
    "resume": _("已解除挂账，计时恢复。"),
    "supervise": _("已督办，责任单位会收到通知。"),
    "report-done": _("已报告处置完成。"),
    "verify-pass": _("已核查通过。"),
    "verify-fail": _("已退回返工，处置时限重新计算。"),
    "close": _("已结案，反映人会收到答复。"),
    "reopen": _("已重新办理。"),
    "void": _("已作废，记录仍可查看。"),
    "comment": _("留言已记下。"),
    "set-place": _("位置已记下。"),
    "not-same": _("已记下：不是同一件。"),
    "recalculate": _("时限已按现行规则和日历重新计算。"),
}

NEXT: Final[Mapping[State, Words]] = {
    State.REPORTED: _("下一步：中心核实后立案。"),
    State.FILED: _("下一步：中心派遣给责任单位。"),
    State.DISPATCHED: _("下一步：责任单位接收。"),
    State.IN_HAND: _("下一步：责任单位处置，处置完成后报告。"),
    State.WAITING: _("下一步：等反映人补充，补充后继续处置。"),
    State.SUSPENDED: _("下一步：到期自动恢复，也可以提前解除挂账。"),
    State.HANDLED: _("下一步：这一片的核查员到现场核查，处置过的人不能核查。"),
    State.VERIFIED: _("下一步：中心结案。"),
    State.CLOSED: _("案件已经结束；反映人可以评价，也可以请求重新办理。"),
    State.REJECTED: _("案件已经结束；需要时可以重新办理。"),
    State.MERGED: _("后面的办理都在并入的案件里。"),
    State.VOID: _("案件已经结束。"),
}

# Where each state stands among the steps of GB/T 30428: report, file, dispatch, handle, verify, close.
STEP_OF: Final[Mapping[State, int]] = {
    State.REPORTED: 2,
    State.FILED: 3,
    State.DISPATCHED: 4,
    State.IN_HAND: 4,
    State.WAITING: 4,
    State.SUSPENDED: 4,
    State.HANDLED: 5,
    State.VERIFIED: 6,
    State.CLOSED: 7,
}
