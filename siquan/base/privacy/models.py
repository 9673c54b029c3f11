"""How long each class of personal data is kept, what is gone, and who asked for whose data."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siquan.base.journal.models import APPEND_ONLY
from siquan.base.kernel.districts import DistrictField
from siquan.base.kernel.maskedtext import MaskedLine


class RetentionRule(models.Model):
    """For how many days a class is kept (保存期限); the newest row of a class counts."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    kind = models.CharField(max_length=30)
    days = models.PositiveIntegerField()
    source = MaskedLine(max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("保存期限")
        indexes = [models.Index(fields=["district_id", "kind", "-id"], name="privacy_rule_newest")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.days}"


class Why(models.TextChoices):
    """Why something is gone."""

    RETENTION = "retention", _("保存期满")
    ERASURE = "erasure", _("本人要求删除")


class Tombstone(models.Model):
    """Personal data was here and is gone (删除标记): what class, of what, when, by which rule; no more."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    kind = models.CharField(max_length=30)
    why = models.CharField(max_length=12, choices=Why.choices)
    about_type = models.CharField(max_length=30, blank=True)
    about_id = models.BigIntegerField(null=True)
    count = models.PositiveIntegerField(default=1)
    rule = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("删除标记")
        triggers = APPEND_ONLY
        indexes = [
            models.Index(fields=["about_type", "about_id"], name="privacy_tombstone_about"),
            models.Index(fields=["kind", "-id"], name="privacy_tombstone_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.about_type} {self.about_id}"


class Wish(models.TextChoices):
    """What was done with a person's data."""

    LOOK = "look", _("查询")
    EXPORT = "export", pgettext_lazy("留痕", "导出")
    ERASE = "erase", _("删除")


class PersonRequest(models.Model):
    """Somebody's data was looked up, handed out or erased; whose it was is not kept here."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    wish = models.CharField(max_length=10, choices=Wish.choices)
    reason = MaskedLine(max_length=200)
    held = models.PositiveIntegerField(default=0)
    erased = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("个人信息请求")

    def __str__(self) -> str:
        return f"{self.wish} {self.at:%Y-%m-%d}"
