"""Uploaded files: what was kept, never under the name it came with."""

from __future__ import annotations

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField


def new_key() -> str:
    """Return an unguessable key for a file's address."""
    return secrets.token_urlsafe(16)


class PositionSource(models.TextChoices):
    """Where a photo's position comes from."""

    UNKNOWN = "", _("没有位置")
    EXIF = "exif", _("照片自带")


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    """Files, in the office's words."""

    def of_original(self, sha256: str) -> Self:
        """Return the files made from one and the same original, oldest first."""
        return self.filter(original_sha256=sha256).order_by("id")

    def without_thumbnail(self) -> Self:
        """Return the files whose thumbnail is still to be made."""
        return self.filter(thumbnail_at__isnull=True)


class StoredFile(models.Model):
    """A checked and stripped picture (文件). Who may see it is decided by the room that attached it.

    Every photo is private: nothing here can make one public before faces and plates are blurred.
    """

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    key = models.CharField(max_length=32, default=new_key)
    sha256 = models.CharField(max_length=64)
    original_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    original_kind = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    original_size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)
    taken_zone_assumed = models.BooleanField(default=False)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    position_source = models.CharField(max_length=10, choices=PositionSource.choices, default="", blank=True)
    thumbnail_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("文件")
        indexes = [
            models.Index(fields=["sha256"], name="files_storedfile_sha256"),
            models.Index(fields=["original_sha256"], name="files_storedfile_original"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key", "district_id"], name="files_storedfile_key"),
            models.CheckConstraint(
                name="files_storedfile_position",
                condition=Q(position_source="", lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)) & ~Q(position_source=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.width}×{self.height}"

    @property
    def path(self) -> str:
        """Return where the picture lies in the storage, derived from its content."""
        return path_of(self.sha256)

    @property
    def thumbnail_path(self) -> str:
        """Return where the thumbnail lies in the storage."""
        return thumbnail_path_of(self.sha256)


THUMBNAILS = "thumbs"


def path_of(sha256: str) -> str:
    """Return the place of a picture with this content: `ab/cd/abcd….jpg`."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}.jpg"


def thumbnail_path_of(sha256: str) -> str:
    """Return the place of the thumbnail of a picture with this content."""
    return f"{THUMBNAILS}/{path_of(sha256)}"
