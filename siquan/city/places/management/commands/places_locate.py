"""`siquan places locate`: lines `lon,lat[,datum]` in, one JSON line each out, in the same order."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from siquan.city.places.lines import Answers

_CHUNK = 256 * 1024  # about ten thousand lines


class Command(BaseCommand):
    """Say where points lie."""

    help = "read lines lon,lat[,datum] and write for each a JSON line that says where it lies"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the day."""
        parser.add_argument(
            "--on", type=date.fromisoformat, help="as of which day (YYYY-MM-DD); default: today"
        )
        parser.epilog = "exit code: 0 when every line was a place on earth, 1 when a line could not be read"

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer line by line, a batch at a time; a line that cannot be read does not stop the rest."""
        on = options["on"] or timezone.localdate()
        answers, first, any_bad = Answers(on), 1, False
        for batch in _batches(sys.stdin.buffer):
            written, bad = answers.of(batch, first)
            sys.stdout.write(written)
            sys.stdout.flush()
            first += len(batch)
            any_bad = any_bad or bad
        if any_bad:
            raise SystemExit(1)


def _batches(stdin: Any) -> Iterator[list[bytes]]:
    """Give the lines that have arrived without waiting for more: one by hand, thousands from a file."""
    rest = b""
    while arrived := stdin.read1(_CHUNK):
        *lines, rest = (rest + arrived).split(b"\n")
        rest = rest[:_CHUNK]  # a line without end must not fill the memory; it is refused anyway
        if lines:
            yield lines
    if rest:
        yield [rest]
