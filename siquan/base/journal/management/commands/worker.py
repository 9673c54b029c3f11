"""`siquan worker`."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from siquan.base.journal import worker


class Command(BaseCommand):
    """Run reactions and scheduled jobs."""

    help = "run what follows from the journal and what is due by the clock"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--drain`."""
        parser.add_argument("--drain", action="store_true", help="stop when nothing is left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to stop."""
        if options["drain"]:
            self.stdout.write(f"{worker.drain()} reactions run")
            self.stdout.write(f"{worker.drain_beside()} pictures and other long jobs done")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        worker.run_forever(stop)
