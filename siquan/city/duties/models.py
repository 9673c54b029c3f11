"""Who holds which role, for which place or unit, from when to when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.city.places.models import AsOfQuerySet, Division
from siquan.city.units.models import Unit


class Role(models.TextChoices):
    """The roles of the case loop; what each may do is written in the rooms' RULES."""

    DISPATCHER = "dispatcher", _("中心派遣员")
    CENTRE_LEAD = "centre_lead", _("中心负责人")
    UNIT_CLERK = "unit_clerk", _("单位经办人")
    GRID_WORKER = "grid_worker", _("网格员")
    CHECKER = "checker", _("核查员")
    CALLER = "caller", _("回访员")
    EVALUATOR = "evaluator", _("外部评价员")
    RULE_EDITOR = "rule_editor", _("规则管理员")
    LEADER = "leader", _("区领导")
    ADMIN = "admin", _("系统管理员")


class Duty(models.Model):
    """One person's role (职责) for a unit, for a division, or for the whole district when both are empty."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duties")
    role = models.CharField(max_length=20, choices=Role.choices)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="duties")
    division = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="duties")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    objects = AsOfQuerySet.as_manager()

    class Meta:
        verbose_name = _("职责")
        constraints = [
            models.UniqueConstraint(
                fields=["district_id", "user", "role", "unit", "division", "valid_from"],
                nulls_distinct=False,
                name="duties_duty_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.unit or self.division or ''}".strip()
