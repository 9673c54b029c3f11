"""What happened, by whom; and what is still to follow from it."""

from __future__ import annotations

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField

APPEND_ONLY = [
    pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    pgtrigger.Trigger(
        name="append_only_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="raise exception 'pgtrigger: the journal is append-only';",
    ),
]


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """The number of the database transaction that wrote the row (PostgreSQL `xid8`)."""

    def db_type(self, connection: Any) -> str:
        """Return PostgreSQL's name of the type."""
        return "xid8"


class By(models.TextChoices):
    """What kind of hand acted."""

    PERSON = "person", _("人员")
    RESIDENT = "resident", _("居民")
    SYSTEM = "system", _("系统")


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries, in the office's words."""

    def about(self, thing: models.Model) -> Self:
        """Return what happened to one thing, oldest first."""
        return self.filter(about_type=thing._meta.model_name, about_id=thing.pk).order_by("id")


class Entry(models.Model):
    """One thing that happened (日志条目). Rows are never changed or removed; a trigger sees to it."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    about_type = models.CharField(max_length=30)
    about_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    by_kind = models.CharField(max_length=10, choices=By.choices)
    details = models.JSONField(default=dict)
    written_at = models.DateTimeField(db_default=RawSQL("clock_timestamp()", ()), editable=False)
    xid = TransactionIdField(db_default=RawSQL("pg_current_xact_id()", ()), editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("日志条目")
        triggers = APPEND_ONLY
        indexes = [
            models.Index(fields=["about_type", "about_id", "id"], name="journal_entry_about"),
            models.Index(fields=["xid", "id"], name="journal_entry_sealing"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.about_type} {self.about_id}"


class Batch(models.Model):
    """A sealed run of entries: all that the transactions `[from_xid, to_xid)` wrote, in the order (xid, id).

    `digests` holds one SHA-256 per entry, so that a changed entry can be named; `head` chains the batches.
    """

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    number = models.PositiveBigIntegerField()
    from_xid = TransactionIdField()
    to_xid = TransactionIdField()
    first_serial = models.PositiveBigIntegerField()
    count = models.PositiveIntegerField()
    entry_ids = models.BinaryField()
    digests = models.BinaryField()
    root = models.BinaryField(max_length=32)
    previous_head = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    public_key = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)

    class Meta:
        verbose_name = _("封存批次")
        triggers = APPEND_ONLY
        constraints = [models.UniqueConstraint(fields=["district_id", "number"], name="journal_batch_number")]

    def __str__(self) -> str:
        return f"{self.district_id}/{self.number}"


class Pending(models.Model):
    """A reaction that is still to run; the row goes in the transaction that holds the reaction's effect."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(Entry, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    reaction = models.CharField(max_length=120)
    run_after = models.DateTimeField(db_default=RawSQL("clock_timestamp()", ()))
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("待办反应")
        indexes = [models.Index(fields=["run_after", "id"], name="journal_pending_next")]

    def __str__(self) -> str:
        return f"{self.reaction}({self.entry_id})"


class Tick(models.Model):
    """When a scheduled job last ran; its row is the lock that keeps two workers from running it at once."""

    job = models.CharField(max_length=120, primary_key=True)
    last_run = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("定时任务")

    def __str__(self) -> str:
        return self.job
