"""`siquan second-factor reset USER`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.accounts import factors, queries
from siquan.base.kernel.errors import SiquanError


class Command(BaseCommand):
    """Remove the second factors of somebody who has lost theirs."""

    help = "remove every second factor and recovery code of a person who has lost theirs"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the user."""
        parser.add_argument("user", help="the sign-in name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove them and say how many."""
        try:
            user = queries.user_by_name(options["user"])
        except SiquanError as error:
            raise CommandError(f"{options['user']}: {error}") from error
        count = factors.remove_all(user, by=None, at=timezone.now())
        self.stdout.write(f"{options['user']}: {count} removed")
