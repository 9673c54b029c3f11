"""Pairs of cases that are possibly about the same matter: a table of its own file."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from siquan.work.cases.likeness.scoring import Likeness


class Twin(models.Model):
    """A case that may repeat an earlier one (可能重复), why, and what somebody decided about it.

    Merging is a verb of the case and decides by itself; `parted_at` says that they are two matters.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="twins")
    other = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    metres = models.FloatField()
    hours = models.FloatField()
    kin = models.SmallIntegerField()
    words = models.FloatField()
    at = models.DateTimeField()
    parted_at = models.DateTimeField(null=True)
    parted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("可能重复")
        indexes = [
            models.Index(fields=["case"], name="cases_twin_open", condition=Q(parted_at__isnull=True)),
        ]
        constraints = [models.UniqueConstraint(fields=["case", "other"], name="cases_twin_once")]

    def __str__(self) -> str:
        return f"{self.case_id} like {self.other_id}"

    @property
    def why(self) -> str:
        """Return the reasons in words."""
        return Likeness(metres=self.metres, hours=self.hours, kin=self.kin, words=self.words).why()
