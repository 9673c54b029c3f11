"""`siquan rules export`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.kernel.errors import SiquanError
from siquan.city.rules import queries, services


class Command(BaseCommand):
    """Write a loaded rule pack out as files."""

    help = "write a rule pack (the one in force, or --pack-version) with units and calendar into a new folder"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder and which pack."""
        parser.add_argument("folder", type=Path, help="a new or empty folder")
        parser.add_argument("--name", help="name of the pack, together with --pack-version")
        parser.add_argument("--pack-version", help="version of the pack")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the files that were written; exit 1 when nothing was."""
        try:
            pack = queries.pack_named(
                options["name"] or "", options["pack_version"] or "", timezone.localdate()
            )
            written = services.export_pack(pack, options["folder"])
        except SiquanError as error:
            raise CommandError(str(error), returncode=1) from error
        for path in written:
            self.stdout.write(str(path))
