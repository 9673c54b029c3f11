"""Draw the sample of a plan for a stretch of time that is over; anybody can replay it from its seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from siquan.base.journal import services as journal
from siquan.base.kernel import draws, replays
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.localtime import SHANGHAI
from siquan.work.callbacks.models import Draw, DrawMembers, Every, Kind, Plan, Reason
from siquan.work.callbacks.queries.plans import CROSS, plan_in_force, rule_of
from siquan.work.callbacks.services.planning import plan_many
from siquan.work.cases.models import Case

LOOK_BACK = timedelta(days=62)


def draw_due(*, at: datetime) -> int:
    """Draw every stretch of time of the plan in force that is over and not drawn yet; return how many."""
    today = timezone.localdate(at)
    try:
        plan = plan_in_force(today - timedelta(days=1))
    except NotFound:
        return 0
    if plan.kind != Kind.SAMPLE:
        return 0
    drawn = set(plan.draws.values_list("first", flat=True))
    due = [each for each in stretches(plan, today) if each[0] not in drawn and each[1] > today - LOOK_BACK]
    return sum(1 for first, last in due if draw_period(plan, first, last, at=at))


def stretches(plan: Plan, today: date) -> list[tuple[date, date]]:
    """Return the first and last days of the stretches of time of a plan that are over."""
    found, first = [], plan.valid_from
    newer = Plan.objects.filter(version__gt=plan.version, valid_from__gt=plan.valid_from)
    ends = newer.order_by("valid_from").values_list("valid_from", flat=True).first()
    while first < today and (ends is None or first < ends):
        last = _end(first, plan.every)
        if ends is not None:
            last = min(last, ends - timedelta(days=1))
        if last >= today:
            break
        found.append((first, last))
        first = last + timedelta(days=1)
    return found


def _end(first: date, every: str) -> date:
    if every == Every.DAY:
        return first
    if every == Every.WEEK:
        return first + timedelta(days=6 - first.weekday())
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


@transaction.atomic
def draw_period(plan: Plan, first: date, last: date, *, at: datetime, seed: str = "") -> Draw | None:
    """Draw whom to ask of the cases closed from one day to another; None when that was drawn before."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    if plan.draws.filter(first=first).exists():
        return None
    begins = datetime.combine(first, time(0), tzinfo=SHANGHAI)
    ends = datetime.combine(last, time(0), tzinfo=SHANGHAI) + timedelta(days=1)
    closed = Case.objects.filter(closed_at__gte=begins, closed_at__lt=ends, source__in=plan.sources)
    cases = {each.number: each for each in closed.select_related("unit", "street").defer("street__boundary")}
    strata: dict[str, list[str]] = defaultdict(list)
    for number, case in cases.items():
        of_unit, of_street = case.unit, case.street
        name = stratum_of(
            plan, str(case.source), of_unit.code if of_unit else "-", of_street.code if of_street else "-"
        )
        strata[name].append(number)
    seed = seed or draws.new_seed()
    chosen = draws.drawn(seed, strata, rule_of(plan, strata).sizes(strata))
    draw = Draw.objects.create(
        plan=plan,
        first=first,
        last=last,
        seed=seed,
        strata={name: [len(members), len(chosen[name])] for name, members in sorted(strata.items())},
        at=at,
    )
    members = keep_list(draw, strata)
    picked = [(cases[number], name) for name in sorted(chosen) for number in chosen[name]]
    plan_many(
        [case for case, _stratum in picked],
        plan,
        reason=Reason.CLOSED,
        anchors=[case.closed_at for case, _stratum in picked if case.closed_at],
        at=at,
        draw=draw,
        strata=[stratum for _case, stratum in picked],
    )
    journal.write(
        "callback.drawn", about=draw, by=None, at=at, seed=seed, drawn=len(picked), population=len(cases),
        members_sha256=members.sha256,
    )  # fmt: skip
    return draw


def keep_list(draw: Draw, strata: Mapping[str, Sequence[str]]) -> DrawMembers:
    """Keep the list a draw was made from, with its fingerprint."""
    listed = {name: sorted(each) for name, each in strata.items()}
    return DrawMembers.objects.create(draw=draw, members=listed, sha256=replays.digest_of(listed))


def stratum_of(plan: Plan, source: str, unit: str, street: str) -> str:
    """Return the stratum of a case: its source, unit and street codes, as far as the plan parts by them."""
    parts = {"source": source, "unit": unit, "street": street}
    return CROSS.join(parts[each] for each in plan.strata) or "all"
