"""Seal the rows of a table in a migration: a column renamed to `plain_NAME` is read, `NAME` is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

AT_ONCE = 2000


def seal_rows(app: str, model: str, *names: str) -> Callable[[Any, Any], None]:
    """Return the step that seals what the columns `plain_NAME` hold; fingerprints are kept up beside."""

    def step(apps: Any, _editor: Any) -> None:
        table = apps.get_model(app, model)
        prints = [field.name for field in table._meta.concrete_fields if hasattr(field, "print_of")]
        for rows in _slices(table):
            for row in rows:
                for name in names:
                    setattr(row, name, getattr(row, f"plain_{name}"))
                for each in prints:
                    field = table._meta.get_field(each)
                    setattr(row, each, field.print_of(getattr(row, field.of)))
            table._base_manager.bulk_update(rows, [*names, *prints])

    return step


def open_rows(app: str, model: str, *names: str) -> Callable[[Any, Any], None]:
    """Return the step that takes the same way back."""

    def step(apps: Any, _editor: Any) -> None:
        table = apps.get_model(app, model)
        for rows in _slices(table):
            for row in rows:
                for name in names:
                    setattr(row, f"plain_{name}", getattr(row, name))
            table._base_manager.bulk_update(rows, [f"plain_{name}" for name in names])

    return step


def _slices(table: Any) -> Iterator[list[Any]]:
    """Yield the rows in portions, by their key."""
    last = None
    while True:
        found = table._base_manager.order_by("pk")
        rows = list((found if last is None else found.filter(pk__gt=last))[:AT_ONCE])
        if not rows:
            return
        yield rows
        last = rows[-1].pk
