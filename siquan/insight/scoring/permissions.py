"""Who may see the rates, open them to their cases, appeal and decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.permissions import Rules, says
from siquan.city.duties.models import Role
from siquan.city.duties.queries import duties_of
from siquan.insight.scoring.models import Appeal, Scope
from siquan.work.cases.models import Case

CENTRE = (Role.DISPATCHER, Role.CENTRE_LEAD)
READERS = (*CENTRE, Role.LEADER)


@dataclass(frozen=True)
class Opened:
    """A figure somebody wants to open: of the district, a street or a unit."""

    scope: str
    unit_id: int | None = None


@says(_("登录并有职责的工作人员可以查看三率。"))
def reads_rates(user: Any, thing: object = None) -> bool:
    """Only staff who hold a duty may see the rates of units."""
    return bool(duties_of(user).scopes)


@says(_("只有中心和区领导可以打开全部名单；单位经办人可以打开本单位的名单。"))
def opens_cases(user: Any, opened: Opened) -> bool:
    """Only the centre and the district's leaders may open every list; a unit's clerks open their own."""
    held = duties_of(user)
    return held.holds(*READERS) or (opened.scope == Scope.UNIT and opened.unit_id in held.unit_ids)


@says(_("只有办结过本案件的单位的经办人可以申诉。"))
def may_appeal(user: Any, case: Case) -> bool:
    """Only clerks of a unit that brought the case to its close may appeal."""
    mine = duties_of(user).unit_ids
    return case.unit_id in mine or (bool(mine) and case.call_backs.filter(unit_id__in=mine).exists())


@says(_("只有提出申诉的单位可以撤回。"))
def may_withdraw(user: Any, appeal: Appeal) -> bool:
    """Only the unit that appealed may take it back."""
    return appeal.unit_id in duties_of(user).unit_ids


@says(_("只有中心负责人可以决定；申诉单位的人、提出的人和处置过本案件的人不能决定。"))
def may_decide(user: Any, appeal: Appeal) -> bool:
    """Only the lead of the centre may decide, never the unit that appealed, nor who handled the case."""
    held = duties_of(user)
    concerned = appeal.unit_id in held.unit_ids or user.pk in (appeal.asked_by_id, *appeal.case.handler_ids)
    return held.holds(Role.CENTRE_LEAD) and not concerned


@says(_("只有没有决定过这件申诉的另一位中心负责人可以改变决定；申诉单位的人和处置过本案件的人不能。"))
def may_revise(user: Any, appeal: Appeal) -> bool:
    """Only a lead of the centre who has not decided it before may revise a decision, nobody concerned."""
    return may_decide(user, appeal) and user.pk not in appeal.decider_ids


@says(_("只有申诉单位、中心和区领导可以查看申诉。"))
def sees_appeal(user: Any, appeal: Appeal) -> bool:
    """Only the unit that appealed, the centre and the district's leaders may see an appeal."""
    held = duties_of(user)
    return held.holds(*READERS) or appeal.unit_id in held.unit_ids


@says(_("只有规则管理员可以装入公式包。"))
def edits_formulas(user: Any, thing: object = None) -> bool:
    """Only rule editors may load formula packs."""
    return duties_of(user).holds(Role.RULE_EDITOR)


RULES: Rules = {"grant": may_decide, "refuse": may_decide, "withdraw": may_withdraw, "revise": may_revise}
OTHER_RULES: Rules = {
    "read-rates": reads_rates,
    "open-cases": opens_cases,
    "appeal": may_appeal,
    "see-appeal": sees_appeal,
    "load-formula": edits_formulas,
}
OTHER_VERBS = {
    "read-rates": _("查看三率"),
    "open-cases": _("打开三率的案件名单"),
    "appeal": _("提出申诉"),
    "see-appeal": _("查看申诉"),
    "load-formula": _("装入公式包"),
}
