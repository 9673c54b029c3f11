"""Formula packs, what was reckoned by them, and appeals against what was counted."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.files.models import StoredFile
from siquan.base.kernel.districts import DistrictField
from siquan.city.places.models import AsOfQuerySet
from siquan.city.units.models import Unit
from siquan.insight.scoring.states import AppealState
from siquan.work.cases.models import Case


class RateKind(models.TextChoices):
    """The hotline's three rates; the property three rates (物业三率) are another thing."""

    RESPONSE = "response", _("响应率")
    RESOLUTION = "resolution", _("解决率")
    SATISFACTION = "satisfaction", _("满意率")


class Scope(models.TextChoices):
    """For what a rate is reckoned: places and units, never persons."""

    DISTRICT = "district", _("全区")
    STREET = "street", _("街道")
    UNIT = "unit", _("责任单位")


class FormulaPack(models.Model):
    """One version of the formula (公式包); which counts is asked by a period's first day."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=30)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=300)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    loaded_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    text = models.TextField()

    objects = AsOfQuerySet.as_manager()

    class Meta:
        verbose_name = _("公式包")
        triggers = [
            pgtrigger.ReadOnly(name="unchangeable", exclude=["valid_to"]),
            pgtrigger.Protect(name="undeletable", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(fields=["district_id", "name", "version"], name="scoring_pack_version")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def shown_title(self) -> str:
        """The title in the reader's language."""
        return self.title_en if self.title_en and get_language() == "en" else self.title


class Why(models.TextChoices):
    """Why a period was reckoned."""

    CLOCK = "clock", pgettext_lazy("计算", "按日更新")
    APPEAL = "appeal", pgettext_lazy("计算", "申诉同意后重算")
    ASKED = "asked", pgettext_lazy("计算", "人工要求")


class Reckoning(models.Model):
    """One reckoning of one period by one pack, from what was known at `known_at` (计算)."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    pack = models.ForeignKey(FormulaPack, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=10)
    known_at = models.DateTimeField()
    computed_at = models.DateTimeField()
    why = models.CharField(max_length=10, choices=Why.choices)

    class Meta:
        verbose_name = _("三率计算")
        triggers = [pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update | pgtrigger.Delete)]
        indexes = [
            models.Index(fields=["district_id", "period", "-known_at", "-id"], name="scoring_reckoning_new")
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.known_at:%Y-%m-%d}"


class Tally(models.Model):
    """Cases that count alike: same rate, street, unit, points, weight; `reason` says why they are left out.

    A figure is the sum over these lists, so a figure and the list it opens to can never disagree.
    """

    id = models.BigAutoField(primary_key=True)
    reckoning = models.ForeignKey(Reckoning, on_delete=models.CASCADE, related_name="tallies")
    rate = models.CharField(max_length=12, choices=RateKind.choices)
    street = models.CharField(max_length=24)
    unit = models.CharField(max_length=24)
    points = models.PositiveSmallIntegerField()
    weight = models.PositiveIntegerField()
    reason = models.CharField(max_length=40)
    case_ids = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = _("计入名单")
        indexes = [models.Index(fields=["reckoning", "rate"], name="scoring_tally_rate")]

    def __str__(self) -> str:
        return f"{self.rate} {self.street} {self.unit} {self.points}"


class Rate(models.Model):
    """One rate of one place or unit, as two integers; a denominator of 0 means there were no cases.

    `numerator` and `denominator` are points; the `weighted_` ones carry each case's weight in thousandths.
    """

    id = models.BigAutoField(primary_key=True)
    reckoning = models.ForeignKey(Reckoning, on_delete=models.CASCADE, related_name="rates")
    scope = models.CharField(max_length=10, choices=Scope.choices)
    code = models.CharField(max_length=24)
    rate = models.CharField(max_length=12, choices=RateKind.choices)
    cases = models.PositiveIntegerField()
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    weighted_numerator = models.BigIntegerField()
    weighted_denominator = models.BigIntegerField()
    weight = models.BigIntegerField()
    weight_squares = models.BigIntegerField()
    left_out = models.PositiveIntegerField()
    left_out_by_appeal = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("三率")
        triggers = [pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(fields=["reckoning", "scope", "code", "rate"], name="scoring_rate_once")
        ]

    def __str__(self) -> str:
        return f"{self.rate} {self.scope} {self.code} {self.numerator}/{self.denominator}"


class Appeal(models.Model):
    """A unit's wish that a closing of a case not count in its rates (申诉), its reason, and the decision."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    pack = models.ForeignKey(FormulaPack, on_delete=models.PROTECT, related_name="+")
    rate = models.CharField(max_length=12, choices=RateKind.choices, blank=True)
    reason = models.CharField(max_length=30)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=AppealState.choices, default=AppealState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("申诉")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "closed_at", "rate"],
                condition=models.Q(state__in=[AppealState.ASKED, AppealState.GRANTED]),
                name="scoring_appeal_once",
            )
        ]
        indexes = [
            models.Index(fields=["district_id", "state", "-id"], name="scoring_appeal_state"),
            models.Index(fields=["unit", "-id"], name="scoring_appeal_unit"),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"

    @property
    def decider_ids(self) -> list[int]:
        """Return who has decided or revised so far; none of them decides again."""
        return [each.by_id for each in self.decisions.all()]


class AppealDecision(models.Model):
    """One decision on an appeal (申诉决定); a later one takes its place and changes nothing of it.

    The rates of a past day count by the decision of that day.
    """

    id = models.BigAutoField(primary_key=True)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="decisions")
    state = models.CharField(max_length=10, choices=AppealState.choices)
    ground = models.CharField(max_length=30, blank=True)
    answer = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("申诉决定")
        indexes = [models.Index(fields=["appeal", "-id"], name="scoring_decision_of")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.state} of appeal {self.appeal_id}"


class AppealPhoto(models.Model):
    """A photo that speaks for an appeal."""

    id = models.BigAutoField(primary_key=True)
    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("申诉照片")
        constraints = [models.UniqueConstraint(fields=["appeal", "file"], name="scoring_appeal_photo_once")]

    def __str__(self) -> str:
        return f"photo of appeal {self.appeal_id}"
