"""Who may do what to a case; every question ends in the duties."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.permissions import Rules, says
from siquan.city.duties.models import Role
from siquan.city.duties.queries import duties_of
from siquan.work.cases.models import Case
from siquan.work.cases.states import PHOTO_VERBS, State

CENTRE = (Role.DISPATCHER, Role.CENTRE_LEAD)
READERS = (*CENTRE, Role.LEADER)
IN_PLACE = (Role.GRID_WORKER, Role.CHECKER)


def divisions_of(case: Case) -> list[int | None]:
    """Return the divisions the case lies in, smallest first."""
    return [case.cell_id, case.block_id, case.community_id, case.street_id]


def is_of_centre(user: Any) -> bool:
    """Tell whether the person works at the centre, whatever the case."""
    return duties_of(user).holds(*CENTRE)


def is_staff(user: Any) -> bool:
    """Tell whether the person has any duty in the case loop, and so may enter what they saw."""
    return duties_of(user).holds(*READERS, *IN_PLACE, Role.UNIT_CLERK)


@says(_("只有中心工作人员可以这样做。"))
def works_at_centre(user: Any, case: Case) -> bool:
    """Only staff of the centre may do this."""
    return any(duties_of(user).holds(role) for role in CENTRE)


@says(_("只有中心工作人员和回访员可以这样做；处置过本案件的人不能。"))
def works_at_centre_or_calls_back(user: Any, case: Case) -> bool:
    """Only staff of the centre, and call-back staff who have not handled the case, may do this."""
    return works_at_centre(user, case) or (
        duties_of(user).holds(Role.CALLER) and user.pk not in case.handler_ids
    )


@says(_("只有中心负责人可以这样做。"))
def leads_centre(user: Any, case: Case) -> bool:
    """Only the lead of the centre may do this."""
    return duties_of(user).holds(Role.CENTRE_LEAD)


@says(_("只有中心负责人和规则管理员可以查看和改进类别建议。"))
def leads_centre_or_edits_rules(user: Any, case: Case | None) -> bool:
    """Only the lead of the centre and the rule editors may do this."""
    return duties_of(user).holds(Role.CENTRE_LEAD, Role.RULE_EDITOR)


@says(_("只有本案件责任单位的人员可以这样做。"))
def answers_for_case(user: Any, case: Case) -> bool:
    """Only staff of the unit that answers for the case may do this."""
    return case.unit_id is not None and case.unit_id in duties_of(user).unit_ids


@says(_("只有被请求协办的单位可以答复。"))
def assists_case(user: Any, case: Case) -> bool:
    """Only staff of a unit that was asked to assist may do this."""
    mine = duties_of(user).unit_ids
    return bool(mine) and case.assists.filter(unit_id__in=mine, answered_at=None).exists()


@says(_("只有负责这一片的核查员可以核查；处置过本案件的人和责任单位的人不能核查自己的工作。"))
def checks_case(user: Any, case: Case) -> bool:
    """Only a checker of this place may do this, never somebody who handled the case or acts for its unit."""
    if user.pk in case.handler_ids or answers_for_case(user, case):
        return False
    return duties_of(user).covers(Role.CHECKER, divisions_of(case))


@says(_("只有负责这一片的核查员可以退回返工；待结案时中心也可以。"))
def checks_or_closes_case(user: Any, case: Case) -> bool:
    """Only a checker of this place may do this; the centre may as well before it closes the case."""
    return checks_case(user, case) or (case.state == State.VERIFIED and works_at_centre(user, case))


@says(_("只有责任单位或中心可以这样做。"))
def answers_or_works_at_centre(user: Any, case: Case) -> bool:
    """Only the unit that answers for the case, or the centre, may do this."""
    return answers_for_case(user, case) or works_at_centre(user, case)


@says(_("只有中心、责任单位、协办单位和负责这一片的人员可以查看本案件。"))
def sees_case(user: Any, case: Case) -> bool:
    """Only the centre, the units concerned and people with a duty in this place may see this case."""
    held = duties_of(user)
    return (
        any(held.holds(role) for role in READERS)
        or answers_for_case(user, case)
        or any(held.covers(role, divisions_of(case)) for role in IN_PLACE)
        or (bool(held.unit_ids) and case.assists.filter(unit_id__in=held.unit_ids).exists())
    )


RULES: Rules = {
    "file": works_at_centre,
    "reject": works_at_centre,
    "merge": works_at_centre,
    "unmerge": works_at_centre,
    "dispatch": works_at_centre,
    "accept": answers_for_case,
    "return": answers_for_case,
    "reassign": works_at_centre,
    "ask-assist": answers_for_case,
    "answer-assist": assists_case,
    "ask-extension": answers_for_case,
    "grant-extension": leads_centre,
    "refuse-extension": leads_centre,
    "ask-reporter": answers_or_works_at_centre,
    "hear-reporter": answers_or_works_at_centre,
    "suspend": leads_centre,
    "resume": leads_centre,
    "supervise": leads_centre,
    "report-done": answers_for_case,
    "verify-pass": checks_case,
    "verify-fail": checks_or_closes_case,
    "close": works_at_centre,
    "reopen": works_at_centre_or_calls_back,
    "void": leads_centre,
}

# What is done to a case file without moving it on.
OTHER_RULES: Rules = {
    "see": sees_case,
    "comment": sees_case,
    "set-place": works_at_centre,
    "not-same": works_at_centre,
    "import": works_at_centre,
    "recalculate": leads_centre,
    "unmask": answers_or_works_at_centre,
    "open-original": leads_centre,
    "doubt-photo": answers_for_case,
    "leave-photo": works_at_centre,
    "cover-photo": works_at_centre,
    "withhold-photo": works_at_centre,
    "show-photo": leads_centre,
    "see-suggestions": leads_centre_or_edits_rules,
    "teach-suggestions": leads_centre_or_edits_rules,
}

OTHER_VERBS = {
    "see": _("查看案件"),
    "comment": _("留言"),
    "set-place": _("补充地点"),
    "not-same": _("不是同一件"),
    "see-suggestions": _("查看类别建议的效果"),
    "teach-suggestions": _("让类别建议再学习，决定用哪个模型"),
    "import": _("导入工单"),
    "recalculate": _("重新计算时限"),
    "unmask": _("查看反映人联系方式"),
    "open-original": _("查看照片原图"),
    **PHOTO_VERBS,
}
