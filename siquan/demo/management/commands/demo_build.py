"""`siquan demo` calls this on every start."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.city.places.services import publish_base_map
from siquan.demo import district, signins


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=timezone.get_default_timezone())


class Command(BaseCommand):
    """Build the demo district if it does not stand yet."""

    help = "build the demo district if it does not stand yet"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the size, the seed and the last day."""
        parser.add_argument("--cases", type=int, default=20_000)
        parser.add_argument("--seed", type=int, default=2026)
        parser.add_argument("--until", type=_moment, help="end of the year of cases (now)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, or say that it stands; then say how to sign in."""
        if os.environ.get("SIQUAN_DEMO") != "1":
            raise CommandError("This is only for demo districts: start it with `siquan demo`.")
        if district.is_elsewhere():
            raise CommandError("This database holds a district that is no demo; it was not touched.")
        publish_base_map(district.HERE / "data", settings.PUBLIC_DIR)
        known = district.built()
        if known is None:
            self._build(options)
        elif (known["asked"], known["seed"]) != (options["cases"], options["seed"]):
            self.stderr.write(
                f"This district stands already, with {known['cases']} cases (seed {known['seed']}). "
                "For another one choose another --dir."
            )
        self.stdout.write(signins.told(settings.SIQUAN_DIR))

    def _build(self, options: dict[str, Any]) -> None:
        if district.is_begun():
            self.stderr.write("An interrupted first start left something behind; beginning again.")
            district.wipe()
        begun = time.monotonic()
        until = options["until"] or timezone.now()
        written = district.build(cases=options["cases"], seed=options["seed"], at=until)
        taken = time.monotonic() - begun
        self.stderr.write(f"Built the demo district with {written} cases in {taken:.0f} s.")
