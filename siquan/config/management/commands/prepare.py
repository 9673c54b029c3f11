"""What every start does first: tables, static files, and the demo district if it is one."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Bring tables, static files and the demo district up to date; what is up to date costs nothing."""

    help = "bring tables and static files up to date, and the demo district if it is one"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what is passed on to `demo_build`."""
        parser.add_argument("--demo", type=int, metavar="CASES")
        parser.add_argument("--seed", type=int, default=2026)
        parser.add_argument("--until")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, step by step."""
        call_command("migrate", interactive=False, verbosity=0)
        collect_static()
        if options["demo"] is not None:
            words = ["--cases", str(options["demo"]), "--seed", str(options["seed"])]
            words += ["--until", options["until"]] if options["until"] else []
            call_command("demo_build", *words, stdout=self.stdout, stderr=self.stderr)


def collect_static() -> bool:
    """Collect the static files unless the same ones were collected before; return whether they were."""
    target = Path(settings.STATIC_ROOT)
    mark, digest = target / "made-from.txt", _digest()
    if mark.exists() and mark.read_text() == digest:
        return False
    # Names carry their contents' hash, so files of an older version may stay for pages still open.
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(digest)
    return True


def _digest() -> str:
    """Return what static files are made from: our files by name, size and time, the others by version."""
    found = hashlib.sha256("".join(version(name) for name in ("Django", "django-ninja")).encode())
    for path in sorted(Path(settings.PACKAGE).rglob("static/**/*")):
        if path.is_file():
            known = path.stat()
            found.update(f"{path} {known.st_size} {known.st_mtime_ns}\n".encode())
    return found.hexdigest()
