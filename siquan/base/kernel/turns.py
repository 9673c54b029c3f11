"""Whose turn it is, by a clock that somebody may set back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q


def is_due(at: datetime, *, turn: str, longest: timedelta, tries: str = "") -> Q:
    """Return the condition for what has its turn at `at`, by the field `turn`.

    What would wait longer than the `longest` wait there is was written before the clock was set back, and is
    due. So is what was never tried (field `tries`), where nothing is put off before its first try.
    """
    due = Q(**{f"{turn}__lte": at}) | Q(**{f"{turn}__gt": at + longest})
    return due | Q(**{tries: 0}) if tries else due
