"""`siquan privacy retention`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from siquan.base.privacy import queries, services


class Command(BaseCommand):
    """Remove the personal data whose time is over."""

    help = "remove the personal data whose time is over; --dry-run only counts it"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="count, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per class."""
        at = timezone.now()
        due = {each.data_class.kind: each.due for each in queries.standing(at)}
        gone = {} if options["dry_run"] else services.retain(at=at)
        for each in queries.data_classes():
            did = "to remove" if options["dry_run"] else "removed"
            count = due.get(each.kind, 0) if options["dry_run"] else gone.get(each.kind, 0)
            self.stdout.write(f"{each.kind:<16}{each.days:>6} days {count:>8} {did}   ({each.source})")
