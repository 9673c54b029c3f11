"""A round's draw told so that anybody can replay it."""

from __future__ import annotations

from collections import defaultdict

from siquan.base.kernel.replays import Rule, Told
from siquan.work.evaluations.models import Round, RoundMembers


def rule_of(found: Round) -> Rule:
    """Return how many of each street a round draws: in proportion, at least one."""
    return Rule(total=found.size, at_least=1)


def told_of(found: Round) -> Told | None:
    """Return the draw of a round as anybody can replay it; None before it, or when its list was not kept."""
    listed = RoundMembers.objects.filter(round=found).first()
    if listed is None:
        return None
    drawn: dict[str, list[str]] = defaultdict(list)
    for stratum, number in found.items.order_by("case__number").values_list("stratum", "case__number"):
        drawn[stratum].append(number)
    return Told(
        title=found.title,
        seed=found.seed,
        commitment=found.commitment,
        members=listed.members,
        members_sha256=listed.sha256,
        rule=rule_of(found),
        drawn=dict(drawn),
    )
