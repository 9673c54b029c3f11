"""Write down what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction

from siquan.base.journal import reactions
from siquan.base.journal.models import By, Entry, Pending

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

__all__ = ["write", "write_many"]


def write(
    event: str,
    *,
    about: models.Model,
    by: AbstractBaseUser | None,
    at: datetime,
    by_kind: str | None = None,
    **details: Any,
) -> Entry:
    """Write one entry in the acting transaction and queue what follows from it.

    `event` is `room_noun.past_tense`; `by` is None for residents and the system (`by_kind` says which).
    `details` must be JSON; personal data does not belong in them, they can never be removed.
    """
    entry = Entry(
        event=event,
        about_type=about._meta.model_name or "",
        about_id=about.pk,
        by_id=by.pk if by else None,
        by_kind=by_kind or (By.PERSON if by else By.SYSTEM),
        at=at,
        details=details,
    )
    write_many([entry])
    return entry


def write_many(entries: Iterable[Entry]) -> list[Entry]:
    """Write many entries and queue what follows, with two statements per thousand."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("The journal is written in the transaction of the act itself.")
    written = Entry.objects.bulk_create(entries, batch_size=1000)
    pending = [
        Pending(entry=entry, reaction=name) for entry in written for name in reactions.names_for(entry.event)
    ]
    if pending:
        Pending.objects.bulk_create(pending, batch_size=1000)
    return written
