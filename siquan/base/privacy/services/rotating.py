"""Seal every sealed value with the newest key, in slices; interrupted, it goes on where it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from siquan.base.kernel import sealing
from siquan.base.kernel.sealedtext import Fingerprint, SealedText, sealed_fields, sealed_models
from siquan.base.privacy import registry

AT_ONCE = 1000


@dataclass(frozen=True)
class Rotated:
    """How many rows were looked at, and how many values were sealed anew."""

    rows: int
    values: int


def rotate_keys(*, each: Callable[[str, int], object] | None = None) -> Rotated:
    """Seal with the newest key what another one sealed, fingerprints too; `each` is told of every slice."""
    rows = values = 0
    for model in sealed_models():
        last: Any = None
        while True:
            with transaction.atomic():
                found = _slice(model, last)
                values += _reseal(model, found)
            if not found:
                break
            rows, last = rows + len(found), found[-1][0]
            if each:
                each(model._meta.label, len(found))
    for elsewhere in registry.rotated():
        values += elsewhere()
    return Rotated(rows, values)


def count_by_key() -> dict[str, int]:
    """Return how many values each key has sealed: a key that has none may leave the keyring."""
    counts: Counter[str] = Counter()
    for model in sealed_models():
        for field in sealed_fields(model):
            column, table = field.column, model._meta.db_table
            with connection.cursor() as cursor:
                # The head of a sealed value: format, length of the key's name, name.
                cursor.execute(
                    f"select substring({column} from 3 for get_byte({column}, 1)), count(*)"  # noqa: S608
                    f" from {table} where length({column}) > 0 group by 1"
                )
                for name, count in cursor.fetchall():
                    counts[bytes(name).decode("ascii", "replace")] += count
    return dict(counts)


def _slice(model: type[models.Model], last: Any) -> list[tuple[Any, ...]]:
    """Return key and sealed bytes of the next rows, locked against a change meanwhile."""
    columns = ", ".join(str(field.column) for field in sealed_fields(model))
    key = model._meta.pk.column
    where = "" if last is None else f"where {key} > %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {key}, {columns} from {model._meta.db_table} {where} order by {key} limit %s for update",  # noqa: S608
            [AT_ONCE] if last is None else [last, AT_ONCE],
        )
        return list(cursor.fetchall())


def _reseal(model: type[models.Model], rows: list[tuple[Any, ...]]) -> int:
    fields = sealed_fields(model)
    prints = [each for each in model._meta.concrete_fields if isinstance(each, Fingerprint)]
    updates, count = [], 0
    for key, *kept in rows:
        changed = _changed(fields, prints, [bytes(value) if value is not None else b"" for value in kept])
        if changed:
            count += sum(isinstance(value, bytes) for value in changed.values())
            updates.append((key, changed))
    with connection.cursor() as cursor:
        for key, changed in updates:
            parts = ", ".join(f"{column} = %s" for column in changed)
            cursor.execute(
                f"update {model._meta.db_table} set {parts} where {model._meta.pk.column} = %s",  # noqa: S608
                [*changed.values(), key],
            )
    return count


def _changed(fields: list[SealedText], prints: list[Fingerprint], kept: list[bytes]) -> dict[str, Any]:
    """Return the columns of a row that must be written anew."""
    changed: dict[str, Any] = {}
    for field, value in zip(fields, kept, strict=True):
        if value and sealing.needs_rotation(value):
            changed[str(field.column)] = sealing.rotated(value, field.context)
            for each in prints:
                if each.of == field.name:
                    changed[str(each.column)] = each.print_of(field.opened(value))
    return changed
