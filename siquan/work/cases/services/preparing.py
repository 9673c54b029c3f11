"""What an import must know of its rows before it writes them: places and categories, one chunk ahead.

Looking takes longer than writing. So a long file has a second process that looks at the next chunk while this
one writes the last; short files, and whatever that process fails at, are looked at here.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final

from django.db import connection
from django.utils import translation

from siquan.base.kernel import children
from siquan.base.kernel.districts import current_district
from siquan.work.cases.imports.tickets import Line, Ticket
from siquan.work.cases.models import Source
from siquan.work.cases.services.ticket_categories import TicketCategory, categories_of
from siquan.work.cases.services.ticket_places import TicketPlace, places_of

log = logging.getLogger(__name__)

AT_ONCE: Final = 2000
WORTH_IT: Final = 2000  # rows; a second process takes seconds to start
Found = tuple[Ticket, TicketPlace, TicketCategory]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A chunk of rows; `found` are its tickets that were not here yet, each with its place and category."""

    lines: Sequence[Line]
    found: Sequence[Found]


def prepared(lines: Iterable[Line], *, at: datetime) -> Generator[Prepared]:
    """Give the rows in portions of one transaction each, looked at; close it when it is not used up."""
    stream = chunks(lines)
    first, second = next(stream, []), next(stream, [])
    if len(first) + len(second) <= WORTH_IT:
        for each in chain(filter(None, (first, second)), stream):
            yield Prepared(each, prepare(usable(each), at=at))
        return
    beside = Beside(at)
    try:
        beside.ask(second)
        yield Prepared(first, prepare(usable(first), at=at))
        asked = second
        while asked:
            following = next(stream, [])
            found = beside.told()
            if following:
                beside.ask(following)
            yield Prepared(asked, found)
            asked = following
    finally:
        beside.close()


def prepare(tickets: dict[str, Ticket], *, at: datetime) -> list[Found]:
    """Look for the place and the category of the tickets that are not here yet."""
    known = numbers_of(tickets)
    fresh = [ticket for ref, ticket in tickets.items() if ref not in known]
    return [*zip(fresh, places_of(fresh, at=at), categories_of(fresh, at=at), strict=True)]


def numbers_of(refs: Iterable[str]) -> dict[str, str]:
    """Return the case numbers of the tickets that are here already."""
    with connection.cursor() as cursor:  # one array, not thousands of words that the driver looks through
        cursor.execute(
            "select source_ref, number from cases_case"
            # The index holds only those that have a number there, and is used only when that is said.
            " where district_id = %s and source = %s and source_ref <> '' and source_ref = any(%s)",
            [current_district(), Source.HOTLINE.value, list(refs)],
        )
        return dict(cursor.fetchall())


def chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Give the rows in portions of one transaction each."""
    stream = iter(lines)
    while chunk := list(islice(stream, AT_ONCE)):
        yield chunk


def usable(lines: Iterable[Line]) -> dict[str, Ticket]:
    """Return the tickets of the rows that can be used, by their number there."""
    return {line.ref: line.ticket for line in lines if line.ticket}


class Beside:
    """The process beside this one: asked about one chunk, it answers before it is asked about the next."""

    def __init__(self, at: datetime) -> None:
        """Start it; nobody waits until it is ready."""
        self._at = at
        self._asked: dict[str, Ticket] = {}
        self._child: children.Child | None = children.start(__name__, with_rooms=True)
        self._send((connection.settings_dict["NAME"], translation.get_language()))

    def ask(self, lines: Sequence[Line]) -> None:
        """Have a chunk looked at."""
        self._asked = usable(lines)
        self._send((self._asked, self._at))

    def told(self) -> list[Found]:
        """Return what was found about the chunk that was asked about."""
        if self._child and self._child.stdout:
            try:
                found = pickle.load(self._child.stdout)  # noqa: S301 (our own process)
            except (EOFError, pickle.UnpicklingError):
                log.warning("the process that prepares an import has ended; going on without it")
                self.close()
            else:
                return [(self._asked[ref], *each) for ref, *each in found]
        return prepare(self._asked, at=self._at)

    def close(self) -> None:
        """End it."""
        child, self._child = self._child, None
        if child:
            children.end(child)

    def _send(self, message: Any) -> None:
        if self._child and self._child.stdin:
            with suppress(BrokenPipeError):  # it has ended, which is noticed when it should answer
                pickle.dump(message, self._child.stdin, pickle.HIGHEST_PROTOCOL)
                self._child.stdin.flush()


def answer() -> None:
    """Be the process beside: prepare what comes in on standard input until it ends."""
    source, target = children.channel()
    connection.settings_dict["NAME"], language = pickle.load(source)  # noqa: S301 (our own process)
    with translation.override(language), suppress(EOFError):
        while True:
            tickets, at = pickle.load(source)  # noqa: S301 (our own process)
            found = [(ticket.ref, *each) for ticket, *each in prepare(tickets, at=at)]
            pickle.dump(found, target, pickle.HIGHEST_PROTOCOL)
            target.flush()
