"""The table of models that learn from what was chosen at filing: how far, how good, in use since when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.work.cases.states import LEARNING_NOW, LearningState

LOST_AFTER: Final = timedelta(seconds=60)  # without a word of the worker, which speaks every second


class LearnedModel(models.Model):
    """A model that suggests categories (类别建议模型), learned here; `by` is None for one found in its place.

    `figures` is the comparison with the model in use at that time, on letters neither has learned from.
    `has_file` says whether it can still be used.
    """

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    state = models.CharField(max_length=12, choices=LearningState, default=LearningState.QUEUED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    lessons = models.PositiveIntegerField(null=True)
    letters = models.PositiveIntegerField(null=True)
    version = models.CharField(max_length=16, blank=True)
    against = models.CharField(max_length=16, blank=True)
    figures = models.JSONField(default=dict)
    problem = models.CharField(max_length=200, blank=True)
    has_file = models.BooleanField(default=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    used_from = models.DateTimeField(null=True)
    used_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("类别建议模型")
        constraints = [
            models.UniqueConstraint(
                fields=["district_id"], condition=Q(state__in=LEARNING_NOW), name="cases_learning_once"
            ),
            models.UniqueConstraint(
                fields=["district_id"], condition=Q(state=LearningState.IN_USE), name="cases_learned_in_use"
            ),
        ]
        indexes = [models.Index(fields=["district_id", "-id"], name="cases_learned_list")]

    def __str__(self) -> str:
        return f"model {self.pk}: {self.state}"

    @property
    def is_learning(self) -> bool:
        """Return whether it waits for the worker or is at work."""
        return self.state in LEARNING_NOW

    def is_lost(self, at: datetime) -> bool:
        """Tell whether the worker that learned it has fallen silent."""
        return self.state == LearningState.LEARNING and (self.heard_at or self.asked_at) < at - LOST_AFTER
