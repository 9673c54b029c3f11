"""The rows whose names every list of cases shows, put beside the cases from memory.

Joining six tables for fifty rows takes PostgreSQL ten times longer to plan than to carry out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from siquan.city.places import queries as places
from siquan.city.rules import queries as rules
from siquan.city.units import queries as units
from siquan.work.cases.models import Case

DIVISIONS = ("street", "community", "block", "cell")


def put_names(cases: Iterable[Case]) -> list[Case]:
    """Return the cases, each with its category, unit and divisions; these are shared, so only to be read."""
    named = list(cases)
    if named:
        of: dict[str, Mapping[int, Model]] = dict.fromkeys(DIVISIONS, places.divisions_by_id())
        of |= {"category": rules.categories_by_id(), "unit": units.units_by_id()}
        for name, rows in of.items():
            field: Any = Case._meta.get_field(name)
            for case in named:
                row = rows.get(getattr(case, field.attname))
                if row is not None:  # one that is newer than what is remembered is read when it is asked for
                    field.set_cached_value(case, row)
    return named
