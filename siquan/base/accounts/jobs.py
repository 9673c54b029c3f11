"""What the worker does for accounts."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.utils import timezone

from siquan.base.accounts import browsers, pacing


def forget_what_expired() -> int:
    """Remove ended sessions with what is known of their browsers, and tries that slow nobody any more."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    browsers.forget_ended()
    return pacing.forget_old(timezone.now() - pacing.KEPT)
