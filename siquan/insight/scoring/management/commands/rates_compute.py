"""`siquan rates compute`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from siquan.base.kernel.errors import SiquanError
from siquan.base.kernel.periods import Kind, period_of
from siquan.insight.scoring import services
from siquan.insight.scoring.intervals import percent
from siquan.insight.scoring.models import Rate, Scope


class Command(BaseCommand):
    """Reckon the three rates of periods."""

    help = "reckon the three rates of months, quarters or years, as known now or at a time in the past"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the periods and the time of knowledge."""
        parser.add_argument("periods", nargs="*", help="2026-11, 2026Q4 or 2026; without: this month")
        parser.add_argument("--as-of", help="reckon from what was known then, e.g. 2026-11-01T00:00+08:00")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the district's rates of every period; exit 1 when something cannot be reckoned."""
        at = timezone.now()
        known = _time(options["as_of"])
        for code in options["periods"] or [period_of(at, Kind.MONTH).code]:
            try:
                made = services.reckon(code, at=at, known_at=known)
            except SiquanError as error:
                raise CommandError(str(error), returncode=1) from error
            rates = Rate.objects.filter(reckoning=made, scope=Scope.DISTRICT).order_by("rate")
            self._tell(code, str(made.pack), list(rates), as_json=options["json"])

    def _tell(self, code: str, pack: str, rates: list[Rate], *, as_json: bool) -> None:
        for each in rates:
            known = {"numerator": each.numerator, "denominator": each.denominator, "left_out": each.left_out}
            if as_json:
                self.stdout.write(json.dumps({"period": code, "pack": pack, "rate": each.rate} | known))
                continue
            said = f"{percent(each.numerator, each.denominator)} %" if each.denominator else "no cases"
            self.stdout.write(
                f"{code} {each.rate:<12} {said:>9}  {each.numerator}/{each.denominator}"
                f"  left out {each.left_out}"
            )


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or timezone.is_naive(found):
        raise CommandError("--as-of wants a time with its zone: 2026-11-01T00:00+08:00", returncode=2)
    return found
