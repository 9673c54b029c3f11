"""`siquan privacy export`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.kernel.errors import SiquanError
from siquan.base.privacy import services


class Command(BaseCommand):
    """Write everything held about a person into a ZIP."""

    help = "write everything held about a person (--phone or --link) into a ZIP; the journal keeps the reason"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who, why and where to."""
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--phone", help="the person's telephone number")
        who.add_argument("--link", help="the private link of a case")
        parser.add_argument("--reason", required=True, help="why; no names or numbers")
        parser.add_argument("--out", type=Path, required=True, help="the ZIP to write")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, readable by nobody else."""
        try:
            packed = services.export_person(
                person=options["phone"] or options["link"],
                by=None,
                at=timezone.now(),
                reason=options["reason"],
            )
        except SiquanError as error:
            raise CommandError(str(error)) from error
        options["out"].touch(mode=0o600)
        options["out"].write_bytes(packed)
        self.stdout.write(f"{options['out']}: {len(packed)} bytes")
