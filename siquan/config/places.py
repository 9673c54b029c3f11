"""So many requests are worked on at once, each at a place with a database connection of its own.

A server's threads come and go and may be many, because most of them wait for a network; connections to the
database are few and kept. So a connection belongs to a place, and whoever works there uses it.
"""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class Place:
    """One place: free, or somebody's until they leave it."""

    def __init__(self, places: Places) -> None:
        """Begin without a connection; the first who asks the database opens it."""
        self._places = places
        self._kept: dict[str, BaseDatabaseWrapper] = {}
        self._is_taken = False

    @contextmanager
    def worked_at(self) -> Iterator[None]:
        """Let this thread use the connections of the place; those of its own are put aside meanwhile."""
        own = _put_aside()
        _bring(self._kept.values())
        try:
            yield
        finally:
            for connection in _put_aside():
                if self._kept.get(connection.alias) is not connection:
                    connection.inc_thread_sharing()  # by one thread after the other, never by two at once
                    self._kept[connection.alias] = connection
            _bring(own)

    def take(self) -> None:
        """Note that somebody is here."""
        self._is_taken = True

    def leave(self) -> None:
        """Let the next one in; leaving twice is leaving once."""
        if self._is_taken:
            self._is_taken = False
            self._places.free.put(self)


def _put_aside() -> Sequence[BaseDatabaseWrapper]:
    """Take this thread's connections from it, and return them."""
    found = connections.all(initialized_only=True)
    for connection in found:
        del connections[connection.alias]
    return found


def _bring(those: Iterable[BaseDatabaseWrapper]) -> None:
    for connection in those:
        connections[connection.alias] = connection


class Places:
    """All places of one process."""

    def __init__(self, count: int) -> None:
        """Make them, all free; who left last is followed first, so that few connections serve few people."""
        self.free: queue.LifoQueue[Place] = queue.LifoQueue()
        for _each in range(count):
            self.free.put(Place(self))

    def taken(self) -> Place:
        """Wait for a free place, and take it."""
        place = self.free.get()
        place.take()
        return place
