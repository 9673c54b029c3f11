"""`siquan cases suggest --model M`: texts in, suggestions out, a line each."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.model import Model, Suggestion

SOME_REFUSED, UNUSABLE = 3, 2
BLOCK = 1 << 20


class Command(BaseCommand):
    """Suggest a category for each text."""

    requires_system_checks: list[str] = []  # they take longer than the work
    help = "suggest a category for each text: JSON strings in, JSON objects out, a line each"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the model."""
        parser.add_argument("--model", type=Path, required=True, help="a model of `siquan cases train`")
        parser.epilog = (
            "exit code: 0, 3 when some lines were no JSON strings, 2 when the model cannot be used"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer every line with a line, in order, as soon as it has come."""
        model = open_model(options["model"])
        refused = 0
        for lines in arriving_lines():
            read = [_text(each) for each in lines]
            found = list(model.suggest([each or "" for each in read]))
            for text, suggestion in zip(read, found, strict=True):
                answer = as_json(suggestion)
                if text is None:
                    refused += 1
                    answer |= {"error": "this line is no JSON string"}
                self.stdout.write(json.dumps(answer, ensure_ascii=False))
            self.stdout.flush()
        if refused:
            self.stderr.write(f"{refused} lines were no JSON strings")
            raise SystemExit(SOME_REFUSED)


def as_json(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as it is written in JSON."""
    return {
        "label": suggestion.label,
        "probability": round(suggestion.probability, 4),
        "sure": suggestion.is_sure,
        "because": [{"words": each.words, "weight": round(each.weight, 3)} for each in suggestion.because],
    }


def open_model(path: Path) -> Model:
    """Return the model of a file, or end the command with what is wrong with it."""
    try:
        return modelfile.load_from(path)
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}", returncode=UNUSABLE) from error
    except modelfile.NotAModel as error:
        raise CommandError(f"{path}: {error}", returncode=UNUSABLE) from error


def arriving_lines() -> Iterator[list[bytes]]:
    """Give the lines of standard input in the portions in which they come: nobody waits for a full batch."""
    rest = b""
    while block := os.read(sys.stdin.fileno(), BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            yield lines
    if rest:
        yield [rest]


def _text(line: bytes) -> str | None:
    try:
        read = json.loads(line)
    except ValueError:
        return None
    return read if isinstance(read, str) else None
