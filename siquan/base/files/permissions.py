"""Who may see a file: the room that attached it knows; this room only asks, and says no by default."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest

from siquan.base.files.models import StoredFile

Guard = Callable[[HttpRequest, StoredFile], bool]

# Filled by the wiring (`siquan/config/guards.py`): room → guard.
GUARDS: dict[str, Guard] = {}


def use(guards: Mapping[str, Guard]) -> None:
    """Take over the table of guards."""
    GUARDS.clear()
    GUARDS.update(guards)


def may_see(request: HttpRequest, file: StoredFile) -> bool:
    """Only people to whom one of the rooms that attached the photo shows it may see it."""
    return any(guard(request, file) for guard in GUARDS.values())
