"""Possible duplicates: kept as pairs when tickets come in, parted by a person who sees two matters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.errors import BadInput
from siquan.work.cases.models import Case
from siquan.work.cases.queries.duplicates import Alike, duplicates_of
from siquan.work.cases.services.taking import take_aside
from siquan.work.cases.twins import Twin


def keep_twins(found: Iterable[tuple[int, Alike]], *, at: datetime) -> None:
    """Keep which case (by id) may repeat which earlier one, in one statement."""
    Twin.objects.bulk_create([_twin(key, alike, at) for key, alike in found], ignore_conflicts=True)


def _twin(key: int, alike: Alike, at: datetime) -> Twin:
    like = alike.likeness
    return Twin(
        case_id=key,
        other_id=alike.id,
        metres=like.metres,
        hours=like.hours,
        kin=like.kin,
        words=like.words,
        at=at,
    )


@transaction.atomic
def part_cases(case_id: int, *, by: User, at: datetime, other: str) -> Case:
    """Say that a case and another one, by its number, are two matters; they are no longer shown as alike.

    What somebody has parted stays so: saying it again changes nothing.

    Raises NotFound, PermissionDenied, BadInput when nobody takes them for the same.
    """
    case = take_aside("not-same", case_id, by)
    number = parse_number(other)
    pair = Q(case=case, other__number=number) | Q(other=case, case__number=number)
    if Twin.objects.filter(pair).exclude(parted_at=None).exists():
        return case
    alike = next((each for each in duplicates_of(case) if each.number == number), None)
    if alike:
        keep_twins([(case.pk, alike)], at=at)
    parted = Twin.objects.filter(pair, parted_at=None).update(parted_at=at, parted_by=by)
    if not parted:
        raise BadInput(_("没有人认为这两件是同一件事，请核对编号。"), field="other")
    journal.write("case.not_same", about=case, by=by, at=at, other=number)
    return case
