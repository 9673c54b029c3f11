"""Hotline tickets become cases: chunk by chunk, each whole or not at all, never the same ticket twice.

A ticket is known by district, source and its number there. Imports of one district take turns chunk by chunk
(an advisory lock); what comes in by another door meanwhile is caught by the unique index and looked up again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

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
from siquan.city.rules import queries as rules
from siquan.work.cases.imports.tickets import Fault, Line, Ticket
from siquan.work.cases.models import ImportState, Source, TicketImport
from siquan.work.cases.queries.duplicates import Alike, Asked, possible_duplicates_of
from siquan.work.cases.queries.suggestion import Suggested
from siquan.work.cases.services.bulk import Life, Numbers, take_numbers, write_lives
from siquan.work.cases.services.parting import keep_twins
from siquan.work.cases.services.ruling import book_on
from siquan.work.cases.services.suggesting import guessed_words, sure_categories
from siquan.work.cases.services.ticket_places import TicketPlace, places_of

AT_ONCE = 2000
MOST_ERRORS = 1000
_LOCK_CLASS = 0x7469636B
_TRIES = 3
_STEPS = re.compile(r"\s*(?:->|→|>|/|／|—+)\s*")


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
    for chunk in chunks(lines):
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
        tickets = {line.ref: line.ticket for line in chunk if line.ticket}
        known = numbers_of(tickets)
        fresh = [ticket for ref, ticket in tickets.items() if ref not in known]
        made = {t.ref: place for t, place in zip(fresh, places_of(fresh, at=at), strict=True)}
        outcomes = [_outcome(line, made.get(line.ref), known.get(line.ref, "")) for line in chunk]
        counts.add(outcomes)
        if each:
            each(outcomes)
    return counts


def chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Give the rows in portions of one transaction each."""
    stream = iter(lines)
    while chunk := list(islice(stream, AT_ONCE)):
        yield chunk


def tell_journal(record: TicketImport, *, by: User | None, at: datetime) -> None:
    """Write down that an import ended, with its counts."""
    counts = {name: getattr(record, name) for name in ("rows", "imported", "known", "needs_place", "refused")}
    journal.write("cases_import.done", about=record, by=by, at=at, digest=record.digest, **counts)


def import_chunk(lines: Sequence[Line], *, at: datetime) -> list[Outcome]:
    """Make cases of the usable rows of a chunk in one transaction; return what became of each row."""
    tickets = {line.ref: line.ticket for line in lines if line.ticket}
    known = numbers_of(tickets)
    fresh = [ticket for ref, ticket in tickets.items() if ref not in known]
    # Slow, so before the transaction.
    found = [*zip(places_of(fresh, at=at), _categories_of(fresh, at=at), strict=True)]
    made: dict[str, TicketPlace] = {}
    for trial in range(_TRIES):
        try:
            made = _write(fresh, found, at=at)
            break
        except (IntegrityError, UniqueViolation):  # one of them came in by another door at this moment
            if trial == _TRIES - 1:
                raise
    numbers = numbers_of(tickets)
    return [_outcome(line, made.get(line.ref), numbers.get(line.ref, "")) for line in lines]


def numbers_of(refs: Iterable[str]) -> dict[str, str]:
    """Return the case numbers of the tickets that are here already."""
    with connection.cursor() as cursor:  # one array, not thousands of words that the driver looks through
        cursor.execute(
            "select source_ref, number from cases_case"
            " where district_id = %s and source = %s and source_ref = any(%s)",
            [current_district(), Source.HOTLINE.value, list(refs)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class _Category:
    """What a ticket is about: as its sender wrote it, or as its words suggest, or nobody knows yet."""

    id: int | None
    guess: Suggested | None = None
    is_unknown: bool = False  # the sender's words are none of this district's categories


def _categories_of(tickets: Sequence[Ticket], *, at: datetime) -> list[_Category]:
    told = _Categories(book_on(timezone.localdate(at)))
    ids = [told.find(ticket.category) for ticket in tickets]
    guessed = sure_categories([t.text for t in tickets], unknown=[each is None for each in ids], at=at)
    return [
        _Category(key or (guess.category.id if guess else None), guess, bool(ticket.category) and key is None)
        for ticket, key, guess in zip(tickets, ids, guessed, strict=True)
    ]


_Found = tuple[TicketPlace, _Category]


@transaction.atomic
def _write(fresh: Sequence[Ticket], found: Sequence[_Found], *, at: datetime) -> dict[str, TicketPlace]:
    """Write the tickets that are still new and return them by their number there, with their places."""
    if not fresh:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, current_district()])
    known = numbers_of(ticket.ref for ticket in fresh)
    new = [(t, *each) for t, each in zip(fresh, found, strict=True) if t.ref not in known]
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


def _alike(new: Sequence[tuple[Ticket, TicketPlace, _Category]], at: datetime) -> list[Alike | None]:
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
    new: Sequence[tuple[Ticket, TicketPlace, _Category]],
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


class _Categories:
    """The finest categories of the rules in force, found by code, by name, or by the path of names."""

    def __init__(self, book: rules.Rulebook) -> None:
        self._by_code = {entry.code.casefold(): entry.id for entry in book.leaf_categories}
        self._by_name: dict[str, set[int]] = {}
        self._by_path: dict[tuple[str, ...], int] = {}
        for entry in book.leaf_categories:
            self._by_name.setdefault(entry.name, set()).add(entry.id)
            self._by_path[tuple(step.name for step in book.path(entry.id))] = entry.id
        self._known: dict[str, int | None] = {"": None}

    def find(self, words: str) -> int | None:
        """Return the category that a sender's code, name or path (甲->乙->丙) means; None unless sure."""
        if words not in self._known:
            if len(self._known) > 10_000:
                self._known = {"": None}
            self._known[words] = self._find(words)
        return self._known[words]

    def _find(self, words: str) -> int | None:
        steps = tuple(step.strip() for step in _STEPS.split(words) if step.strip())
        if not steps:
            return None
        for path, key in self._by_path.items():
            if len(steps) > 1 and path[-len(steps) :] == steps:
                return key
        if steps[-1].casefold() in self._by_code:
            return self._by_code[steps[-1].casefold()]
        named = self._by_name.get(steps[-1], set())
        return next(iter(named)) if len(named) == 1 else None


def _outcome(line: Line, made: TicketPlace | None, number: str) -> Outcome:
    if line.ticket is None:
        words = "；".join(f"{fault.column}：{fault.message}" for fault in line.faults)
        return Outcome(line.row, line.ref, Status.REFUSED, "", words, line.faults)
    if made is None:
        return Outcome(line.row, line.ref, Status.KNOWN, number)
    status = Status.IMPORTED if made.lon is not None else Status.NEEDS_PLACE
    return Outcome(line.row, line.ref, status, number, made.why)
