"""`siquan places load DIR`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.kernel.errors import BadInput
from siquan.city.places import services

SINCE_EVER = date(2000, 1, 1)


class Command(BaseCommand):
    """Load divisions and sites from a folder."""

    help = "load divisions and sites from a folder; the same folder again changes nothing"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder, the day, and what becomes of what the folder no longer names."""
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--from",
            dest="on",
            type=date.fromisoformat,
            help="the day from which it holds (YYYY-MM-DD); default: today, for a first load 2000-01-01",
        )
        parser.add_argument(
            "--replace", action="store_true", help="end the divisions that the folder no longer names"
        )
        parser.add_argument("--json", action="store_true", help="print what was done, or the faults, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and tell what was done or every row that is wrong."""
        on = options["on"] or (timezone.localdate() if services.is_loaded() else SINCE_EVER)
        try:
            loaded = services.load_geography(
                options["folder"], on=on, by=None, at=timezone.now(), replace=options["replace"]
            )
        except BadInput as error:
            self._refuse(error, as_json=options["json"])
            return
        if options["json"]:
            self.stdout.write(json.dumps({"on": on.isoformat(), **asdict(loaded)}))
            return
        self.stdout.write(
            f"divisions: {loaded.divisions_new} new, {loaded.divisions_changed} changed,"
            f" {loaded.divisions_ended} ended, {loaded.divisions_unchanged} as they were\n"
            f"sites: {loaded.sites_new} new, {loaded.sites_changed} changed,"
            f" {loaded.sites_moved} in another area, {loaded.sites_unchanged} as they were\n"
            f"road lines, crossings, house numbers, other names: {loaded.words_changed} new or ended\n"
            f"in force from {on.isoformat()}"
        )

    def _refuse(self, error: BadInput, *, as_json: bool) -> None:
        faults = error.faults if isinstance(error, services.GeographyFaults) else ()
        if as_json:
            told = {"error": error.code, "message": str(error), "faults": [asdict(fault) for fault in faults]}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            raise SystemExit(1)
        for fault in faults:
            self.stderr.write(f"{fault.file}:{fault.row}: {fault.message} [{fault.code}]")
        raise CommandError(str(error))
