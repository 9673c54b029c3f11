"""Uploaded files: what was kept, never under the name it came with."""

from __future__ import annotations

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField


def new_key() -> str:
    """Return an unguessable key for a file's address."""
    return secrets.token_urlsafe(16)


def new_sealed_name() -> str:
    """Return the name under which one original is sealed; it says nothing of the content."""
    return secrets.token_hex(16)


class PositionSource(models.TextChoices):
    """Where a photo's position comes from."""

    UNKNOWN = "", _("没有位置")
    EXIF = "exif", _("照片自带")


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    """Files, in the office's words."""

    def of_original(self, sha256: str) -> Self:
        """Return the files made from one and the same original, oldest first."""
        return self.filter(original_sha256=sha256).order_by("id")

    def with_original(self) -> Self:
        """Return the files whose sealed original is still kept."""
        return self.filter(original_removed_at__isnull=True)

    def waiting_for_blur(self) -> Self:
        """Return the files that nobody may look at yet, in the order of their turn."""
        return self.filter(blurred_at__isnull=True).order_by("blur_after", "id")

    def nearly_like(self, likeness: int, *, bits: int) -> Self:
        """Return the files whose perceptual hash differs in at most so many bits, nearest first.

        PostgreSQL counts the bits of each row: bound the rows by another filter first (a case, a street).
        """
        difference = RawSQL("bit_count((files_storedfile.likeness # %s)::bit(64))", [likeness])
        return (
            self.filter(likeness__isnull=False)
            .annotate(difference=ExpressionWrapper(difference, output_field=models.IntegerField()))
            .filter(difference__lte=bits)
            .order_by("difference", "id")
        )


class StoredFile(models.Model):
    """A photo (文件): its original sealed with a key of its own, and the blurred picture made from it.

    Who may see the blurred picture is decided by the room that attached it. The original is never shown by an
    address: it is opened by a person, for a reason, and the journal tells of it.
    """

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    key = models.CharField(max_length=32, default=new_key)
    original_sha256 = models.CharField(max_length=64)
    original_kind = models.CharField(max_length=40)
    original_size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)
    taken_zone_assumed = models.BooleanField(default=False)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    position_source = models.CharField(max_length=10, choices=PositionSource.choices, default="", blank=True)
    # Where the sealed original lies, its data key sealed with a key of the installation, and which one.
    # All three are empty once the original has been removed because its time was over.
    sealed_name = models.CharField(max_length=32, default=new_sealed_name, blank=True)
    sealed_key = models.BinaryField(blank=True)
    sealed_with = models.CharField(max_length=32, blank=True)
    original_removed_at = models.DateTimeField(null=True)
    # The blurred picture, all empty until there is one: nobody sees a picture that was not looked through.
    sha256 = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveIntegerField(default=0)
    blurred_at = models.DateTimeField(null=True)
    detector = models.CharField(max_length=60, blank=True, default="")
    faces = models.PositiveIntegerField(null=True)
    plates = models.PositiveIntegerField(null=True)
    likeness = models.BigIntegerField(null=True)
    blur_tries = models.PositiveSmallIntegerField(default=0)
    blur_after = models.DateTimeField()
    blur_problem = models.CharField(max_length=200, blank=True, default="")
    # What a person marked to be covered as well: [left, top, right, bottom] in thousandths of the picture.
    areas = models.JSONField(default=list, blank=True)
    # Since when nobody is shown the picture, whatever their rights: a person took it away.
    withheld_at = models.DateTimeField(null=True)
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
            models.Index(fields=["sealed_name"], name="files_storedfile_sealed"),
            models.Index(
                fields=["created_at"],
                name="files_storedfile_with_orig",
                condition=Q(original_removed_at__isnull=True),
            ),
            models.Index(
                fields=["blur_after", "id"],
                name="files_storedfile_waiting",
                condition=Q(blurred_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key", "district_id"], name="files_storedfile_key"),
            models.CheckConstraint(
                name="files_storedfile_position",
                condition=Q(position_source="", lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)) & ~Q(position_source=""),
            ),
            models.CheckConstraint(
                name="files_storedfile_original",
                condition=Q(original_removed_at__isnull=True) & ~Q(sealed_name="")
                | Q(original_removed_at__isnull=False, sealed_name="", sealed_key=b"")
                & Q(blurred_at__isnull=False),
            ),
            models.CheckConstraint(
                name="files_storedfile_blurred",
                condition=Q(blurred_at__isnull=True, sha256="")
                | Q(blurred_at__isnull=False, faces__isnull=False, plates__isnull=False)
                & ~Q(sha256="")
                & ~Q(detector=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.original_sha256[:12]} {self.width}×{self.height}"

    @property
    def is_blurred(self) -> bool:
        """Tell whether there is a picture that may be shown."""
        return self.blurred_at is not None

    @property
    def has_original(self) -> bool:
        """Tell whether the sealed original is still kept."""
        return self.original_removed_at is None

    @property
    def is_withheld(self) -> bool:
        """Tell whether a person has taken the picture away from all eyes."""
        return self.withheld_at is not None

    @property
    def is_shown(self) -> bool:
        """Tell whether its address answers with the picture, and not with what stands in its place."""
        return self.is_blurred and not self.is_withheld

    @property
    def sealed_path(self) -> str:
        """Return where the sealed original lies in the storage."""
        return sealed_path_of(self.sealed_name)

    @property
    def path(self) -> str:
        """Return where the blurred picture lies in the storage, derived from its content."""
        return path_of(self.sha256)

    @property
    def thumbnail_path(self) -> str:
        """Return where the thumbnail lies in the storage."""
        return thumbnail_path_of(self.sha256)


THUMBNAILS = "thumbs"
SEALED = "sealed"


def path_of(sha256: str) -> str:
    """Return the place of a picture with this content: `ab/cd/abcd….jpg`."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}.jpg"


def thumbnail_path_of(sha256: str) -> str:
    """Return the place of the thumbnail of a picture with this content."""
    return f"{THUMBNAILS}/{path_of(sha256)}"


def sealed_path_of(name: str) -> str:
    """Return the place of a sealed original: `sealed/ab/cd/abcd….sealed`."""
    return f"{SEALED}/{name[:2]}/{name[2:4]}/{name}.sealed"
