"""What the worker does for the files."""

from __future__ import annotations

from django.utils import timezone

from siquan.base.files import services


def blur_next() -> bool:
    """Blur the next picture that waits for it; return whether there was one."""
    if services.blur_next(at=timezone.now()):
        return True
    services.rest()
    return False


def stop_blurring() -> None:
    """Interrupt the picture that is being blurred; its turn comes again."""
    services.stop()


def sweep_orphans() -> int:
    """Sweep one twenty-fourth of the folders, chosen by the hour: every folder has its turn once a day."""
    now = timezone.now()
    folders = (f"{number:02x}" for number in range(256) if number % 24 == now.hour)
    return services.sweep_orphans(at=now, folders=folders)
