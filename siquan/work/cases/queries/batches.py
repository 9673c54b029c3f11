"""The long batches a person has set going."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from siquan.base.kernel.errors import NotFound
from siquan.work.cases.batches import BatchRefusal, DispatchBatch


def batch_of(user: Any, key: int) -> DispatchBatch:
    """Return one of a person's own batches. Raises NotFound."""
    batch = DispatchBatch.objects.filter(by=user, pk=key).defer("case_ids").first()
    if batch is None:
        raise NotFound
    return batch


def refusals_of(batch: DispatchBatch) -> QuerySet[BatchRefusal]:
    """Return what was not dispatched and why, in the order of the batch."""
    return batch.refusals.select_related("case").order_by("id")
