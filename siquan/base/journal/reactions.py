"""The table of reactions and the schedule, as handed in by the wiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siquan.base.journal.models import Entry

Reaction = Callable[["Entry"], None]
Reactions = Mapping[str, Sequence[Reaction]]


@dataclass(frozen=True)
class Every:
    """A job that the worker runs again and again; `job` takes nothing and may run twice without harm.

    A job that waits for the network sets `own_transactions`: it must not hold a transaction open meanwhile,
    for sealing waits for the oldest one. It then looks itself after two workers running it at once.
    """

    job: Callable[[], object]
    seconds: float
    own_transactions: bool = False
    # In a thread of its own, again at once while it returns something true: for work of seconds that
    # nothing else should wait for. It claims its work itself, outside any transaction.
    beside: bool = False
    # Makes a job beside return early when the worker is to stop.
    interrupt: Callable[[], None] | None = None


_names_by_event: dict[str, list[str]] = {}
_by_name: dict[str, Reaction] = {}
_schedule: list[Every] = []


def name_of(function: Callable[..., object]) -> str:
    """Return the name under which a function is queued: `cases.jobs.plan_call_back`."""
    return f"{function.__module__}.{function.__qualname__}".removeprefix("siquan.").split(".", 1)[-1]


def use(table: Reactions) -> None:
    """Take over the table of reactions."""
    _names_by_event.clear()
    _by_name.clear()
    for event, reactions in table.items():
        _names_by_event[event] = [name_of(reaction) for reaction in reactions]
        _by_name.update({name_of(reaction): reaction for reaction in reactions})


def use_schedule(schedule: Sequence[Every]) -> None:
    """Take over the schedule."""
    _schedule[:] = schedule


def names_for(event: str) -> list[str]:
    """Return the reactions to queue for an event."""
    return _names_by_event.get(event, [])


def all_names() -> dict[str, list[str]]:
    """Return the whole table by names: event → reactions."""
    return _names_by_event


def by_name(name: str) -> Reaction:
    """Return the reaction with this name. Raises KeyError when the table no longer has it."""
    return _by_name[name]


def schedule() -> Sequence[Every]:
    """Return what the worker does by the clock."""
    return _schedule
