"""`siquan cases train FILE --model M`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from siquan.base.kernel.errors import SiquanError
from siquan.work.cases.imports.labelled import Labelled, read_labelled
from siquan.work.cases.management.commands.cases_suggest import UNUSABLE
from siquan.work.cases.services.suggesting import lessons
from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.made import made_letters, with_letters
from siquan.work.cases.suggestion.model import Model
from siquan.work.cases.suggestion.training import Letters, TooFew, letters, slim, train


class Command(BaseCommand):
    """Learn categories from labelled letters."""

    requires_system_checks: list[str] = []  # they take longer than the work
    help = "learn categories from labelled letters (CSV, CSV.GZ or XLSX) and write a model"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file, its columns and where the model goes."""
        parser.add_argument("file", type=Path, nargs="?", help="CSV (UTF-8 or GB18030, also .gz) or XLSX")
        parser.add_argument("--text", default="", help="title of the column of texts")
        parser.add_argument("--label", default="", help="title of the column of labels")
        parser.add_argument(
            "--model", type=Path, help="the file to write; with --from-corrections the one in use here"
        )
        parser.add_argument("--seed", type=int, default=0, help="of the division into folds")
        parser.add_argument(
            "--from-corrections",
            action="store_true",
            help="learn what staff chose at filing as well; without FILE beside the texts that come along",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, learn, write, and say what became of it."""
        begun = time.process_time()
        path = options["model"]
        if path is None and options["from_corrections"]:
            path = Path(settings.SUGGESTION_MODEL)
        if path is None or not (options["file"] or options["from_corrections"]):
            raise CommandError("name a FILE and --model M, or --from-corrections", returncode=UNUSABLE)
        lesson, about = self._lesson(options)
        about |= {"trained_at": timezone.now().isoformat(timespec="seconds"), "letters": len(lesson.texts)}
        try:
            model = slim(train(lesson, seed=options["seed"], about=about, say=self._say))
            modelfile.save_to(model, path)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=UNUSABLE) from error
        self._tell(model, path, time.process_time() - begun)

    def _lesson(self, options: dict[str, Any]) -> tuple[Letters, dict[str, Any]]:
        """Return what is to be learned, and what the model's header says about it."""
        about: dict[str, Any] = {}
        learned = list(lessons()) if options["from_corrections"] else []
        if options["from_corrections"]:
            about |= {"corrections": len(learned), "corrections_until": timezone.now().isoformat()}
            self.stdout.write(f"{len(learned)} filings to learn from")
        more = [(each.text, each.label) for each in learned]
        if not options["file"]:
            return with_letters(made_letters(), more), about
        given = read_file(options["file"], text=options["text"], label=options["label"])
        if given.left_out:
            self.stderr.write(f"{given.left_out} rows without a text or a label were left out")
        about["file_sha256"] = given.digest
        texts, labels = [*given.texts, *(text for text, _label in more)], [*given.labels]
        labels += [label for _text, label in more]
        try:
            return letters(texts, labels), about
        except TooFew as error:
            raise CommandError(
                "there must be at least two labels with two letters each", returncode=UNUSABLE
            ) from error

    def _tell(self, model: Model, path: Path, spent: float) -> None:
        threshold = model.calibration.threshold
        sure = f"sure from {threshold:.2f}" if threshold <= 1 else "never sure: 95 % precision is not reached"
        self.stdout.write(
            f"{model.about['letters']} letters, {len(model.labels)} labels, "
            f"{len(model.vocabulary.hashes)} runs of characters; {path.stat().st_size / 1e6:.1f} MB; "
            f"{spent:.0f} s of processor time; {sure}"
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
