"""What the worker does for the files."""

from __future__ import annotations

from django.utils import timezone

from siquan.base.files import services
from siquan.base.journal.models import Entry


def make_thumbnail(entry: Entry) -> None:
    """Make the thumbnail of a file that was just stored (reaction to `file.stored`)."""
    if entry.about_id is not None:
        services.make_thumbnail(entry.about_id, at=timezone.now())


def sweep_orphans() -> int:
    """Sweep one twenty-fourth of the folders, chosen by the hour: every folder has its turn once a day."""
    now = timezone.now()
    folders = (f"{number:02x}" for number in range(256) if number % 24 == now.hour)
    return services.sweep_orphans(at=now, folders=folders)
