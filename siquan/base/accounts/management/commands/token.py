"""`siquan token USER`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.accounts import queries, services
from siquan.base.kernel.errors import SiquanError


class Command(BaseCommand):
    """Make a token for a program."""

    help = "make a key with which a program acts as this person; prints the token and nothing else"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the user and `--label`."""
        parser.add_argument("user", help="the sign-in name")
        parser.add_argument("--label", default="command line", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the token."""
        try:
            user = queries.user_by_name(options["user"])
            token = services.make_token(user, options["label"], timezone.now())
        except SiquanError as error:
            raise CommandError(f"{options['user']}: {error}") from error
        self.stdout.write(token)
