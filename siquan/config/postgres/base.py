"""The database backend that `settings.DATABASES` names."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, whose kept connections are checked without asking the server."""

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
