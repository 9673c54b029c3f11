"""Tables of a dispatch that is too long to wait for."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField


class DispatchBatch(models.Model):
    """Cases somebody dispatches all together (批量派遣), in their order; `done` says how far it is."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=36)
    language = models.CharField(max_length=10, blank=True)
    case_ids = ArrayField(models.BigIntegerField())
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("批量派遣")
        constraints = [models.UniqueConstraint(fields=["by", "key"], name="cases_batch_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(finished_at=None), name="cases_batch_running")
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}: {self.done}/{self.total}"

    @property
    def dispatched(self) -> int:
        """Return how many have gone out so far."""
        return self.done - self.refused


class BatchRefusal(models.Model):
    """A case of a batch that was not dispatched, and why."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(DispatchBatch, on_delete=models.CASCADE, related_name="refusals")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    reason = models.TextField()

    class Meta:
        verbose_name = _("没有派遣的案件")
        constraints = [models.UniqueConstraint(fields=["batch", "case"], name="cases_batch_refused_once")]

    def __str__(self) -> str:
        return self.reason
