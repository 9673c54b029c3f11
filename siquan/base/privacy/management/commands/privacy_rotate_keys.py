"""`siquan privacy rotate-keys`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from siquan.base.kernel import sealing
from siquan.base.privacy import services


class Command(BaseCommand):
    """Seal everything with the newest key."""

    help = "seal personal data with the newest key of the keyring; safe to break off and to run again"

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through every sealed table, then say which key seals how much."""
        with tqdm(unit=" rows", disable=None) as bar:

            def told(table: str, rows: int) -> None:
                bar.set_description(table)
                bar.update(rows)

            done = services.rotate_keys(each=told)
        newest = sealing.keyring().newest.id
        self.stdout.write(f"{done.values} values in {done.rows} rows sealed anew with key {newest}")
        for name, count in sorted(services.count_by_key().items()):
            left = "" if name == newest else "  (still needed)"
            self.stdout.write(f"key {name}: {count} values{left}")
