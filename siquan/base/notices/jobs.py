"""What the worker does for notices."""

from __future__ import annotations

from django.utils import timezone

from siquan.base.notices import services

AT_ONCE = 50  # the worker has other things to do as well


def deliver_due() -> int:
    """Carry out what is due now, and return how many deliveries were tried."""
    done = 0
    while done < AT_ONCE and services.deliver_next(timezone.now()):
        done += 1
    return done
