"""What people are told, and how it reaches them outside the product."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.base.kernel.sealedtext import SealedText
from siquan.base.notices import reasons, wording


class Channel(models.TextChoices):
    """The ways a notice takes."""

    INBOX = "inbox", _("收件箱")
    EMAIL = "email", _("电子邮件")
    SMS = "sms", _("短信")
    WEBHOOK = "webhook", _("Webhook 推送")


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, in the office's words."""

    def of(self, user_id: int) -> Self:
        """Return what lies in a person's inbox."""
        return self.filter(to_user_id=user_id, is_in_inbox=True)

    def unread(self) -> Self:
        """Return what has not been opened yet."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """One thing one person is told (通知), in words that each reader gets in their own language.

    `title` and `text` are the source words, `params` what stands in their gaps; never personal data.
    """

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    about_type = models.CharField(max_length=30, blank=True)
    about_id = models.BigIntegerField(null=True)
    is_in_inbox = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    dedupe_key = models.CharField(max_length=64)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("通知")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "dedupe_key"], name="notices_notice_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["to_user", "-id"], name="notices_notice_inbox"),
            models.Index(
                fields=["to_user"],
                condition=models.Q(read_at=None, is_in_inbox=True),
                name="notices_notice_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.words_title

    @property
    def words_title(self) -> str:
        """Return the title in the reader's language."""
        return wording.render(self.title, self.params, get_language())

    @property
    def words_text(self) -> str:
        """Return the text in the reader's language."""
        return wording.render(self.text, self.params, get_language())


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    QUEUED = "queued", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("发送失败")
    STOPPED = "stopped", _("不再发送")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries, in the office's words."""

    def in_trouble(self) -> Self:
        """Return what failed for good, and what failed at least once and waits for the next attempt."""
        waits = models.Q(state=DeliveryState.QUEUED, attempts__gt=0)
        return self.filter(models.Q(state=DeliveryState.FAILED) | waits)


class Delivery(models.Model):
    """One notice on its way by e-mail, SMS or webhook.

    `address` is filled for people without an account only, and emptied once the matter is settled.
    """

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = SealedText(max_length=300, blank=True)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("发送")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notices_delivery_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run_after", "id"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="notices_delivery_next",
            ),
            models.Index(fields=["id"], condition=models.Q(state="failed"), name="notices_delivery_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.notice_id}"

    @property
    def reason(self) -> str:
        """Return in words why it has not arrived."""
        return reasons.in_words(self.last_error)

    @property
    def is_lost(self) -> bool:
        """Tell whether trying again is of no use: whom it was for is forgotten."""
        return self.notice.to_user_id is None and not self.address
