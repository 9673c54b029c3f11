"""What one can ask about one's own notices."""

from __future__ import annotations

from django.db import models

from siquan.base.accounts.models import User
from siquan.base.kernel.districts import current_district
from siquan.base.notices.models import Delivery, DeliveryState, Notice

MOST_COUNTED = 100
MOST_FAILED = 1000


def inbox(user: User) -> models.QuerySet[Notice]:
    """Return a person's notices: those not read yet first, each group newest first."""
    unread_first = models.Case(models.When(read_at=None, then=0), default=1)
    return Notice.objects.of(user.pk).order_by(unread_first, "-id")


def unread_count(user: User) -> int:
    """Return how many notices are unread; it stops counting at 100."""
    return Notice.objects.of(user.pk).unread().order_by()[:MOST_COUNTED].count()


def undelivered() -> models.QuerySet[Delivery]:
    """Return the deliveries that have not arrived, newest first, with their notices."""
    found = Delivery.objects.in_trouble().filter(notice__district_id=current_district())
    return found.select_related("notice__to_user").order_by("-id")


def undelivered_count(_user: object = None) -> int:
    """Return how many deliveries have failed for good; it stops counting at 1,000."""
    failed = Delivery.objects.filter(state=DeliveryState.FAILED, notice__district_id=current_district())
    return failed[:MOST_FAILED].count()
