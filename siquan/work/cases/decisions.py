"""The table of what was suggested at filing and what was chosen: the record, and what to learn from."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField


class CategoryDecision(models.Model):
    """One filing: the category a model suggested, how likely it called it, and the one somebody chose.

    The words are those of the case; `text_sha256` tells whether they are still the ones that were read.
    """

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="category_decisions")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    model = models.CharField(max_length=16)
    text_sha256 = models.CharField(max_length=64)
    suggested = models.CharField(max_length=20)
    probability = models.FloatField()
    is_sure = models.BooleanField()
    chosen = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("类别建议与选择")
        indexes = [models.Index(fields=["district_id", "at"], name="cases_decision_when")]
        triggers = [pgtrigger.Protect(name="unchanged", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.suggested} → {self.chosen}"

    @property
    def is_accepted(self) -> bool:
        """Return whether the suggestion was taken."""
        return self.suggested == self.chosen
