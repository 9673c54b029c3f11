"""`siquan places find`: lines of text in, one JSON line each out, in the same order."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from siquan.base.kernel.coordinates import Datum
from siquan.city.places import queries

_LONGEST_LINE = 100_000
_CANDIDATES = 5


class Command(BaseCommand):
    """Say which place texts mean."""

    help = (
        "read lines of text and write for each a JSON line: the place it means, or why none, and candidates"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the day and how many candidates are told."""
        parser.add_argument(
            "--on", type=date.fromisoformat, help="as of which day (YYYY-MM-DD); default: today"
        )
        parser.add_argument("--candidates", type=int, default=_CANDIDATES, help="how many at most")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer line by line."""
        on = options["on"] or timezone.localdate()
        for line in iter(lambda: sys.stdin.buffer.readline(_LONGEST_LINE), b""):
            text = line.decode("utf-8", errors="replace").strip()
            self.stdout.write(json.dumps(_told(text, on, options["candidates"]), ensure_ascii=False))


def _told(text: str, on: date, most: int) -> dict[str, Any]:
    reading = queries.read_place(text, on=on)
    return {
        "outcome": reading.outcome.value,
        "reason": reading.reason,
        "place": _place(reading.place) if reading.place else None,
        "candidates": [_place(each) for each in reading.candidates[:most]],
    }


def _place(place: queries.Candidate) -> dict[str, Any]:
    return {
        "name": place.name,
        "kind": place.kind,
        "lon": place.lon,
        "lat": place.lat,
        "datum": Datum.WGS84.value,
        "accuracy_m": place.accuracy_m,
        "street": place.street,
        "score": place.score,
        "why": place.why,
    }
