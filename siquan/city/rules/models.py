"""Rules of the city as data: categories, time limits, responsibilities, working calendars."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.city.places.models import AsOfQuerySet, BlockKind, Division
from siquan.city.units.models import Unit

# A rule once loaded is what cases were judged by: a change is a new version of the pack.
UNCHANGEABLE = [
    pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update | pgtrigger.Delete),
]


class Pack(models.Model):
    """One version of a set of rules (规则包). The newest version that is valid on a day counts."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=30)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    source = models.CharField(max_length=300)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    loaded_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    objects = AsOfQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则包")
        triggers = [
            pgtrigger.ReadOnly(name="unchangeable", exclude=["valid_to"]),
            pgtrigger.Protect(name="undeletable", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(fields=["district_id", "name", "version"], name="rules_pack_version")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def shown_title(self) -> str:
        """The title in the reader's language."""
        return self.title_en if self.title_en and get_language() == "en" else self.title

    @property
    def shown_note(self) -> str:
        """The note in the reader's language."""
        return self.note_en if self.note_en and get_language() == "en" else self.note


class CaseKind(models.TextChoices):
    """Component or event (GB/T 30428.2), or a service matter of the hotline."""

    COMPONENT = "component", _("部件")
    EVENT = "event", _("事件")
    SERVICE = "service", _("社会服务")


class Category(models.Model):
    """A class of case on one of three levels (类别)."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="categories")
    line = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=20)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    level = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=CaseKind.choices)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    filing_condition = models.TextField(blank=True)
    closing_condition = models.TextField(blank=True)
    is_urgent = models.BooleanField(default=False)
    is_private = models.BooleanField(default=False)  # of somebody's home: the public gets no exact place
    source = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("类别")
        triggers = UNCHANGEABLE
        constraints = [models.UniqueConstraint(fields=["pack", "code"], name="rules_category_code")]

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


class Clock(models.TextChoices):
    """What a time limit is for."""

    FILING = "filing", _("立案")
    HANDLING = "handling", _("处置")
    VERIFICATION = "verification", _("核查")


class RoadClass(models.TextChoices):
    """The classes of road by which limits differ (道路等级)."""

    MAIN = "main", _("主干路")
    SECONDARY = "secondary", _("次干路")
    BRANCH = "branch", _("支路")
    ALLEY = "alley", _("背街小巷")


class LimitRule(models.Model):
    """How long a step may take (时限), for a category on any level and, if given, a class of road."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="limits")
    line = models.PositiveIntegerField()
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="limits")
    road_class = models.CharField(max_length=12, blank=True)
    clock = models.CharField(max_length=12, choices=Clock.choices)
    amount = models.PositiveIntegerField()
    measure = models.CharField(max_length=20)
    source = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("时限规则")
        triggers = UNCHANGEABLE
        constraints = [models.UniqueConstraint(fields=["pack", "line"], name="rules_limit_line")]

    def __str__(self) -> str:
        return f"limits.csv:{self.line}"


class ResponsibilityRule(models.Model):
    """Who answers (责任清单): category × division or kind of block → lead and assisting units, from/to."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="responsibilities")
    line = models.PositiveIntegerField()
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="responsibilities")
    division = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    block_kind = models.CharField(max_length=12, choices=BlockKind.choices, blank=True)
    lead = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    assists = models.ManyToManyField(Unit, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300)

    objects = AsOfQuerySet.as_manager()

    class Meta:
        verbose_name = _("责任规则")
        triggers = UNCHANGEABLE
        constraints = [models.UniqueConstraint(fields=["pack", "line"], name="rules_responsibility_line")]

    def __str__(self) -> str:
        return f"responsibilities.csv:{self.line}"


class Calendar(models.Model):
    """One version of the working calendar (工作日历): hours and days; cases keep the version they used."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    name = models.CharField(max_length=20)
    version = models.CharField(max_length=30)
    office_hours = models.JSONField()
    urgent_hours = models.JSONField()
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField()
    provisional_years = ArrayField(models.PositiveSmallIntegerField(), default=list)
    valid_from = models.DateField()
    loaded_at = models.DateTimeField()
    digest = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("工作日历")
        triggers = UNCHANGEABLE
        constraints = [
            models.UniqueConstraint(fields=["district_id", "name", "version"], name="rules_calendar_version")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Draft(models.Model):
    """A pack somebody has sent in and not loaded yet: its files as text, until loaded or thrown away."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    files = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("待装入的规则包")

    def __str__(self) -> str:
        return f"draft {self.pk}"


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a swapped working day (调休)."""

    id = models.BigAutoField(primary_key=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    is_working = models.BooleanField()
    is_statutory = models.BooleanField(default=False)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("特殊日")
        triggers = UNCHANGEABLE
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="rules_calendar_day")]

    def __str__(self) -> str:
        return f"{self.date} {self.shown_name}"

    @property
    def shown_name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if self.name_en and get_language() == "en" else self.name
