"""`siquan privacy erase`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.kernel.errors import SiquanError
from siquan.base.privacy import services


class Command(BaseCommand):
    """Erase what is held about a person."""

    help = "erase what is held about a person (--phone or --link); cases stay, with a tombstone"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who and why."""
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--phone", help="the person's telephone number")
        who.add_argument("--link", help="the private link of a case")
        parser.add_argument("--reason", required=True, help="why; no names or numbers")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per thing: gone, or kept and why."""
        try:
            done = services.erase_person(
                person=options["phone"] or options["link"],
                by=None,
                at=timezone.now(),
                reason=options["reason"],
            )
        except SiquanError as error:
            raise CommandError(str(error)) from error
        for each in done:
            self.stdout.write(f"{each.kind} {each.title}: {each.refused or 'erased'}")
