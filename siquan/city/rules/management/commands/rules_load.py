"""`siquan rules load`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.kernel.errors import SiquanError
from siquan.city.rules import services
from siquan.city.rules.tables import Weight


class Command(BaseCommand):
    """Load a rule pack with its units and calendar."""

    help = "load a rule pack, all or nothing; the same pack twice changes nothing"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder."""
        parser.add_argument("folder", type=Path, help="folder with pack.yaml and the tables")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was loaded; exit 1 when the pack was refused."""
        try:
            loaded = services.load_pack(options["folder"], by=None, at=timezone.now())
        except SiquanError as error:
            raise CommandError(str(error), returncode=1) from error
        pack = loaded.pack
        found = {
            "pack": str(pack),
            "new": loaded.is_new,
            "valid_from": str(pack.valid_from),
            "calendar": str(loaded.calendar),
            "categories": pack.categories.count(),
            "limits": pack.limits.count(),
            "responsibilities": pack.responsibilities.count(),
            "units_added": loaded.units_added,
            "units_corrected": loaded.units_corrected,
            "gaps": sum(fault.weight == Weight.GAP for fault in loaded.faults),
        }
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(
            f"{pack}: {'loaded' if loaded.is_new else 'was there already, nothing changed'}; "
            f"in force from {pack.valid_from}; calendar {loaded.calendar}"
        )
        counts = ("categories", "limits", "responsibilities", "units_added", "units_corrected", "gaps")
        self.stdout.write(", ".join(f"{found[name]} {name.replace('_', ' ')}" for name in counts))
