"""Write down what happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, models, transaction

from siquan.base.journal import reactions
from siquan.base.journal.models import By, Entry, Pending
from siquan.base.kernel import copytext
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.masking import masked_values
from siquan.base.kernel.together import insert_together, next_ids

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

__all__ = ["Row", "copy_many", "follow_ups", "new_entry", "write", "write_many"]


def write(
    event: str,
    *,
    about: models.Model,
    by: AbstractBaseUser | None,
    at: datetime,
    by_kind: str | None = None,
    **details: Any,
) -> Entry:
    """Write one entry in the acting transaction and queue what follows from it; one statement.

    `event` is `room_noun.past_tense`; `by` is None for residents and the system (`by_kind` says which).
    `details` must be JSON; personal data does not belong in them, they can never be removed.
    """
    _in_the_act()
    entry = new_entry(event, about=about, by=by, at=at, by_kind=by_kind, **details)
    if reactions.names_for(event):
        (entry.pk,) = next_ids(Entry)
    insert_together([*follow_ups(entry), entry])
    return entry


def new_entry(
    event: str,
    *,
    about: models.Model,
    by: AbstractBaseUser | None,
    at: datetime,
    by_kind: str | None = None,
    **details: Any,
) -> Entry:
    """Return an entry as `write` would write it, for an act that saves all its rows together."""
    return Entry(
        event=event,
        about_type=about._meta.model_name or "",
        about_id=about.pk,
        by_id=by.pk if by else None,
        by_kind=by_kind or (By.PERSON if by else By.SYSTEM),
        at=at,
        details=masked_values(details),  # what stands here can never be taken out again
    )


def follow_ups(entry: Entry) -> list[Pending]:
    """Return what is to be queued because of an entry; it must know its id."""
    return [Pending(entry=entry, reaction=name) for name in reactions.names_for(entry.event)]


def _in_the_act() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("The journal is written in the transaction of the act itself.")


def write_many(entries: Iterable[Entry]) -> list[Entry]:
    """Write many entries and queue what follows, with two statements per thousand."""
    _in_the_act()
    entries = list(entries)
    for entry in entries:  # what stands here can never be taken out again
        entry.details = masked_values(entry.details)
    written = Entry.objects.bulk_create(entries, batch_size=1000)
    pending = [each for entry in written for each in follow_ups(entry)]
    if pending:
        Pending.objects.bulk_create(pending, batch_size=1000)
    return written


class Row(NamedTuple):
    """An entry as `copy_many` takes it; `details` is JSON text, `at` may be a time as ISO text."""

    at: datetime | str
    event: str
    about_type: str
    about_id: int
    by_id: int | None
    by_kind: str
    details: str


def copy_many(rows: Iterable[Row], *, react: bool) -> None:
    """Write very many entries by COPY; `react` queues what follows from them, history has no consequences."""
    _in_the_act()
    district, events = current_district(), set[str]()

    def told() -> Iterator[tuple[object, ...]]:
        for row in rows:
            events.add(row.event)
            yield (district, *row)

    with connection.cursor() as cursor:
        with cursor.copy(
            "copy journal_entry (district_id, at, event, about_type, about_id, by_id, by_kind, details)"
            " from stdin"
        ) as copy:
            for block in copytext.blocks(told()):
                copy.write(block)
        if react:
            _queue_copied(cursor, events)


def _queue_copied(cursor: Any, events: Collection[str]) -> None:
    """Queue the reactions to what this transaction has written of these events and not queued yet."""
    for event, names in reactions.all_names().items():
        if event not in events:
            continue
        cursor.execute(
            """insert into journal_pending (entry_id, reaction)
            select entry.id, name from journal_entry entry cross join unnest(%s::text[]) name
            where entry.xid = pg_current_xact_id() and entry.event = %s
            and not exists (
                select from journal_pending p where p.entry_id = entry.id and p.reaction = name)""",
            [names, event],
        )
