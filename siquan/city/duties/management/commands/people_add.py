"""`siquan people add USERNAME NAME --role ROLE`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from siquan.base.accounts import services as accounts
from siquan.base.kernel.errors import SiquanError
from siquan.city.duties import services
from siquan.city.duties.models import Role
from siquan.city.places.models import Division
from siquan.city.units.queries import unit_by_code


class Command(BaseCommand):
    """Add a person with a duty: how a new installation gets its first administrator."""

    help = "add a person with a duty, and print the first password"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who, and what for."""
        parser.add_argument("username", help="the sign-in name")
        parser.add_argument("name", help="the person's name")
        parser.add_argument(
            "--role", choices=Role.values, default=str(Role.ADMIN), help="default: %(default)s"
        )
        parser.add_argument("--unit", help="code of the unit the person acts for")
        parser.add_argument("--division", help="code of the street, community or block")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Print the password."""
        now = timezone.now()
        try:
            user = accounts.add_user(username=options["username"], name=options["name"], by=None, at=now)
            services.give_duty(
                user=user,
                role=options["role"],
                unit=unit_by_code(options["unit"]) if options["unit"] else None,
                division=_division(options["division"]) if options["division"] else None,
                by=None,
                at=now,
            )
            self.stdout.write(accounts.reset_password(user, by=None, at=now))
        except SiquanError as error:
            raise CommandError(str(error)) from error


def _division(code: str) -> Division:
    found: Division | None = Division.objects.as_of(timezone.localdate()).filter(code=code).first()
    if found is None:
        raise CommandError(f"There is no division with the code {code}.")
    return found
