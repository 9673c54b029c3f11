"""`siquan rates load`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.kernel.errors import SiquanError
from siquan.insight.scoring import services


class Command(BaseCommand):
    """Load a formula pack."""

    help = "load a formula pack; the same pack twice changes nothing"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, help="the pack, one YAML file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was loaded; exit 1 when the pack was refused."""
        try:
            content = options["file"].read_bytes()
            pack, is_new = services.load_formula(content, by=None, at=timezone.now())
        except OSError as error:
            raise CommandError(f"cannot read {options['file']}: {error.strerror}", returncode=2) from error
        except SiquanError as error:
            raise CommandError(str(error), returncode=1) from error
        done = "loaded" if is_new else "was there already, nothing changed"
        self.stdout.write(f"{pack}: {done}; in force from {pack.valid_from}")
