"""What somebody says a photo shows that it should not: a table of its own file, as the others fill theirs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField


class Shows(models.TextChoices):
    """What can be recognised in a photo."""

    PERSON = "person", _("认得出人")
    PLATE = "plate", _("看得清车牌")
    HOME = "home", _("看得到别人家里")
    WORDS = "words", _("看得到姓名、电话或证件")
    OTHER = "other", _("别的不该公开的")


class PhotoRemark(models.Model):
    """A doubt about a photo (照片疑问) that waits for the centre; it takes nothing away by itself.

    Residents who say the same of one photo are counted on one row, so that a flood makes no list longer.
    """

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    photo = models.ForeignKey("cases.CasePhoto", on_delete=models.CASCADE, related_name="remarks")
    shows = models.CharField(max_length=10, choices=Shows.choices)
    text = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("照片疑问")
        indexes = [
            models.Index(fields=["at"], name="cases_photoremark_open", condition=Q(answered_at__isnull=True))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "shows"],
                name="cases_photoremark_once",
                condition=Q(answered_at__isnull=True, by__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.shows} in photo {self.photo_id}"
