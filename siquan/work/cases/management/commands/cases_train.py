"""`siquan cases train FILE --model M`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.kernel.errors import SiquanError
from siquan.work.cases.imports.labelled import Labelled, read_labelled
from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.training import TooFew, letters, train

UNUSABLE = 2


class Command(BaseCommand):
    """Learn categories from labelled letters."""

    help = "learn categories from labelled letters (CSV, CSV.GZ or XLSX) and write a model"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file, its columns and where the model goes."""
        parser.add_argument("file", type=Path, help="CSV (UTF-8 or GB18030, also .gz) or XLSX")
        parser.add_argument("--text", default="", help="title of the column of texts")
        parser.add_argument("--label", default="", help="title of the column of labels")
        parser.add_argument("--model", type=Path, required=True, help="the file to write")
        parser.add_argument("--seed", type=int, default=0, help="of the division into folds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, learn, write, and say what became of it."""
        begun = time.process_time()
        given = read_file(options["file"], text=options["text"], label=options["label"])
        if given.left_out:
            self.stderr.write(f"{given.left_out} rows without a text or a label were left out")
        about = {
            "trained_at": timezone.now().isoformat(timespec="seconds"),
            "file_sha256": given.digest,
            "letters": len(given.texts),
        }
        try:
            model = train(
                letters(given.texts, given.labels), seed=options["seed"], about=about, say=self._say
            )
            modelfile.save_to(model, options["model"])
        except TooFew as error:
            raise CommandError(
                "there must be at least two labels with two letters each", returncode=UNUSABLE
            ) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=UNUSABLE) from error
        size, spent = options["model"].stat().st_size, time.process_time() - begun
        threshold = model.calibration.threshold
        self.stdout.write(
            f"{len(given.texts)} letters, {len(model.labels)} labels, {len(model.vocabulary.hashes)} runs of "
            f"characters; {size / 1e6:.1f} MB; {spent:.0f} s of processor time; "
            + (
                f"sure from {threshold:.2f}"
                if threshold <= 1
                else "never sure: 95 % precision is not reached"
            )
        )

    def _say(self, words: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(words)


def read_file(path: Path, *, text: str, label: str) -> Labelled:
    """Return the labelled letters of a file, or end the command with what is wrong with it."""
    try:
        with path.open("rb") as file:
            return read_labelled(file, text=text, label=label)
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}", returncode=UNUSABLE) from error
    except SiquanError as error:
        raise CommandError(str(error), returncode=UNUSABLE) from error
