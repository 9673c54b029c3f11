"""Uploaded files: what was kept, never under the name it came with."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField


def new_key() -> str:
    """Return an unguessable key for a file's address."""
    return secrets.token_urlsafe(16)


class StoredFile(models.Model):
    """A checked and stripped picture (文件). Who may see it is decided by the room that attached it."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    key = models.CharField(max_length=32, unique=True, default=new_key)
    sha256 = models.CharField(max_length=64, db_index=True)
    original_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    thumbnail_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("文件")

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.width}×{self.height}"
