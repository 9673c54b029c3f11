"""Who deals with it: dispatch, accept, return, reassign, supervise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.kernel.errors import BadInput, SiquanError, Words
from siquan.city.units.models import Unit
from siquan.work.cases.models import Assist, Case
from siquan.work.cases.services.ruling import responsibility_of
from siquan.work.cases.services.taking import finish, take


@transaction.atomic
def dispatch_case(case_id: int, *, by: User, at: datetime, unit: str = "", note: str = "") -> Case:
    """Send a filed case to the unit that answers for it (派遣).

    Without `unit` (a code) the responsibility list decides, and the line that decided is kept with the case.
    Raises BadInput when nobody answers for it or the unit is unknown.
    """
    case = take("dispatch", case_id, by)
    if unit:
        case.unit, case.responsibility_id = _unit(unit, at), None
    else:
        _by_responsibility_list(case, at)
    return finish(
        case,
        "dispatch",
        by=by,
        at=at,
        changed=["unit", "responsibility"],
        unit=case.unit_id,
        rule=case.responsibility_id,
        note=note,
    )


def _unit(code: str, at: datetime) -> Unit:
    found = Unit.objects.as_of(timezone.localdate(at)).filter(code=code).first()
    if found is None:
        raise BadInput(_("没有这个单位，请从列表中选择。"), field="unit")
    assert isinstance(found, Unit)
    return found


def _by_responsibility_list(case: Case, at: datetime) -> None:
    answer = responsibility_of(case, at)
    if answer is None:
        raise BadInput(_("责任清单里没有对应的单位，请选择一个单位。"), field="unit")
    case.unit_id, case.responsibility_id = answer.lead_id, answer.rule_id
    already = set(case.assists.filter(answered_at=None).values_list("unit_id", flat=True))
    Assist.objects.bulk_create(
        Assist(case=case, unit_id=unit_id, request=str(_("按责任清单协办")), asked_at=at)
        for unit_id in answer.assist_ids
        if unit_id not in already
    )


@dataclass(frozen=True)
class BatchAnswer:
    """What became of one case of a batch: `refused` is empty when it went through."""

    case_id: int
    refused: Words = ""


def dispatch_cases(case_ids: Sequence[int], *, by: User, at: datetime) -> list[BatchAnswer]:
    """Dispatch many cases by the responsibility list; each stands for itself."""
    answers = []
    for case_id in case_ids:
        try:
            dispatch_case(case_id, by=by, at=at)
            answers.append(BatchAnswer(case_id))
        except SiquanError as error:
            answers.append(BatchAnswer(case_id, str(error)))
        except PermissionDenied as error:
            answers.append(BatchAnswer(case_id, str(error)))
    return answers


@transaction.atomic
def accept_case(case_id: int, *, by: User, at: datetime) -> Case:
    """Take a dispatched case in hand (接收)."""
    case = take("accept", case_id, by)
    note_handler(case, by)
    return finish(case, "accept", by=by, at=at, changed=["handler_ids"])


def note_handler(case: Case, by: User) -> None:
    """Remember who handled the case: they never verify it."""
    if by.pk not in case.handler_ids:
        case.handler_ids = [*case.handler_ids, by.pk]


@transaction.atomic
def return_case(case_id: int, *, by: User, at: datetime, reason: str) -> Case:
    """Hand a wrongly dispatched case back to the centre (退单)."""
    case = take("return", case_id, by)
    unit_id, case.unit, case.responsibility_id = case.unit_id, None, None
    changed = ["unit", "responsibility"]
    return finish(case, "return", by=by, at=at, changed=changed, unit=unit_id, reason=reason)


@transaction.atomic
def reassign_case(case_id: int, *, by: User, at: datetime, unit: str, reason: str) -> Case:
    """Give a case to another unit (改派); its handling clock starts anew."""
    case = take("reassign", case_id, by)
    was, case.unit, case.responsibility_id = case.unit_id, _unit(unit, at), None
    if case.unit_id == was:
        raise BadInput(_("案件已经在这个单位，请选择另一个单位。"), field="unit")
    return finish(
        case,
        "reassign",
        by=by,
        at=at,
        changed=["unit", "responsibility"],
        restart_clock=True,
        unit=case.unit_id,
        unit_was=was,
        reason=reason,
    )


@transaction.atomic
def supervise_case(case_id: int, *, by: User, at: datetime, note: str) -> Case:
    """Put a case under supervision (督办): the unit is urged, and the case is marked until it is closed."""
    case = take("supervise", case_id, by)
    case.is_supervised = True
    return finish(case, "supervise", by=by, at=at, changed=["is_supervised"], note=note)
