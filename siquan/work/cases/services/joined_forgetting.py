"""What is held about somebody who saw a matter too: hand it out, erase it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from siquan.base.kernel.sealedtext import print_field
from siquan.base.notices.services import forget_address
from siquan.base.privacy.registry import Erased, Held, Person
from siquan.work.cases.joiners import Joiner

KIND = "contact"


def joined_by(person: Person) -> QuerySet[Joiner]:
    """Return what a person has joined, known by the number they left or by their private link."""
    found = Joiner.objects.select_related("case").order_by("pk")
    if person.token:
        return found.filter(token=person.token)
    return found.filter(phone_print__in=print_field(Joiner, "phone_print").prints_of(person.phone))


def hold_joined(person: Person, pictures: bool) -> list[Held]:
    """Return the cases a person has joined, and the number they left."""
    return [
        Held(
            "joined",
            each.case.number,
            {"number": each.case.number, "joined_at": each.at.isoformat(), "phone": each.phone},
        )
        for each in joined_by(person)
    ]


def erase_joined(person: Person, at: datetime) -> list[Erased]:
    """Forget the number of somebody who saw a matter too; that somebody did stays counted.

    Nobody has to reach them, so an open case is no reason to keep it; they are not told how it ends.
    """
    done = []
    for joiner in joined_by(person).select_for_update(of=("self",)):
        phone, joiner.phone = joiner.phone, ""
        joiner.save(update_fields=["phone", "phone_print"])
        forget_address("case", joiner.case_id, phone)
        done.append(Erased(KIND, joiner.case.number, "case", joiner.case_id))
    return done
