"""What follows from a case by itself: call-backs planned, drawn, asked, expired, withdrawn."""

from __future__ import annotations

from django.utils import timezone

from siquan.base.journal.models import Entry
from siquan.city.rules.models import Clock
from siquan.work.callbacks import services
from siquan.work.callbacks.models import Reason


def plan_after_close(entry: Entry) -> None:
    """Plan to ask the reporter of a case that was closed; the reaction to `case.closed`."""
    services.plan_call_back(entry.about_id or 0, reason=Reason.CLOSED, anchor_at=entry.at, at=entry.at)


def plan_after_limit(entry: Entry) -> None:
    """Plan to ask the reporter of a case whose handling is late, if the plan wants so."""
    if entry.details.get("clock") == Clock.HANDLING:
        services.plan_call_back(entry.about_id or 0, reason=Reason.LIMIT, anchor_at=entry.at, at=entry.at)


def withdraw_after_reopening(entry: Entry) -> None:
    """Ask nobody about a case that is taken up again; the reaction to `case.reopened`."""
    services.withdraw_open(entry.about_id or 0, at=entry.at)


def ask_due() -> int:
    """Send the messages whose time has come."""
    return services.ask_due(at=timezone.now())


def expire_due() -> int:
    """Stop asking where the time is over."""
    return services.expire_due(at=timezone.now())


def draw_due() -> int:
    """Draw the samples of stretches of time that are over."""
    return services.draw_due(at=timezone.now())
