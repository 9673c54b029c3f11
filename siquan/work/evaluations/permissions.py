"""Who may lead rounds, judge, and read the results; an evaluator is an outsider or none."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.permissions import Rules, says
from siquan.city.duties.models import Role
from siquan.city.duties.queries import duties_of

INSIDERS = (
    Role.DISPATCHER,
    Role.CENTRE_LEAD,
    Role.UNIT_CLERK,
    Role.GRID_WORKER,
    Role.CHECKER,
    Role.CALLER,
    Role.LEADER,
)


@says(_("只有中心负责人可以这样做。"))
def leads_rounds(user: Any, thing: Any = None) -> bool:
    """Only the lead of the centre may do this."""
    return duties_of(user).holds(Role.CENTRE_LEAD)


@says(_("只有外部评价员可以评价；在案件办理中有职责的人不能。"))
def is_outsider(user: Any, thing: Any = None) -> bool:
    """Only outside evaluators may do this, never somebody with a duty in the case loop."""
    held = duties_of(user)
    return held.holds(Role.EVALUATOR) and not held.holds(*INSIDERS)


@says(_("只有分到这一件的外部评价员可以评价；在案件办理中有职责的人不能。"))
def judges(user: Any, assignment: Any = None) -> bool:
    """Only the outside evaluator to whom it was given may do this, never somebody of the case loop."""
    return is_outsider(user) and (assignment is None or assignment.evaluator_id == user.pk)


@says(_("只有中心工作人员和区领导可以查看外部评价的结果。"))
def reads_rounds(user: Any, thing: Any = None) -> bool:
    """Only the centre and district leaders may see the results."""
    return duties_of(user).holds(Role.DISPATCHER, Role.CENTRE_LEAD, Role.LEADER)


RULES: Rules = {
    "announce": leads_rounds,
    "draw": leads_rounds,
    "cancel": leads_rounds,
    "judge": judges,
    "close": leads_rounds,
}
OTHER_RULES: Rules = {"see": reads_rounds}
OTHER_VERBS = {"see": _("查看外部评价结果")}
