"""`siquan places basemap DIR`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from siquan.city.places import services


class Command(BaseCommand):
    """Make the offline base map from a folder of geography files."""

    help = "make the offline base map from a folder of geography files; the same files again change nothing"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the map, and say where it is."""
        started = time.monotonic()
        if not (options["folder"] / "streets.geojson").exists():
            raise CommandError(f"there is no streets.geojson in {options['folder']}")
        made = services.publish_base_map(options["folder"], settings.PUBLIC_DIR)
        took = f"made in {time.monotonic() - started:.1f} s" if made else "already there"
        self.stdout.write(f"base map {took}: {settings.PUBLIC_DIR / 'map'}")
