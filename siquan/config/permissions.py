"""Every room's table of rules, for the page that lists who may do what."""

from __future__ import annotations

from types import SimpleNamespace

from django.utils.translation import gettext_lazy as _

from siquan.city.duties import permissions as duties
from siquan.city.duties.tables import EXAMPLE_UNIT, RoomRules
from siquan.city.rules import permissions as rules
from siquan.doors.desk import permissions as desk
from siquan.insight.scoring import permissions as scoring
from siquan.insight.scoring.models import Scope
from siquan.insight.scoring.states import VERBS as APPEAL_VERBS
from siquan.work.callbacks import permissions as call_backs
from siquan.work.callbacks.states import VERBS as CALL_BACK_VERBS
from siquan.work.cases import permissions as cases
from siquan.work.cases.states import TRANSITIONS, VERBS
from siquan.work.evaluations import permissions as evaluations
from siquan.work.evaluations.states import VERBS as EVALUATION_VERBS


class _Asked:
    """Stands for the rows of one's own help that was asked for: there are some."""

    def filter(self, **_bounds: object) -> _Asked:
        """Narrow down to the same."""
        return self

    def exists(self) -> bool:
        """Say that there are some."""
        return True


def _case(state: str, unit_id: int) -> SimpleNamespace:
    """Return a case of the imagined person's unit (1) or of another, that nobody has handled yet."""
    nowhere = dict.fromkeys(("street_id", "community_id", "block_id", "cell_id"))
    return SimpleNamespace(
        pk=0, state=state, unit_id=unit_id, handler_ids=[], assists=_Asked(), is_supervised=False, **nowhere
    )


def _rated(unit_id: int) -> SimpleNamespace:
    """Return what the rules about rates look at: a case, an appeal or a figure of a unit."""
    return SimpleNamespace(
        unit_id=unit_id,
        scope=Scope.UNIT,
        asked_by_id=-1,
        decider_ids=[],
        case=SimpleNamespace(handler_ids=[]),
        call_backs=_Asked(),
    )


ROOM_RULES = [
    RoomRules(
        _("案件办理"),
        {**cases.RULES, **cases.OTHER_RULES},
        VERBS | cases.OTHER_VERBS,
        [_case(state, unit_id) for state in TRANSITIONS for unit_id in (EXAMPLE_UNIT, EXAMPLE_UNIT + 1)],
    ),
    RoomRules(_("系统运行"), desk.RULES, desk.VERBS),
    RoomRules(_("个人信息"), desk.PRIVACY_RULES, desk.PRIVACY_VERBS),
    RoomRules(
        _("外部评价"),
        {**evaluations.RULES, **evaluations.OTHER_RULES},
        EVALUATION_VERBS | evaluations.OTHER_VERBS,
    ),
    RoomRules(
        _("回访"),
        {**call_backs.BY_HAND, **call_backs.OTHER_RULES},
        CALL_BACK_VERBS | call_backs.OTHER_VERBS,
    ),
    RoomRules(
        _("三率"),
        {**scoring.RULES, **scoring.OTHER_RULES},
        APPEAL_VERBS | scoring.OTHER_VERBS,
        [_rated(unit_id) for unit_id in (EXAMPLE_UNIT, EXAMPLE_UNIT + 1)],
    ),
    RoomRules(_("规则"), rules.RULES, rules.VERBS),
    RoomRules(_("职责和账号"), duties.RULES, duties.VERBS),
]
