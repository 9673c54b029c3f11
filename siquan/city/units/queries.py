"""What one can ask about units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import models
from django.utils import timezone

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.remembered import Remembered
from siquan.city.places.models import in_force
from siquan.city.units.models import Kind, Unit


def units(on: date | None = None) -> models.QuerySet[Unit]:
    """Return the units in force on a day (today, if none is given), by kind and code."""
    order = models.Case(
        *(models.When(kind=kind, then=place) for place, kind in enumerate(Kind)),
        output_field=models.IntegerField(),
    )
    found: models.QuerySet[Unit] = Unit.objects.as_of(on or timezone.localdate())
    return found.filter(district_id=current_district()).order_by(order, "code")


def units_listed(on: date) -> list[Unit]:
    """Return the units in force on a day, by kind and code, from memory; not to be changed."""
    found = [each for each in units_by_id().values() if in_force(each, on)]
    return sorted(found, key=lambda each: (_PLACE.get(each.kind, len(_PLACE)), each.code))


_PLACE = {str(kind): place for place, kind in enumerate(Kind)}


def units_by_id() -> Mapping[int, Unit]:
    """Return all units there ever were, from memory; not to be changed."""
    return _units.of(current_district())


def _by_id(district: int) -> dict[int, Unit]:
    return Unit.objects.filter(district_id=district).in_bulk()


_units = Remembered(_by_id, [Unit])


def forget() -> None:
    """Notice a changed unit at the next question."""
    _units.forget()


def units_found(words: str = "", kind: str = "", on: date | None = None) -> models.QuerySet[Unit]:
    """Return the units of a kind whose names or code hold the words; empty means all."""
    found = units(on).select_related("division")
    if kind:
        found = found.filter(kind=kind)
    for word in words.replace("\0", "").split():
        found = found.filter(
            models.Q(name__icontains=word)
            | models.Q(short_name__icontains=word)
            | models.Q(name_en__icontains=word)
            | models.Q(code__iexact=word)
        )
    return found


def units_by_code(codes: Iterable[str] | None = None, on: date | None = None) -> dict[str, Unit]:
    """Return the units in force with these codes (all, if none are given), by code."""
    found = units(on)
    if codes is not None:
        found = found.filter(code__in=list(codes))
    return {unit.code: unit for unit in found}


def unit_by_code(code: str, on: date | None = None) -> Unit:
    """Return the unit in force with this code. Raises NotFound."""
    unit = units(on).filter(code=code).first()
    if unit is None:
        raise NotFound
    return unit


def unit_by_id(unit_id: int) -> Unit:
    """Return one unit, whether still in force or not. Raises NotFound."""
    unit = Unit.objects.select_related("division").filter(pk=unit_id, district_id=current_district()).first()
    if unit is None:
        raise NotFound
    found: Unit = unit
    return found


def kinds_with_counts(on: date | None = None) -> list[tuple[str, str, int]]:
    """Return each kind that has units, with its words and how many there are."""
    counts = dict(units(on).order_by().values_list("kind").annotate(models.Count("id")))
    return [(kind.value, str(kind.label), counts[kind]) for kind in Kind if kind in counts]
