"""What the tickets of a file are about: as their senders wrote it, or as their words suggest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from siquan.city.rules import queries as rules
from siquan.work.cases.imports.tickets import Ticket
from siquan.work.cases.queries.suggestion import Suggested
from siquan.work.cases.services.ruling import book_on
from siquan.work.cases.services.suggesting import sure_categories

_STEPS = re.compile(r"\s*(?:->|→|>|/|／|—+)\s*")


class TicketCategory(NamedTuple):
    """What a ticket is about: as its sender wrote it, or as its words suggest, or nobody knows yet."""

    id: int | None
    guess: Suggested | None = None
    is_unknown: bool = False  # the sender's words are none of this district's categories


def categories_of(tickets: Sequence[Ticket], *, at: datetime) -> list[TicketCategory]:
    """Return what each ticket is about, as far as that is sure."""
    told = _Categories(book_on(timezone.localdate(at)))
    ids = [told.find(ticket.category) for ticket in tickets]
    guessed = sure_categories([t.text for t in tickets], unknown=[each is None for each in ids], at=at)
    return [
        TicketCategory(
            key or (guess.category.id if guess else None), guess, bool(ticket.category) and key is None
        )
        for ticket, key, guess in zip(tickets, ids, guessed, strict=True)
    ]


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
