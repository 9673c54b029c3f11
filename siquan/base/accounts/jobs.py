"""What the worker does for accounts."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from axes.models import AccessAttempt
from django.conf import settings
from django.utils import timezone

KEPT = timedelta(days=1)  # far longer than a lock-out


def forget_what_expired() -> int:
    """Remove ended sessions, and failed tries (name and address) that no lock-out needs any more."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    removed: int = AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - KEPT).delete()[0]
    return removed
