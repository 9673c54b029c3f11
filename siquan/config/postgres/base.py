"""The database backend that `settings.DATABASES` names."""

from __future__ import annotations

import functools
import itertools
import re
import select
from typing import Any, Self

import psycopg
from django.db.backends.postgresql import base, operations


class PreparedCursor(psycopg.RawCursor[Any]):
    """A cursor whose statements the server parses and plans once per connection."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Self:
        """Run a statement written with `%s`; the driver would look for these anew in every long one."""
        return super().execute(_numbered(query), params, **more)


@functools.lru_cache(maxsize=1000)
def _numbered(query: str) -> bytes:
    """Return a statement with its places as PostgreSQL writes them: $1, $2, …"""
    count = itertools.count(1)
    return _PLACE.sub(lambda found: f"${next(count)}" if found[1] == "s" else "%", query).encode()


_PLACE = re.compile("%([s%])")


class DatabaseOperations(operations.DatabaseOperations):
    """Django's own, which also tell what a prepared cursor has asked."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """Return the statement with its values, for those who count and read statements."""
        if isinstance(cursor, PreparedCursor):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, whose kept connections are checked without asking the server."""

    ops_class = DatabaseOperations

    def is_usable(self) -> bool:
        """Tell whether a kept connection still lives.

        A server that has gone has closed the socket, and a closed socket is readable; an idle one that lives
        is not. So one system call answers what otherwise costs a statement in every request.
        """
        if self.connection is None or self.connection.closed:
            return False
        watch = select.poll()
        watch.register(self.connection.pgconn.socket, select.POLLIN)
        return not watch.poll(0) or super().is_usable()

    def prepared_cursor(self) -> Any:
        """Return a cursor for statements whose text stays the same (kernel/prepared.py, kernel/together.py).

        Django's own cursors put the values into the text, so that every statement is a new one to the server.
        """
        self.ensure_connection()
        with self.wrap_database_errors:
            self.connection.prepare_threshold = 1
            return self._prepare_cursor(PreparedCursor(self.connection))  # type: ignore[attr-defined]
