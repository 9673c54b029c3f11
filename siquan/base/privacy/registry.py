"""Which rooms hold personal data, as handed in by the wiring: how each forgets, shows and erases it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from siquan.base.kernel.errors import Words


@dataclass(frozen=True)
class Gone:
    """What a room has forgotten in one slice: how many things, and of which things a tombstone is to stay."""

    count: int
    about_type: str = ""
    about_ids: Sequence[int] = ()


@dataclass(frozen=True)
class Keeper:
    """A class of data that ends: `due` counts what is older than a time, `forget` removes a slice of it."""

    kind: str
    due: Callable[[datetime], int]
    forget: Callable[[datetime, int], Gone]


@dataclass(frozen=True)
class Person:
    """Somebody whose data is asked for: known by a telephone number, or by the private link of a case."""

    phone: str = ""
    token: str = ""


@dataclass(frozen=True)
class Held:
    """One thing held about a person, with everything in it as JSON, and the pictures that belong to it."""

    kind: str
    title: str
    content: dict[str, Any]
    pictures: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Erased:
    """What became of one thing: gone, or kept because of `refused`."""

    kind: str
    title: str
    about_type: str
    about_id: int
    refused: Words = ""


@dataclass(frozen=True)
class Holder:
    """A room that holds data about people: what it holds about one, and how it erases it.

    `hold(person, pictures)` brings the bytes of pictures only when they are wanted. `erase(person, at)` runs
    in the transaction of the request; what must be kept comes back with the reason.
    """

    kind: str
    hold: Callable[[Person, bool], list[Held]]
    erase: Callable[[Person, datetime], list[Erased]]


_keepers: list[Keeper] = []
_holders: list[Holder] = []
_rotated: list[Callable[[], int]] = []


def use(
    keepers: Sequence[Keeper], holders: Sequence[Holder], rotated: Sequence[Callable[[], int]] = ()
) -> None:
    """Take over the tables; `rotated` seal anew what lies sealed outside of the tables."""
    _keepers[:] = keepers
    _holders[:] = holders
    _rotated[:] = rotated


def keepers() -> Sequence[Keeper]:
    """Return the classes that end."""
    return _keepers


def holders() -> Sequence[Holder]:
    """Return the rooms that hold data about people."""
    return _holders


def rotated() -> Sequence[Callable[[], int]]:
    """Return what seals anew outside of the tables."""
    return _rotated
