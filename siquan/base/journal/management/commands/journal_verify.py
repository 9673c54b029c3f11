"""`siquan journal verify`."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from siquan.base.journal import seals


class Command(BaseCommand):
    """Find and locate a changed, missing, added or reordered journal entry."""

    help = "check the journal: every sealed entry, every batch, and how much of the tail is not sealed yet"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--json`, `--district` and `--key`."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--district", type=int, default=settings.DISTRICT_ID)
        parser.add_argument("--key", help="public key the heads must be signed with (64 hex digits)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was found; exit 1 when something sealed was touched."""
        trusted = bytes.fromhex(options["key"]) if options["key"] else None
        found = seals.verify(options["district"], trusted=trusted)
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict()))
        else:
            self._say(found)
        if not found.ok:
            raise CommandError("The journal was touched.", returncode=1)

    def _say(self, found: seals.Verification) -> None:
        self.stdout.write(f"{found.entries} sealed entries in {found.batches} batches, head {found.head}")
        self.stdout.write(f"{found.unsealed} entries at the end are not sealed yet")
        for kind in ("changed", "missing", "added", "reordered"):
            if ids := getattr(found, kind):
                self.stdout.write(f"{kind}: {', '.join(map(str, ids))}")
        for broken in found.broken_batches:
            self.stdout.write(f"batch {broken['number']}: {'; '.join(broken['why'])}")
        if found.ok:
            self.stdout.write("Nothing sealed was touched.")
