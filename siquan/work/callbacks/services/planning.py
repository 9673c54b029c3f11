"""Who is to be asked: plans, and the call-backs that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.permissions import require
from siquan.base.kernel.workcalendar import parse_hours
from siquan.city.rules import queries as rules
from siquan.work.callbacks import hours
from siquan.work.callbacks.contacts import with_number
from siquan.work.callbacks.models import CallBack, Channel, Draw, Kind, Plan, Reason
from siquan.work.callbacks.permissions import OTHER_RULES
from siquan.work.callbacks.queries.plans import plan_in_force
from siquan.work.callbacks.services.taking import lock, step, write
from siquan.work.callbacks.states import State
from siquan.work.cases.models import Case

STRATA = ("source", "unit", "street")


@transaction.atomic
def publish_plan(*, by: User | None, at: datetime, valid_from: date, source: str, **fields: Any) -> Plan:
    """Publish a plan as the next version, in force from a day; `by` is None for the installation itself.

    Raises PermissionDenied, BadInput.
    """
    if by is not None:
        require(OTHER_RULES, "plan", by, None)
    plan = Plan(at=at, by=by, valid_from=valid_from, source=source.strip(), **fields)
    _check(plan, at)
    with connection.cursor() as cursor:  # two plans at once would take the same number
        cursor.execute("lock table callbacks_plan in share row exclusive mode")
    newest = Plan.objects.filter(district_id=plan.district_id).aggregate(last=Max("version"))["last"]
    plan.version = (newest or 0) + 1
    plan.save(force_insert=True)
    journal.write("callback.planned", about=plan, by=by, at=at, version=plan.version, kind=plan.kind)
    return plan


def _check(plan: Plan, at: datetime) -> None:
    if not plan.source:
        raise BadInput(_("请写明这个方案依据什么文件；没有文件就写“assumed”。"), field="source")
    if plan.by and plan.valid_from < timezone.localdate(at):
        raise BadInput(_("新方案从今天或以后的一天起生效，过去的不改。"), field="valid_from")
    if not plan.sources:
        raise BadInput(_("请至少选一种案件来源。"), field="sources")
    unknown = [each for each in plan.strata if each not in STRATA]
    if unknown:
        raise BadInput(_("分层只能按来源、单位、街道。"), field="strata")
    if plan.kind == Kind.SAMPLE and (plan.fraction is None) == (plan.size is None):
        raise BadInput(_("抽样方案请填抽样比例或样本量，两者选一个。"), field="fraction")
    shares = [plan.fraction or 0.0, *plan.fractions.values()]
    if not all(isinstance(each, int | float) and 0 <= each <= 1 for each in shares):
        raise BadInput(_("抽样比例须在0到1之间。"), field="fraction")
    parse_hours(plan.hours)


def plan_call_back(case_id: int, *, reason: Reason, anchor_at: datetime, at: datetime) -> CallBack | None:
    """Plan to ask the reporter of one case, if the plan in force asks everybody, once.

    A plan that draws a sample draws later, when the stretch of time is over.
    """
    try:
        plan = plan_in_force(timezone.localdate(anchor_at))
    except NotFound:
        return None
    is_wanted = plan.kind == Kind.ALL if reason == Reason.CLOSED else plan.after_limit
    case = Case.objects.filter(pk=case_id, source__in=plan.sources).first() if is_wanted else None
    if case is None:
        return None
    made = plan_many([case], plan, reason=reason, anchors=[anchor_at], at=at)
    return made[0] if made else None


@transaction.atomic
def plan_many(
    cases: Sequence[Case],
    plan: Plan,
    *,
    reason: Reason,
    anchors: Sequence[datetime],
    at: datetime,
    draw: Draw | None = None,
    strata: Sequence[str] = (),
) -> list[CallBack]:
    """Plan to ask the reporters of many cases by one plan; who is asked already is not asked twice.

    Somebody who answered unasked and is then drawn becomes part of the sample.
    """
    numbers = with_number([case.pk for case in cases])
    wanted = [
        _new(case, plan, reason, anchor, at, has_phone=case.pk in numbers)
        for case, anchor in zip(cases, anchors, strict=True)
    ]
    for each, stratum in zip(wanted, strata, strict=False):
        each.draw, each.stratum = draw, stratum
    keys = {(each.case_id, each.anchor_at): each for each in wanted}
    known = CallBack.objects.select_for_update(of=("self",)).filter(
        case_id__in={each.case_id for each in wanted}, reason=reason
    )
    for old in known:
        new = keys.pop((old.case_id, old.anchor_at), None)
        if new is not None and (old.plan_id is None or (draw is not None and old.draw_id is None)):
            old.draw, old.stratum, old.plan = draw, new.stratum, plan
            old.save(update_fields=["draw", "stratum", "plan"])
    made: list[CallBack] = CallBack.objects.bulk_create(keys.values())
    for each in made:
        journal.write("callback.due", about=each, by=None, at=at, case=each.case_id, channel=each.channel)
    return made


def _new(
    case: Case, plan: Plan, reason: Reason, anchor: datetime, at: datetime, *, has_phone: bool
) -> CallBack:
    sms_at = call_at = None
    if has_phone and plan.sms_after_hours is not None:
        sms_at = anchor + timedelta(hours=plan.sms_after_hours)
    if has_phone and plan.phone_after_hours is not None:
        first = anchor + timedelta(hours=plan.phone_after_hours)
        call_at = hours.next_allowed(first, parse_hours(plan.hours), worked(plan, first))
    channel = Channel.SMS if sms_at else Channel.PHONE if call_at else Channel.LINK
    made = CallBack(
        case=case,
        plan=plan,
        reason=reason,
        anchor_at=anchor,
        channel=channel,
        unit_id=case.unit_id,
        street_id=case.street_id,
        source=case.source,
        planned_at=at,
        due_at=max(anchor, at) + timedelta(days=plan.answer_days),
        sms_at=sms_at,
        call_at=call_at,
    )
    if channel == Channel.LINK:  # the question stands on the private page from now on
        made.state, made.asked_at = State.ASKED, at
    return made


def worked(plan: Plan, at: datetime) -> hours.IsWorked:
    """Return which days one may call on by a plan."""
    if not plan.working_days_only:
        return lambda _day: True
    calendar = rules.calendar_in_force(timezone.localdate(at))
    return lambda day: calendar.day(day).is_working


@transaction.atomic
def withdraw_open(case_id: int, *, at: datetime) -> int:
    """Ask nobody any more about a case that is taken up again; return how many call-backs that ends."""
    open_: Iterable[int] = CallBack.objects.open().filter(case_id=case_id).values_list("pk", flat=True)
    count = 0
    for key in list(open_):
        call_back = lock(key)
        step(call_back, "withdraw", by=None, at=at)
        write(call_back, "withdraw", by=None, at=at)
        count += 1
    return count
