"""What the worker does for the journal."""

from __future__ import annotations

from django.utils import timezone

from siquan.base.journal import seals


def seal() -> int:
    """Seal what can be sealed now."""
    return seals.seal(timezone.now())
