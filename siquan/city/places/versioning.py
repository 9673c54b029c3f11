"""Close a row and open the next: how divisions and sites change without rewriting what was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from django.db import connection
from django.utils.translation import gettext as _

from siquan.base.kernel.errors import BadInput
from siquan.city.places.models import Division, Site

Row = TypeVar("Row", Division, Site)
_BATCH = 1000


def take_turn(district_id: int) -> None:
    """Wait until no other transaction changes this district's places, and keep the others waiting."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('places'), %s)", [district_id])


def may_follow(before: Row | None, on: date) -> None:
    """Raise BadInput unless a new row may begin on that day."""
    if before is None or (before.valid_to is None and before.valid_from < on):
        return
    if before.valid_to is not None and before.valid_to <= on:
        return
    raise BadInput(
        _("%(code)s 的现有记录自%(day)s起生效，新的变更须晚于这一天。")
        % {"code": before.code, "day": before.valid_from.isoformat()}
    )


def close(rows: Iterable[Row], on: date) -> None:
    """Let rows end on a day (the last day not included)."""
    by_model: dict[type[Row], list[int]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row.pk)
    for model, keys in by_model.items():
        model.objects.filter(pk__in=keys, valid_to=None).update(valid_to=on)


def open_(rows: Sequence[Row]) -> None:
    """Write new rows; their keys are filled in."""
    if rows:
        type(rows[0]).objects.bulk_create(rows, batch_size=_BATCH)
