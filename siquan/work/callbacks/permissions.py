"""Who may call back, see what was said, and plan who is asked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.permissions import Rules, says
from siquan.city.duties.models import Role
from siquan.city.duties.queries import duties_of

READERS = (Role.CALLER, Role.DISPATCHER, Role.CENTRE_LEAD, Role.LEADER)


@says(_("只有回访员可以回访；处置过本案件的人和责任单位的人不能回访自己的工作。"))
def calls_back(user: Any, call_back: Any = None) -> bool:
    """Only call-back staff may do this, never somebody who handled the case or acts for its unit."""
    held = duties_of(user)
    if not held.holds(Role.CALLER):
        return False
    if call_back is None:
        return True
    case = call_back.case
    ours = {call_back.unit_id, case.unit_id} - {None}
    return user.pk not in case.handler_ids and held.unit_ids.isdisjoint(ours)


@says(_("只有正在打这个电话的回访员可以查看号码。"))
def has_the_call(user: Any, call_back: Any = None) -> bool:
    """Only the caller who has taken this call may do this."""
    return calls_back(user, call_back) and (call_back is None or call_back.taken_by_id == user.pk)


@says(_("只有记下答复的回访员和中心负责人可以更正。"))
def corrects_answer(user: Any, call_back: Any = None) -> bool:
    """Only who took the answer, or the lead of the centre, may do this."""
    if duties_of(user).holds(Role.CENTRE_LEAD):
        return True
    answer = call_back.answer if call_back is not None else None
    return calls_back(user, call_back) and (answer is None or answer.by_id == user.pk)


@says(_("只有回访员、中心工作人员和区领导可以查看回访。"))
def reads_call_backs(user: Any, call_back: Any = None) -> bool:
    """Only call-back staff, the centre and district leaders may see call-backs."""
    return duties_of(user).holds(*READERS)


@says(_("只有中心负责人和规则管理员可以发布回访方案。"))
def plans_call_backs(user: Any, plan: Any = None) -> bool:
    """Only the lead of the centre and rule editors may publish a plan."""
    return duties_of(user).holds(Role.CENTRE_LEAD, Role.RULE_EDITOR)


@says(_("系统按方案自动进行。"))
def done_by_the_clock(user: Any, call_back: Any = None) -> bool:
    """Nobody does this by hand: it follows from the plan."""
    return False


RULES: Rules = {
    "ask": done_by_the_clock,
    "attempt": has_the_call,
    "answer": has_the_call,
    "decline": has_the_call,
    "give-up": has_the_call,
    "expire": done_by_the_clock,
    "withdraw": done_by_the_clock,
    "correct": corrects_answer,
    "take-back": calls_back,
}

OTHER_RULES: Rules = {
    "take": calls_back,
    "reveal": has_the_call,
    "see": reads_call_backs,
    "plan": plans_call_backs,
}

OTHER_VERBS = {
    "take": _("取下一个电话"),
    "reveal": _("查看反映人电话"),
    "see": _("查看回访"),
    "plan": _("发布回访方案"),
}

# What people do by hand; the rest follows from the plan.
BY_HAND: Rules = {verb: rule for verb, rule in RULES.items() if rule is not done_by_the_clock}
