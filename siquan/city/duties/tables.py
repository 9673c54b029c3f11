"""Who may do what here, read off the rooms' own tables of rules, which the wiring hands in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from siquan.base.kernel.errors import Words
from siquan.base.kernel.permissions import Rule, Rules, sentence_of
from siquan.city.duties.models import Role
from siquan.city.duties.queries import Example, Held, Scope

EXAMPLE_UNIT: Final = 1  # the unit of the imagined clerk; examples of things belong to it


@dataclass(frozen=True)
class RoomRules:
    """The rules of one room, its words for the verbs, and examples of things on which the rules are tried.

    Examples differ where the rules look: by state, for one; each lies in the imagined person's own part.
    """

    label: Words
    rules: Rules
    verbs: Mapping[str, Words]
    examples: Sequence[Any] = (None,)


@dataclass(frozen=True)
class Line:
    """One verb: the sentence of its rule, and the roles that the rule lets through."""

    verb: str
    words: Words
    sentence: Words
    roles: frozenset[str]


@dataclass(frozen=True)
class Section:
    """All verbs of one room."""

    label: Words
    lines: list[Line]


_rooms: list[RoomRules] = []


def use(rooms: Sequence[RoomRules]) -> None:
    """Take over the tables of the rooms."""
    _rooms[:] = rooms


def who_may_do_what() -> list[Section]:
    """Return every verb of every room with the roles that may do it in their own part of the city.

    The rules themselves are asked, with an imagined person for each role: nothing is written down twice.
    """
    return [
        Section(
            room.label,
            [
                Line(verb, room.verbs.get(verb, verb), sentence_of(rule), _roles(rule, room.examples))
                for verb, rule in room.rules.items()
            ],
        )
        for room in _rooms
    ]


def _roles(rule: Rule, examples: Sequence[Any]) -> frozenset[str]:
    return frozenset(
        role for role in Role.values if any(rule(imagined(role), example) for example in examples)
    )


def imagined(role: str) -> Example:
    """Return a person who holds one role and nothing else, without other bounds than its nature."""
    unit = EXAMPLE_UNIT if role == Role.UNIT_CLERK else None
    return Example(Held((Scope(role, unit),)))
