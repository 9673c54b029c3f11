"""What one can ask about one's own notices."""

from __future__ import annotations

from django.db import models

from siquan.base.accounts.models import User
from siquan.base.notices.models import Notice

MOST_COUNTED = 100


def inbox(user: User) -> models.QuerySet[Notice]:
    """Return a person's notices: those not read yet first, each group newest first."""
    unread_first = models.Case(models.When(read_at=None, then=0), default=1)
    return Notice.objects.of(user.pk).order_by(unread_first, "-id")


def unread_count(user: User) -> int:
    """Return how many notices are unread; it stops counting at 100."""
    return Notice.objects.of(user.pk).unread().order_by()[:MOST_COUNTED].count()
