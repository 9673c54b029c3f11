"""What a seal holds of each entry: the SHA-256 of one text, the same on every server.

The text is what PostgreSQL's `jsonb_build_array(...)::text` makes of the columns, times as microseconds since
1970 (a test holds the two equal). It is put together piece by piece, which costs half, and hashed where it
lies, so that 40 bytes an entry come over instead of two hundred.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection
from psycopg import Cursor

_MICROSECONDS = "((extract(epoch from {}) * 1000000)::bigint)::text"
_TEXT = " || ', ' || ".join(
    (
        "id::text",
        "district_id::text",
        _MICROSECONDS.format("at"),
        "to_json(event)::text",
        "to_json(about_type)::text",
        "coalesce(about_id::text, 'null')",
        "coalesce(by_id::text, 'null')",
        "to_json(by_kind)::text",
        "details::text",
        _MICROSECONDS.format("written_at"),
        "to_json(xid::text)::text",
    )
)
TEXT = f"'[' || {_TEXT} || ']'"
# The byte before it is that of a leaf (RFC 6962); `sealing.digest` is the same without a database.
DIGEST = f"sha256('\\x00'::bytea || convert_to({TEXT}, 'UTF8'))"
_RUN = f"""
    select string_agg(int8send(id), ''::bytea order by xid, id),
        string_agg({DIGEST}, ''::bytea order by xid, id)
    from journal_entry
    where district_id = %s and xid >= %s::xid8 and xid < %s::xid8"""  # noqa: S608 - our own words only


class Contents(NamedTuple):
    """The entries of a run of transactions in order: their keys, 8 bytes each, and digests, 32 bytes each."""

    ids: bytes
    digests: bytes


def contents(district: int, start: str, end: str) -> Contents:
    """Return what a district's entries from transaction `start` to before transaction `end` are."""
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:  # Django's own binds here, and can take no binary results
        row = cursor.execute(_RUN, [district, start, end], binary=True).fetchone()
    ids, digests = row if row and row[0] else (b"", b"")
    return Contents(ids, digests)
