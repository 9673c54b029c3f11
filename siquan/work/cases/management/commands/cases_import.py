"""`siquan cases import FILE`."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from siquan.base.accounts.models import User
from siquan.base.accounts.queries import user_by_name
from siquan.base.kernel.coordinates import Datum
from siquan.base.kernel.errors import BadInput, SiquanError
from siquan.work.cases.imports import results
from siquan.work.cases.imports.columns import FIELDS, read_mapping
from siquan.work.cases.imports.tickets import TicketFile
from siquan.work.cases.services.importing import Counts, Outcome, check_tickets, import_tickets

SOME_REFUSED, UNUSABLE = 3, 2


class Command(BaseCommand):
    """Make cases of a file of tickets."""

    help = "make cases of a file of hotline tickets; the same file twice makes nothing twice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file and what helps to read it."""
        parser.add_argument("file", type=Path, help="CSV (UTF-8 or GB18030, also .gz) or XLSX")
        parser.add_argument("--map", type=Path, help="CSV of two columns: a title in the file, what it means")
        parser.add_argument(
            "--datum", choices=[str(each) for each in Datum.values], help="of the coordinates"
        )
        parser.add_argument("--json", action="store_true", help="print the counts and the errors as JSON")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, keep nothing")
        parser.add_argument("--result", type=Path, help="write what became of every row to this CSV file")
        parser.add_argument("--as", dest="as_user", default="", help="sign-in name of who imports")
        parser.epilog = (
            "exit code: 0 when every row is in (new or known), 3 when some rows were refused, 2 when the "
            f"file cannot be used; fields of --map: {' '.join(FIELDS)}, - for none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print the counts, and say by the exit code whether rows were refused."""
        try:
            counts = self._import(options)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=UNUSABLE) from error
        except SiquanError as error:
            if options["json"]:
                field = error.field if isinstance(error, BadInput) else None
                problem = {"code": error.code, "message": str(error), "field": field}
                self.stdout.write(json.dumps({"problem": problem}, ensure_ascii=False))
            raise CommandError(str(error), returncode=UNUSABLE) from error
        self._say(counts, options)
        if counts.refused:
            raise SystemExit(SOME_REFUSED)

    def _import(self, options: dict[str, Any]) -> Counts:
        at = timezone.now()
        by: User | None = user_by_name(options["as_user"]) if options["as_user"] else None
        with ExitStack() as stack:
            mapping = None
            if options["map"]:
                mapping = read_mapping(stack.enter_context(options["map"].open("rb")))
            file: IO[bytes] = stack.enter_context(options["file"].open("rb"))
            datum = Datum(options["datum"]) if options["datum"] else None
            tickets = TicketFile(file, at=at, mapping=mapping, datum=datum)
            self._warn(tickets)
            shown = stack.enter_context(
                tqdm(unit=" rows", disable=options["json"] or not sys.stderr.isatty(), file=sys.stderr)
            )
            result = stack.enter_context(options["result"].open("wb")) if options["result"] else None
            if result:
                result.write(results.head())

            def each(outcomes: Sequence[Outcome]) -> None:
                shown.update(len(outcomes))
                if result:
                    result.write(results.table(outcome.as_row() for outcome in outcomes))
                    result.flush()

            if options["dry_run"]:
                return check_tickets(tickets.lines(), at=at, each=each)
            name, digest = options["file"].name, _digest(options["file"])
            return import_tickets(tickets.lines(), by=by, at=at, name=name, digest=digest, each=each)

    def _warn(self, tickets: TicketFile) -> None:
        if tickets.columns.unknown:
            unknown = ", ".join(tickets.columns.unknown)
            self.stderr.write(f"columns that are not taken over: {unknown} (see --map)")
        if tickets.has_undeclared_points:
            self.stderr.write(
                "the file does not name the datum of its coordinates: read as WGS-84 (see --datum)"
            )

    def _say(self, counts: Counts, options: dict[str, Any]) -> None:
        told: dict[str, Any] = {
            "rows": counts.rows,
            "imported": counts.imported,
            "known": counts.known,
            "needs_place": counts.needs_place,
            "refused": counts.refused,
        }
        if options["json"]:
            errors = [{"row": e.row, "column": e.column, "message": e.message} for e in counts.errors]
            self.stdout.write(
                json.dumps(told | {"dry_run": options["dry_run"], "errors": errors}, ensure_ascii=False)
            )
            return
        for error in counts.errors[:20]:
            self.stderr.write(f"row {error.row}, {error.column}: {error.message}")
        if counts.refused > 20:
            self.stderr.write("… (--result FILE writes down every row, --json the first 1,000 errors)")
        done = "would be imported" if options["dry_run"] else "imported"
        self.stdout.write(
            f"{counts.rows} rows: {counts.imported} {done}, of which {counts.needs_place} need a place; "
            f"{counts.known} were there already, {counts.refused} refused"
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
