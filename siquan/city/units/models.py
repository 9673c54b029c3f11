"""Organisations: who can answer for something."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.city.places.models import AsOfQuerySet, Division


class Kind(models.TextChoices):
    """Kinds of unit."""

    CENTRE = "centre", _("中心")
    BUREAU = "bureau", _("委办局")
    STREET_OFFICE = "street_office", _("街道办事处")
    COMMUNITY = "community", _("社区")
    ENTERPRISE = "enterprise", _("企业")
    CENTRAL_ORGAN = "central_organ", _("中央单位")
    GARRISON = "garrison", _("驻区部队")


class Unit(models.Model):
    """An organisation (单位) that can answer for cases and indicators."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=30, blank=True)
    name_en = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    division = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="units")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)

    objects = AsOfQuerySet.as_manager()

    class Meta:
        verbose_name = _("单位")
        constraints = [
            models.UniqueConstraint(fields=["district_id", "code", "valid_from"], name="units_unit_code")
        ]

    def __str__(self) -> str:
        if self.name_en and get_language() == "en":
            return self.name_en
        return self.short_name or self.name
