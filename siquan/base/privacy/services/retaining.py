"""Let personal data end: class by class, in slices, with a tombstone and a journal entry for each slice."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput
from siquan.base.privacy import queries, registry
from siquan.base.privacy.models import RetentionRule, Tombstone, Why

AT_ONCE = 500
MOST_DAYS = 36_500


def retain(*, at: datetime, most_slices: int = 1_000_000) -> dict[str, int]:
    """Remove what is over, at most so many slices a class, and return how many things went, by class."""
    gone: dict[str, int] = {}
    for keeper in registry.keepers():
        for _slice in range(most_slices):
            count = retain_slice(keeper, at=at)
            gone[keeper.kind] = gone.get(keeper.kind, 0) + count
            if count < AT_ONCE:
                break
    return gone


@transaction.atomic
def retain_slice(keeper: registry.Keeper, *, at: datetime) -> int:
    """Remove one slice of a class and leave the tombstones; return how many things went."""
    rule = queries.data_class(keeper.kind)
    gone = keeper.forget(rule.before(at), AT_ONCE)
    if not gone.count:
        return 0
    words = f"{rule.days} days, {rule.source}"
    stones = leave_tombstones(keeper.kind, gone, why=Why.RETENTION, rule=words, at=at)
    journal.write(
        "privacy.forgotten",
        about=stones[0],
        by=None,
        at=at,
        kind=keeper.kind,
        count=gone.count,
        days=rule.days,
    )
    return gone.count


def leave_tombstones(kind: str, gone: registry.Gone, *, why: Why, rule: str, at: datetime) -> list[Tombstone]:
    """Leave a tombstone for each thing, or one for all where the things themselves are gone."""
    if not gone.about_ids:
        stones = [Tombstone(kind=kind, why=why, count=gone.count, rule=rule[:300], at=at)]
    else:
        stones = [
            Tombstone(kind=kind, why=why, about_type=gone.about_type, about_id=key, rule=rule[:300], at=at)
            for key in gone.about_ids
        ]
    return Tombstone.objects.bulk_create(stones)


@transaction.atomic
def set_days(*, kind: str, days: int, source: str, by: User, at: datetime) -> RetentionRule:
    """Set for how many days a class is kept, and by which source. Raises BadInput, NotFound."""
    known = queries.data_class(kind)
    if not known.least <= days <= MOST_DAYS:
        raise BadInput(_("天数太少或太多：这一类至少要保存规定的天数。"), field="days")
    if not source.strip():
        raise BadInput(_("请写明依据，例如哪份文件第几条；没有依据请写“assumed”。"), field="source")
    rule = RetentionRule.objects.create(
        kind=kind, days=days, source=source.strip()[:200], set_by=by, set_at=at
    )
    journal.write(
        "privacy.retention_set",
        about=rule,
        by=by,
        at=at,
        kind=kind,
        days=days,
        was=known.days,
        reason=rule.source,
    )
    return rule
