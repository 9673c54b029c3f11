"""`siquan rules check`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from siquan.base.kernel.errors import SiquanError
from siquan.city.rules import queries
from siquan.city.rules.checks import check
from siquan.city.rules.files import parse, read_folder
from siquan.city.rules.tables import Fault, Weight

LANGUAGES = {"zh": "zh-hans", "en": "en"}


class Command(BaseCommand):
    """Tell what is wrong with a rule pack, or missing in it, with file, line and column."""

    help = (
        "list the errors, gaps and ambiguities of a rule pack. A folder needs no database; --here also "
        "asks this installation for its divisions and units."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder, or the pack that is loaded."""
        parser.add_argument("folder", nargs="?", type=Path, help="folder with pack.yaml and the tables")
        parser.add_argument("--loaded", action="store_true", help="check the pack in force in the database")
        parser.add_argument("--here", action="store_true", help="check against this installation")
        parser.add_argument("--strict", action="store_true", help="exit 1 for gaps too, not only for errors")
        parser.add_argument("--language", choices=LANGUAGES, default="zh", help="language of the words")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every fault; exit 1 when there are errors, 2 when there is nothing to check."""
        if bool(options["folder"]) == options["loaded"]:
            raise CommandError("Give a folder, or --loaded for the pack in force.", returncode=2)
        with translation.override(LANGUAGES[options["language"]]):
            try:
                faults = _faults(options)
            except SiquanError as error:
                raise CommandError(str(error), returncode=2) from error
            counts = {weight: sum(fault.weight == weight for fault in faults) for weight in Weight}
            self._print(faults, counts, as_json=options["json"])
        if counts[Weight.ERROR] or (options["strict"] and counts[Weight.GAP]):
            raise CommandError("The pack cannot be used as it is.", returncode=1)

    def _print(self, faults: Sequence[Fault], counts: dict[Weight, int], *, as_json: bool) -> None:
        if as_json:
            listed = [
                {
                    "file": fault.file,
                    "line": fault.line,
                    "column": fault.column,
                    "weight": fault.weight.value,
                    "message": str(fault.message),
                }
                for fault in faults
            ]
            self.stdout.write(json.dumps({"faults": listed, **counts}, ensure_ascii=False))
            return
        for fault in faults:
            self.stdout.write(f"{fault.place}: {fault.weight.label}: {fault.message}")
        self.stdout.write(" · ".join(f"{weight.label} {count}" for weight, count in counts.items()))


def _faults(options: dict[str, Any]) -> list[Fault]:
    today = timezone.localdate()
    if options["loaded"]:
        return queries.faults_of_pack(queries.pack_in_force(today), today)
    parsed = parse(read_folder(options["folder"]))
    return queries.faults_of(parsed, today) if options["here"] else check(parsed)
