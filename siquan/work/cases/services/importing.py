"""Hotline tickets become cases: chunk by chunk, each whole or not at all, never the same ticket twice.

A ticket is known by district, source and its number there. Imports of one district take turns chunk by chunk
(an advisory lock); what comes in by another door meanwhile is caught by the unique index and looked up again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import UniqueViolation

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.journal.models import By
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.masking import masked_values
from siquan.work.cases.imports.tickets import Fault, Line, Ticket
from siquan.work.cases.models import ImportState, Source, TicketImport
from siquan.work.cases.queries.duplicates import Alike, Asked, possible_duplicates_of
from siquan.work.cases.services.bulk import Life, Numbers, take_numbers, write_lives
from siquan.work.cases.services.parting import keep_twins
from siquan.work.cases.services.preparing import Found, Prepared, chunks, numbers_of, prepared, usable
from siquan.work.cases.services.suggesting import guessed_words
from siquan.work.cases.services.ticket_places import TicketPlace, places_of

MOST_ERRORS = 1000
_LOCK_CLASS = 0x7469636B
_TRIES = 3


class Status(models.TextChoices):
    """What became of one row."""

    IMPORTED = "imported", gettext_lazy("已导入")
    NEEDS_PLACE = "needs_place", gettext_lazy("已导入，待补地点")
    KNOWN = "known", gettext_lazy("以前已导入")
    REFUSED = "refused", gettext_lazy("未导入")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of the file: the case's number, or why there is none."""

    row: int
    ref: str
    status: Status
    number: str = ""
    message: str = ""
    faults: tuple[Fault, ...] = ()

    def as_row(self) -> list[object]:
        """Return it as a row of the result file."""
        return [self.row, self.ref, self.number, str(self.status.label), self.message]


@dataclass
class Counts:
    """How many rows went which way; `imported` includes those that still need a place."""

    rows: int = 0
    imported: int = 0
    known: int = 0
    needs_place: int = 0
    refused: int = 0
    errors: list[Fault] = field(default_factory=list)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count some rows more."""
        for each in outcomes:
            self.rows += 1
            self.imported += each.status in (Status.IMPORTED, Status.NEEDS_PLACE)
            self.needs_place += each.status == Status.NEEDS_PLACE
            self.known += each.status == Status.KNOWN
            self.refused += each.status == Status.REFUSED
            self.errors.extend(each.faults[: MOST_ERRORS - len(self.errors)])


def import_tickets(
    lines: Iterable[Line],
    *,
    by: User | None,
    at: datetime,
    name: str = "",
    digest: str = "",
    each: Callable[[Sequence[Outcome]], object] | None = None,
) -> Counts:
    """Make cases of the usable rows and return the counts; `each` is told of every chunk once it is kept.

    A run that broke off is repeated as a whole: what it kept is known and not made again.
    """
    counts = Counts()
    with closing(prepared(lines, at=at)) as looked_at:
        for chunk in looked_at:
            outcomes = import_chunk(chunk, at=at)
            counts.add(outcomes)
            if each:
                each(outcomes)
    with transaction.atomic():
        record = TicketImport.objects.create(
            by=by,
            name=name[:200],
            digest=digest,
            state=ImportState.DONE,
            created_at=at,
            started_at=at,
            finished_at=timezone.now(),
            rows=counts.rows,
            rows_done=counts.rows,
            imported=counts.imported,
            known=counts.known,
            needs_place=counts.needs_place,
            refused=counts.refused,
        )
        tell_journal(record, by=by, at=at)
    return counts


def check_tickets(
    lines: Iterable[Line], *, at: datetime, each: Callable[[Sequence[Outcome]], object] | None = None
) -> Counts:
    """Return what an import would do, without doing it."""
    counts = Counts()
    for chunk in chunks(lines):
        tickets = usable(chunk)
        known = numbers_of(tickets)
        fresh = [ticket for ref, ticket in tickets.items() if ref not in known]
        made = {t.ref: place for t, place in zip(fresh, places_of(fresh, at=at), strict=True)}
        outcomes = [_outcome(line, made.get(line.ref), known.get(line.ref, "")) for line in chunk]
        counts.add(outcomes)
        if each:
            each(outcomes)
    return counts


def tell_journal(record: TicketImport, *, by: User | None, at: datetime) -> None:
    """Write down that an import ended, with its counts."""
    counts = {name: getattr(record, name) for name in ("rows", "imported", "known", "needs_place", "refused")}
    journal.write("cases_import.done", about=record, by=by, at=at, digest=record.digest, **counts)


def import_chunk(chunk: Prepared, *, at: datetime) -> list[Outcome]:
    """Make cases of the usable rows of a chunk in one transaction; return what became of each row."""
    made: dict[str, TicketPlace] = {}
    for trial in range(_TRIES):
        try:
            made = _write(chunk.found, at=at)
            break
        except (IntegrityError, UniqueViolation):  # one of them came in by another door at this moment
            if trial == _TRIES - 1:
                raise
    numbers = numbers_of(usable(chunk.lines))
    return [_outcome(line, made.get(line.ref), numbers.get(line.ref, "")) for line in chunk.lines]


@transaction.atomic
def _write(found: Sequence[Found], *, at: datetime) -> dict[str, TicketPlace]:
    """Write the tickets that are still new and return them by their number there, with their places."""
    if not found:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, current_district()])
    known = numbers_of(ticket.ref for ticket, _place, _category in found)
    new = [each for each in found if each[0].ref not in known]
    if not new:
        return {}
    numbers = take_numbers(len(new))
    alike = _alike(new, at)
    lives = (_life(ticket, place, category.id, at) for ticket, place, category in new)
    write_lives(lives, react=True, numbers=numbers)
    keep_twins(
        [(key, same) for (key, _serial), same in zip(numbers, alike, strict=True) if same is not None], at=at
    )
    _write_notes(new, numbers, alike, at)
    return {ticket.ref: place for ticket, place, _category in new}


def _life(ticket: Ticket, place: TicketPlace, category_id: int | None, at: datetime) -> Life:
    when = ticket.reported_at
    return Life(
        text=ticket.text,
        at=int(at.timestamp()),
        reported_at=int(when.timestamp()) if when else None,
        source=Source.HOTLINE,
        source_ref=ticket.ref,
        title=ticket.title,
        address=_address(ticket.address, place.given),
        category_id=category_id,
        lon=place.lon,
        lat=place.lat,
        accuracy_m=place.accuracy_m,
        given_datum=place.datum,
        road_class=place.road_class,
        street_id=place.street_id,
        community_id=place.community_id,
        block_id=place.block_id,
        cell_id=place.cell_id,
        site_id=place.site_id,
        name=ticket.name,
        phone=ticket.phone,
    )


def _alike(new: Sequence[Found], at: datetime) -> list[Alike | None]:
    """Return for each ticket which open case it may repeat; one statement for the chunk."""
    placed = [number for number, (_t, place, _c) in enumerate(new) if place.lon is not None]
    asked = []
    for number in placed:
        ticket, place, category = new[number]
        when, text = ticket.reported_at or at, f"{ticket.title} {ticket.text}"
        assert place.lon is not None
        assert place.lat is not None
        asked.append(Asked(place.lon, place.lat, when, text, category.id))
    alike: list[Alike | None] = [None] * len(new)
    for number, found in zip(placed, possible_duplicates_of(asked), strict=True):
        alike[number] = found[0] if found else None
    return alike


def _address(address: str, given: str) -> str:
    """Return the address with coordinates that could not be used: they may still help a person."""
    room = 200 - len(given) - 3
    return f"{address[:room]} [{given}]".strip() if given else address


def _write_notes(
    new: Sequence[Found],
    numbers: Sequence[Numbers],
    alike: Sequence[Alike | None],
    at: datetime,
) -> None:
    """Write into the histories how a place was found, what could not be used, what may be the same."""
    rows = []
    for (ticket, place, category), (key, _serial), same in zip(new, numbers, alike, strict=True):
        if place.is_read:
            rows.append(_row(at, "case.placed", key, {"note": place.why, "site": place.site_id}))
        notes = [place.why] if place.given else []
        if same:
            words = {"number": same.number, "why": same.why}
            notes.append(_("可能与案件 %(number)s 重复：%(why)s。") % words)
        if category.is_unknown:
            notes.append(
                _("来件写的类别是“%(category)s”，本区类别表里没有。") % {"category": ticket.category}
            )
        if category.guess:
            notes.append(guessed_words(category.guess))
        if notes:
            rows.append(_row(at, "case.ticket_noted", key, {"note": "".join(notes)}))
    if rows:
        journal.copy_many(rows, react=True)


def _row(at: datetime, event: str, key: int, details: dict[str, object]) -> journal.Row:
    words = json.dumps(masked_values(details), ensure_ascii=False)
    return journal.Row(at, event, "case", key, None, By.SYSTEM.value, words)


def _outcome(line: Line, made: TicketPlace | None, number: str) -> Outcome:
    if line.ticket is None:
        words = _("；").join(f"{fault.column}{_('：')}{fault.message}" for fault in line.faults)
        return Outcome(line.row, line.ref, Status.REFUSED, "", words, line.faults)
    if made is None:
        return Outcome(line.row, line.ref, Status.KNOWN, number)
    status = Status.IMPORTED if made.lon is not None else Status.NEEDS_PLACE
    return Outcome(line.row, line.ref, status, number, made.why)
