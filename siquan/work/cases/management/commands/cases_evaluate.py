"""`siquan cases evaluate FILE`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from siquan.work.cases.management.commands.cases_suggest import UNUSABLE, open_model
from siquan.work.cases.management.commands.cases_train import read_file
from siquan.work.cases.suggestion.evaluation import as_json, cross_validate, evaluate_model
from siquan.work.cases.suggestion.measuring import Figures
from siquan.work.cases.suggestion.training import FOLDS, TooFew, letters


class Command(BaseCommand):
    """Say how good suggestions are on labelled letters."""

    requires_system_checks: list[str] = []  # they take longer than the work
    help = "say how good suggestions are on labelled letters: of a model, or by cross-validation"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file, its columns and the model."""
        parser.add_argument("file", type=Path, help="CSV (UTF-8 or GB18030, also .gz) or XLSX")
        parser.add_argument("--text", default="", help="title of the column of texts")
        parser.add_argument("--label", default="", help="title of the column of labels")
        parser.add_argument("--model", type=Path, help="a finished model; without one: cross-validation")
        parser.add_argument("--seed", type=int, default=0, help="of the division into folds")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        given = read_file(options["file"], text=options["text"], label=options["label"])
        if given.left_out:
            self.stderr.write(f"{given.left_out} rows without a text or a label were left out")
        try:
            held = letters(given.texts, given.labels)
        except TooFew as error:
            raise CommandError(
                "there must be at least two labels with two letters each", returncode=UNUSABLE
            ) from error
        if options["model"]:
            model = open_model(options["model"])
            if model.about.get("file_sha256") == given.digest:
                self.stderr.write(
                    "this model learned from this very file: the figures are better than the truth"
                )
            found, how = evaluate_model(model, held), f"model {options['model']}"
        else:
            found = cross_validate(held, seed=options["seed"], say=self._say)
            groups = held.group.max() + 1
            how = f"cross-validated in {FOLDS} parts, {groups} groups of near-duplicates kept whole"
        if options["json"]:
            self.stdout.write(json.dumps(as_json(found) | {"how": how}, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(report(found, how)))

    def _say(self, words: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(words)


def report(found: Figures, how: str) -> list[str]:
    """Return the figures as lines for people."""
    lines = [
        f"{found.letters} letters, {how}",
        "",
        f"macro-F1                  {found.macro_f1:.4f}",
        f"accuracy                  {found.accuracy:.4f}",
        f"coverage at 95 % precision {found.coverage_at_precision:.4f}",
        f"called sure               {found.sure_share:.4f}, of which right {found.sure_precision:.4f}",
        f"calibration error         {found.calibration_error:.4f}",
        "",
        "precision recall     F1  letters  label",
    ]
    lines += [
        f"{each.precision:9.3f} {each.recall:6.3f} {each.f1:6.3f} {each.letters:8}  {each.name}"
        for each in found.labels
    ]
    lines += ["", "confusion: a row per true label, a column per suggested one, in the order above"]
    lines += [" ".join(f"{count:5}" for count in row) for row in found.confusion]
    lines += ["", "said        letters  mean said  right"]
    lines += [
        f"{each.low:.1f} - {each.high:.1f} {each.count:10} {each.said:10.3f} {each.right / each.count:6.3f}"
        for each in found.reliability
    ]
    return lines
