"""Which plan is in force on a day, how many it draws, and a draw of it told so that anybody can replay it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.replays import Rule, Told
from siquan.work.callbacks.models import CallBack, Draw, DrawMembers, Plan

CROSS: Final = "×"


def plan_in_force(day: date) -> Plan:
    """Return the newest version of the plan that is valid on a day. Raises NotFound."""
    plans = Plan.objects.filter(district_id=current_district(), valid_from__lte=day)
    found = plans.order_by("-valid_from", "-version").first()
    if found is None:
        raise NotFound(_("还没有回访方案，请中心负责人先发布一个。"))
    return found


def plans() -> list[Plan]:
    """Return every version, the newest first."""
    found = Plan.objects.filter(district_id=current_district()).select_related("by")
    return list(found.order_by("-version"))


def rule_of(plan: Plan, strata: Mapping[str, Collection[str]]) -> Rule:
    """Return how many of each stratum a plan wants to be drawn.

    A fraction given for the beginning of a stratum's name (a source) holds for all strata that begin so.
    """
    if plan.size is not None:
        return Rule(total=plan.size, at_least=plan.at_least)
    own = {
        name: float(share)
        for name in strata
        for beginning, share in plan.fractions.items()
        if name == beginning or name.startswith(f"{beginning}{CROSS}")
    }
    return Rule(fraction=plan.fraction or 0.0, fractions=own, at_least=plan.at_least)


def draw_by_key(key: int) -> Draw:
    """Return one draw with its plan. Raises NotFound."""
    found = Draw.objects.filter(pk=key, district_id=current_district()).select_related("plan").first()
    if found is None:
        raise NotFound
    return found


def told_of(draw: Draw) -> Told | None:
    """Return a draw as anybody can replay it; None when its list was not kept yet."""
    listed = DrawMembers.objects.filter(draw=draw).first()
    if listed is None:
        return None
    drawn: dict[str, list[str]] = defaultdict(list)
    rows = CallBack.objects.filter(draw=draw).order_by("case__number")
    for stratum, number in rows.values_list("stratum", "case__number"):
        drawn[stratum].append(number)
    return Told(
        title=f"{draw.plan} {draw}",
        seed=draw.seed,
        members=listed.members,
        members_sha256=listed.sha256,
        rule=rule_of(draw.plan, listed.members),
        drawn=dict(drawn),
    )
