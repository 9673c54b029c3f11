"""Sealed originals of photos whose time is over: removed, while the covered picture and its hash stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from siquan.base.files import services as files
from siquan.base.files.models import StoredFile
from siquan.base.privacy.registry import Gone
from siquan.work.cases.models import CasePhoto
from siquan.work.cases.states import FINAL


def originals_over(before: datetime) -> QuerySet[StoredFile]:
    """Return the files kept since before whose original is over: no case with them is open or ended since."""
    needed = CasePhoto.objects.filter(file=OuterRef("pk")).filter(
        ~Q(case__state__in=FINAL) | Q(case__closed_at__gte=before)
    )
    old = StoredFile.objects.with_original().filter(blurred_at__isnull=False, created_at__lt=before)
    return old.exclude(Exists(needed))


def count_originals(before: datetime) -> int:
    """Return how many originals are over."""
    return originals_over(before).count()


@transaction.atomic
def forget_originals(before: datetime, at_once: int) -> Gone:
    """Remove some of the originals that are over."""
    over = originals_over(before).select_for_update(of=("self",), skip_locked=True)
    found = list(over.order_by("created_at", "pk")[:at_once])
    files.remove_originals(found, at=timezone.now())
    return Gone(len(found), "storedfile", [each.pk for each in found])
