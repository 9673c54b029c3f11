"""Who saw the same matter too: a table of its own file, as the others fill theirs."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.base.kernel.masking import dialled
from siquan.base.kernel.sealedtext import Fingerprint, SealedText


def joiner_token() -> str:
    """Return the secret part of a joiner's private link."""
    return secrets.token_urlsafe(16)


class Joiner(models.Model):
    """Somebody who saw the same matter too (我也看到了): counts on the case, and is told how it ends."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="joiners")
    token = models.CharField(max_length=32, unique=True, default=joiner_token)
    key = models.CharField(max_length=100)
    phone = SealedText(max_length=60, blank=True)
    phone_print = Fingerprint(of="phone", form=dialled)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("同见者")
        indexes = [
            models.Index(
                fields=["phone_print"], condition=~models.Q(phone_print=""), name="cases_joiner_phone"
            )
        ]
        constraints = [models.UniqueConstraint(fields=["district_id", "key"], name="cases_joiner_key")]

    def __str__(self) -> str:
        return f"joiner of {self.case_id}"
