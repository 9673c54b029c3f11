"""Tell many things of one kind as one: past a few, single notices give way to one that counts them.

A single notice stays as a row, so that nothing is told twice; it leaves the inbox, and its mail is not sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.crypto import get_random_string

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import Words
from siquan.base.notices import wording
from siquan.base.notices.models import Delivery, DeliveryState, Notice

FEW: Final = 3  # so many of a kind are told one by one
GATHERED: Final = timedelta(hours=1)  # what is older and still unread stays on its own
OPEN_FOR: Final = timedelta(hours=12)  # an unread count goes on counting so long
MAILED_AFTER: Final = timedelta(minutes=10)  # the mail goes out once the count has come to rest


@dataclass(frozen=True)
class Bundle:
    """How many notices of one kind are told as one: words with `{count}`, and the way to the list."""

    title: Words
    url: str
    text: Words = ""


def gather(
    notices: Iterable[Notice], bundle: Bundle, *, at: datetime, ways: Collection[str] = ()
) -> list[Notice]:
    """Put new notices of one kind into their readers' bundles; return the bundles that are new.

    Two workers at once may make two bundles for one reader; none is lost.
    """
    mine = {each.to_user_id: each for each in notices if each.to_user_id and each.is_in_inbox}
    if not mine:
        return []
    kind = _kind(next(iter(mine.values())).kind)
    running = {each.to_user_id or 0: each for each in _running(kind, mine, at, ways)}
    joined = [mine[user_id].pk for user_id in running]
    _take_out(joined)
    for each in running.values():
        each.params = {"count": int(each.params["count"]) + 1}
    Notice.objects.bulk_update(running.values(), ["params"])
    waiting = {user_id: each for user_id, each in mine.items() if user_id not in running}
    return _begin(waiting, bundle, kind, at) if waiting else []


def _kind(kind: str) -> str:
    return f"{kind}.many"[:40]


def _running(
    kind: str, readers: Collection[int], at: datetime, ways: Collection[str]
) -> models.QuerySet[Notice]:
    """Return the unread bundles that still count; one whose mail has gone out does not."""
    found = Notice.objects.select_for_update(skip_locked=True, of=("self",)).unread()
    found = found.filter(
        to_user_id__in=readers, kind=kind, is_in_inbox=True, created_at__gt=at - OPEN_FOR, created_at__lte=at
    )
    if ways:
        gone = Delivery.objects.filter(notice=models.OuterRef("pk")).exclude(state=DeliveryState.QUEUED)
        found = found.filter(~models.Exists(gone))
    return found.order_by("id")


def _begin(new: dict[int, Notice], bundle: Bundle, kind: str, at: datetime) -> list[Notice]:
    """Make a bundle for each reader who has more than a few unread notices of this kind."""
    single = next(iter(new.values())).kind
    loose: dict[int, list[int]] = {}
    found = Notice.objects.unread().filter(
        to_user_id__in=new, kind=single, is_in_inbox=True, created_at__gt=at - GATHERED, created_at__lte=at
    )
    for user_id, key in found.order_by("id").values_list("to_user_id", "pk"):
        loose.setdefault(user_id or 0, []).append(key)
    many = {user_id: keys for user_id, keys in loose.items() if len(keys) > FEW}
    _take_out([key for keys in many.values() for key in keys])
    return Notice.objects.bulk_create(
        Notice(
            district_id=current_district(),
            to_user_id=user_id,
            kind=kind,
            title=wording.source(bundle.title),
            text=wording.source(bundle.text),
            params={"count": len(keys)},
            url=bundle.url,
            created_at=at,
            dedupe_key=get_random_string(64),
        )
        for user_id, keys in many.items()
    )


def _take_out(keys: Collection[int]) -> None:
    """Take single notices out of the inbox, and what has not been tried yet off its way out."""
    if keys:
        Delivery.objects.filter(notice_id__in=keys, state=DeliveryState.QUEUED, attempts=0).delete()
        Notice.objects.filter(pk__in=keys).update(is_in_inbox=False)
