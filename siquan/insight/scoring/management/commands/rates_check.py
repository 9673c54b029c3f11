"""`siquan rates check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from siquan.insight.scoring.conditions import in_words
from siquan.insight.scoring.formulas import Formula
from siquan.insight.scoring.packfiles import read_formula

LANGUAGES = {"zh": "zh-hans", "en": "en"}


class Command(BaseCommand):
    """Tell what is wrong with a formula pack, or say it in words."""

    help = "list what is wrong with a formula pack, its own examples included; a sound one is told in words"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, help="the pack, one YAML file")
        parser.add_argument("--language", choices=LANGUAGES, default="zh", help="language of the words")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every fault, or the formula in words; exit 1 when there are faults."""
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"cannot read {options['file']}: {error.strerror}", returncode=2) from error
        with translation.override(LANGUAGES[options["language"]]):
            formula, faults = read_formula(content)
            for fault in faults:
                self.stdout.write(str(fault))
            if formula is None or faults:
                raise CommandError("The pack cannot be used as it is.", returncode=1)
            self._tell(formula, options["language"])

    def _tell(self, formula: Formula, language: str) -> None:
        self.stdout.write(f"{formula.name} {formula.version}: {formula.title.said(language)}")
        self.stdout.write(f"  {in_words(formula.counts)}")
        for rule in formula.rates.values():
            self.stdout.write(f"{rule.title.said(language)} = {in_words(rule.of)}")
            for step in rule.steps:
                self.stdout.write(f"  {step.points}/{rule.full}: {in_words(step.when)}")
