"""Put the new rows of one act into their tables with one statement, instead of one statement a row.

    case.id, entry.id = next_ids(Case, Entry)
    insert_together([case, run, entry, submission])

The rows may name each other: they are checked when all are there. The statement is one transaction by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from django.db import connection, models, transaction
from django.db.models.expressions import DatabaseDefault

Columns = tuple["models.Field[Any, Any]", ...]
Shape = tuple[tuple[type[models.Model], Columns], ...]


def next_ids(*names: type[models.Model] | str) -> list[int]:
    """Return a new number of each table, or of a sequence that is named; one statement."""
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(_numbers(names))
        return list(cursor.fetchone())


def insert_together(rows: Sequence[models.Model]) -> None:
    """Insert new rows of any tables; one statement. Of rows without an id only the last is told its own.

    Raises IntegrityError; then none of them is there, and a transaction around it can only be rolled back.
    """
    shape = tuple((type(row), _columns(row)) for row in rows)
    values = [
        field.get_db_prep_save(field.pre_save(row, True), connection)
        for row, (_model, columns) in zip(rows, shape, strict=True)
        for field in columns
    ]
    with (
        transaction.mark_for_rollback_on_error(),
        connection.prepared_cursor() as cursor,  # type: ignore[attr-defined]
    ):
        cursor.execute(_statement(shape), values)
        (rows[-1].pk,) = cursor.fetchone()
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _columns(row: models.Model) -> Columns:
    """Return the columns that are said; the others are left to the database."""
    left = [field for field in row._meta.concrete_fields if not _is_said(row, field)]
    return _all_but(type(row), tuple(left))


def _is_said(row: models.Model, field: models.Field[Any, Any]) -> bool:
    value = row.__dict__.get(field.attname)
    return not isinstance(value, DatabaseDefault) and not (field.primary_key and value is None)


@functools.cache
def _all_but(model: type[models.Model], left: Columns) -> Columns:
    return tuple(field for field in model._meta.concrete_fields if field not in left)


@functools.cache
def _statement(shape: Shape) -> str:
    inserts = [_insert(model, columns) for model, columns in shape]
    before = ", ".join(f"row_{n} as ({each})" for n, each in enumerate(inserts[:-1]))
    return f"with {before} {inserts[-1]}" if before else inserts[-1]


def _insert(model: type[models.Model], columns: Columns) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column or "") for field in columns)
    places = ", ".join(["%s"] * len(columns))
    key = quote(model._meta.pk.column or "")
    return f"insert into {quote(model._meta.db_table)} ({names}) values ({places}) returning {key}"  # noqa: S608


@functools.cache
def _numbers(names: tuple[type[models.Model] | str, ...]) -> str:
    return "select " + ", ".join(f"nextval({_sequence(each)})" for each in names)


def _sequence(name: type[models.Model] | str) -> str:
    if isinstance(name, str):
        return f"'{connection.ops.quote_name(name)}'"
    key = name._meta.pk
    table = connection.ops.quote_name(name._meta.db_table)
    return f"pg_get_serial_sequence('{table}', '{key.column if key else 'id'}')"
