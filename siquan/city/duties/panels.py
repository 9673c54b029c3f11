"""What this room adds to the pages of an account and of a unit."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.city.duties import permissions, queries
from siquan.city.units.models import Unit


def own_duties(user: User, reader: User) -> dict[str, Any]:
    """Return the duties a person has, had or will have."""
    return {"duties": queries.duties_of_person(user), "today": timezone.localdate()}


def people_of_unit(unit: Unit, reader: User) -> dict[str, Any]:
    """Return who holds a duty for a unit today; nothing for readers without a duty."""
    if not permissions.RULES["see-duties"](reader, unit):
        return {}
    today = timezone.localdate()
    return {
        "duties": queries.duties_found(unit_id=unit.pk, on=today),
        "may_give": permissions.hands_out_duties(reader),
        "unit": unit,
    }
