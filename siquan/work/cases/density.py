"""How many cases lie where: counted in advance, because a wide window of the map may hold a million."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.work.cases.states import State


class Density(models.Model):
    """How many cases of a month and a state lie in one square of about 100 m (案件密度); made by a job."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    month = models.PositiveIntegerField()  # 202609
    state = models.CharField(max_length=12, choices=State.choices)
    lon = models.FloatField()  # the mean of the cases' places
    lat = models.FloatField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("案件密度")
        indexes = [models.Index(fields=["district_id"], name="cases_density_district")]

    def __str__(self) -> str:
        return f"{self.count} in {self.month}"


class DensityRun(models.Model):
    """When the squares of a district were counted last, and up to which journal entry."""

    district_id = DistrictField(primary_key=True)
    counted_at = models.DateTimeField()
    last_entry = models.BigIntegerField()

    class Meta:
        verbose_name = _("案件密度统计")

    def __str__(self) -> str:
        return f"{self.district_id} at {self.counted_at:%Y-%m-%d %H:%M}"
