"""`siquan files rotate-keys`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from siquan.base.files import services
from siquan.base.kernel import sealing


class Command(BaseCommand):
    """Seal the keys of all originals with the newest key; no original is touched."""

    help = "seal the keys of originals with the newest key of the keyring; safe to break off and to run again"

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it in batches, and say how many there were."""
        done = services.rotate_keys(lambda count: self.stdout.write(f"{count} …"))
        self.stdout.write(f"{done} originals now open with key {sealing.keyring().newest.id}")
