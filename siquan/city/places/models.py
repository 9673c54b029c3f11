"""Divisions, blocks, cells and sites, each as of a day."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.base.kernel.prepared import Given


class Level(models.TextChoices):
    """The levels of the city, largest first."""

    DISTRICT = "district", _("区")
    STREET = "street", _("街道")
    COMMUNITY = "community", _("社区")
    BLOCK = "block", _("街区")
    CELL = "cell", _("单元网格")


class BlockKind(models.TextChoices):
    """The four kinds of block."""

    GOVERNMENT = "government", _("政务型")
    CULTURE = "culture", _("文化型")
    RESIDENTIAL = "residential", _("居住型")
    INDUSTRY = "industry", _("产业型")


class AsOfQuerySet(models.QuerySet[Any]):
    """Rows that hold from a day to a day (the last day not included)."""

    def as_of(self, day: date | Given) -> Self:
        """Return what was in force on a day."""
        return self.filter(models.Q(valid_to=None) | models.Q(valid_to__gt=day), valid_from__lte=day)


def in_force(row: Any, day: date) -> bool:
    """Tell of a row in memory what `as_of` asks of rows in a table."""
    return row.valid_from <= day and (row.valid_to is None or row.valid_to > day)


class InWindow(models.Func):
    """Tell whether a row's `lon` and `lat` lie in a window; answered by the GiST index on `point(lon, lat)`.

    Usable on any model with these two columns: `Site.objects.filter(InWindow(west, south, east, north))`.
    """

    template = "%(expressions)s"
    arg_joiner = " <@ "
    output_field = models.BooleanField()
    conditional = True

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        """Keep the corners, in WGS-84 degrees."""
        point = models.Func("lon", "lat", function="point")
        corners = [
            models.Func(*map(models.Value, corner), function="point")
            for corner in ((west, south), (east, north))
        ]
        super().__init__(point, models.Func(*corners, function="box"))


class Division(models.Model):
    """A piece of the city (区划): district, street, community, block or cell. A change is a new row."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    level = models.CharField(max_length=10, choices=Level.choices)
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    kind = models.CharField(max_length=12, choices=BlockKind.choices, blank=True)
    boundary = models.JSONField(null=True)
    area_m2 = models.FloatField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)

    objects = AsOfQuerySet.as_manager()

    class Meta:
        verbose_name = _("区划")
        constraints = [
            models.UniqueConstraint(fields=["district_id", "code", "valid_from"], name="places_division_code")
        ]
        indexes = [models.Index(fields=["district_id", "level"], name="places_division_level")]

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


class BoundaryDraft(models.Model):
    """A file of changed boundaries (区划调整稿) that was handed in, to be looked at and then published."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content = models.JSONField()
    valid_from = models.DateField()
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("区划调整稿")

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place people name (点位): an alley, a school, a station, a compound."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    code = models.CharField(max_length=24)
    kind = models.CharField(max_length=30)
    kind_name = models.CharField(max_length=40)
    kind_name_en = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=100)
    road_class = models.CharField(max_length=12, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    extent_m = models.FloatField(null=True)
    street = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    block = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    cell = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)

    objects = AsOfQuerySet.as_manager()

    class Meta:
        verbose_name = _("点位")
        constraints = [
            models.UniqueConstraint(fields=["district_id", "code", "valid_from"], name="places_site_code")
        ]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="places_site_name"),
            GistIndex(models.Func("lon", "lat", function="point"), name="places_site_point"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_in_words(self) -> str:
        """Return the name of the kind in the reader's language."""
        return kind_in_words(self.kind_name, self.kind_name_en)


class Wording(models.Model):
    """What else places are found by when somebody tells them in words; in force from a day to a day."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)

    objects = AsOfQuerySet.as_manager()

    class Meta:
        abstract = True


class RoadLine(Wording):
    """The line of a named road, as parts of [lon, lat] pairs, so that one can walk along it."""

    name = models.CharField(max_length=100)
    line = models.JSONField()

    class Meta:
        verbose_name = _("道路线")
        constraints = [
            models.UniqueConstraint(
                fields=["district_id", "name", "valid_from"], name="places_road_line_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Crossing(Wording):
    """Where two named roads meet."""

    one = models.CharField(max_length=100)
    other = models.CharField(max_length=100)
    lon = models.FloatField()
    lat = models.FloatField()

    class Meta:
        verbose_name = _("路口")
        constraints = [
            models.UniqueConstraint(
                fields=["district_id", "one", "other", "lon", "lat", "valid_from"],
                name="places_crossing_point",
            )
        ]

    def __str__(self) -> str:
        return f"{self.one} × {self.other}"


class Door(Wording):
    """A house number of a road whose position is known."""

    road = models.CharField(max_length=100)
    number = models.CharField(max_length=12)
    lon = models.FloatField()
    lat = models.FloatField()

    class Meta:
        verbose_name = _("门牌")
        constraints = [
            models.UniqueConstraint(
                fields=["district_id", "road", "number", "valid_from"], name="places_door_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.road}{self.number}号"


class AliasSort(models.TextChoices):
    """Why a place has another name."""

    OLD = "old", _("旧称")
    SHORT = "short", _("俗称或简称")
    CROSSING = "crossing", _("路口名")
    OUTSIDE = "outside", _("本区以外")


class Alias(Wording):
    """Another name of a place: `name` is on the map, or two roads joined by ×; empty for what is outside."""

    alias = models.CharField(max_length=100)
    name = models.CharField(max_length=210, blank=True)
    sort = models.CharField(max_length=10, choices=AliasSort.choices)

    class Meta:
        verbose_name = _("别名")
        constraints = [
            models.UniqueConstraint(
                fields=["district_id", "alias", "name", "valid_from"], name="places_alias_name"
            )
        ]

    def __str__(self) -> str:
        return self.alias


def kind_in_words(chinese: str, english: str) -> str:
    """Return the name of a kind of site in the reader's language."""
    return english if english and get_language() == "en" else chinese
