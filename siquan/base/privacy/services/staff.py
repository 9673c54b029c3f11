"""Staff are people too: what their account holds about them."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from siquan.base.accounts import services as accounts
from siquan.base.accounts.models import User
from siquan.base.kernel.errors import NotPossible, Words
from siquan.base.kernel.sealedtext import print_field
from siquan.base.privacy.registry import Erased, Held, Person

KIND = "account"


def _users(person: Person) -> models.QuerySet[User]:
    prints = print_field(User, "phone_print").prints_of(person.phone) if person.phone else []
    return User.objects.filter(phone_print__in=prints).order_by("pk")


def hold_accounts(person: Person, pictures: bool) -> list[Held]:
    """Return the accounts with a person's telephone number."""
    return [
        Held(
            KIND,
            user.username,
            {
                "username": user.username,
                "name": user.name,
                "email": user.email,
                "phone": user.phone,
                "language": user.language,
                "created_at": user.created_at.isoformat(),
                "last_login": user.last_login.isoformat() if user.last_login else None,
                "is_active": user.is_active,
            },
        )
        for user in _users(person)
    ]


def erase_accounts(person: Person, at: datetime) -> list[Erased]:
    """Remove the contact data of a person's closed accounts; the name of who acted stays in the acts."""
    done = []
    for user in _users(person):
        refused: Words = ""
        try:
            accounts.forget_contact(user, at=at)
        except NotPossible as error:
            refused = error.message
        done.append(Erased(KIND, user.username, "user", user.pk, refused))
    return done
