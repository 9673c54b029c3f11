"""One case file for snapshot, hotline, grid and finding."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from siquan.base.files.models import StoredFile
from siquan.base.kernel.districts import DistrictField
from siquan.base.kernel.maskedtext import MaskedAddress, MaskedLine, MaskedText
from siquan.base.kernel.masking import dialled
from siquan.base.kernel.sealedtext import Fingerprint, SealedText
from siquan.city.places.models import Division, Site
from siquan.city.rules.models import Calendar, Category, Clock, LimitRule, ResponsibilityRule
from siquan.city.units.models import Unit
from siquan.work.cases import joiners, learned, photoremarks, twins  # noqa: F401 (tables of this room)
from siquan.work.cases.batches import BatchRefusal, DispatchBatch  # noqa: F401 (tables of this room)
from siquan.work.cases.decisions import CategoryDecision  # noqa: F401 (table of this room)
from siquan.work.cases.density import Density, DensityRun  # noqa: F401 (tables of this room)
from siquan.work.cases.states import OPEN, State

LABEL = 60  # characters of a case's words in a list


class Source(models.TextChoices):
    """Where a case came from."""

    SNAPSHOT = "snapshot", _("随手拍")
    HOTLINE = "hotline", _("12345热线")
    GRID = "grid", _("网格巡查")
    FINDING = "finding", _("实地检查")


def new_token() -> str:
    """Return the unguessable part of the reporter's private link."""
    return secrets.token_urlsafe(16)


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases, in the office's words."""

    def open(self) -> Self:
        """Return the cases that somebody still has to do something about."""
        return self.filter(state__in=OPEN)

    def overdue(self, at: datetime) -> Self:
        """Return the open cases whose running clock has passed its limit."""
        return self.open().filter(due_at__lt=at)

    def needs_place(self) -> Self:
        """Return the reported cases whose place nobody has found yet."""
        return self.filter(state=State.REPORTED, lon=None)


SQUARE_LON, SQUARE_LAT = 0.0012, 0.0009  # about 100 m: cases near a point are found by squares


class Case(models.Model):
    """One matter from what somebody saw to its close (案件)."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    number = models.CharField(max_length=10)
    token = models.CharField(max_length=32, unique=True, default=new_token)
    source = models.CharField(max_length=12, choices=Source.choices)
    source_ref = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.REPORTED)
    state_before = models.CharField(max_length=12, choices=State.choices, blank=True)
    title = MaskedLine(max_length=200, blank=True)
    text = MaskedText()
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    given_datum = models.CharField(max_length=8, blank=True)
    address = MaskedAddress(max_length=200, blank=True)
    road_class = models.CharField(max_length=12, blank=True)
    street = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    block = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    cell = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")

    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="cases")
    responsibility = models.ForeignKey(
        ResponsibilityRule, null=True, on_delete=models.PROTECT, related_name="+"
    )
    handler_ids = ArrayField(models.BigIntegerField(), default=list)
    clock = models.CharField(max_length=12, choices=Clock.choices, blank=True)
    due_at = models.DateTimeField(null=True)
    is_paused = models.BooleanField(default=False)
    suspended_until = models.DateTimeField(null=True)
    is_supervised = models.BooleanField(default=False)
    rework_count = models.PositiveSmallIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件")
        constraints = [
            models.UniqueConstraint(fields=["district_id", "number"], name="cases_case_number"),
            models.UniqueConstraint(
                fields=["district_id", "source", "source_ref"],
                condition=~models.Q(source_ref=""),
                name="cases_case_source_ref",
            ),
        ]
        indexes = [
            models.Index(fields=["district_id", "state", "due_at", "id"], name="cases_case_state_due"),
            models.Index(fields=["unit", "state", "due_at", "id"], name="cases_case_unit"),
            models.Index(fields=["street", "state", "reported_at", "id"], name="cases_case_street"),
            models.Index(fields=["category", "state", "reported_at", "id"], name="cases_case_category"),
            models.Index(fields=["-reported_at", "-id"], name="cases_case_newest"),
            models.Index(fields=["due_at", "id"], name="cases_case_due"),
            models.Index(
                fields=["-closed_at", "-id"],
                condition=models.Q(closed_at__isnull=False),
                name="cases_case_closed",
            ),
            models.Index(
                fields=["suspended_until"],
                condition=models.Q(suspended_until__isnull=False),
                name="cases_case_suspended",
            ),
            GistIndex(models.Func("lon", "lat", function="point"), name="cases_case_point"),
            models.Index(
                models.Func("lon", template=f"(floor(%(expressions)s / {SQUARE_LON})::int)"),
                models.Func("lat", template=f"(floor(%(expressions)s / {SQUARE_LAT})::int)"),
                "reported_at",
                condition=models.Q(lon__isnull=False),
                name="cases_case_square",
            ),
            GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="cases_case_text"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def label(self) -> str:
        """Return the words by which the case is known in a list: its title, or how its text begins."""
        words = self.title or " ".join(self.text.split())
        return words if len(words) <= LABEL else f"{words[: LABEL - 1]}…"


class Reporter(models.Model):
    """Who reported, as far as they wished to say; personal data, sealed here and masked on every page.

    `words` are title, text and address as they were written, as far as they had to be masked in the case.
    """

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="reporter")
    name = SealedText(max_length=60, blank=True)
    phone = SealedText(max_length=60, blank=True)
    phone_print = Fingerprint(of="phone", form=dialled)
    words = SealedText(max_length=20_000, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("反映人")
        indexes = [
            models.Index(
                fields=["phone_print"], condition=~models.Q(phone_print=""), name="cases_reporter_phone"
            )
        ]

    def __str__(self) -> str:
        return f"reporter of {self.case_id}"


class Submission(models.Model):
    """A key under which a report was sent: the same key again gives the same case again."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("提交")
        constraints = [models.UniqueConstraint(fields=["district_id", "key"], name="cases_submission_key")]

    def __str__(self) -> str:
        return self.key


class ClockRun(models.Model):
    """One run of one clock of one case (计时): which rule, which calendar version, when due."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clock_runs")
    kind = models.CharField(max_length=12, choices=Clock.choices)
    rule = models.ForeignKey(LimitRule, null=True, on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveIntegerField()
    measure = models.CharField(max_length=20)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    warned_percent = models.PositiveSmallIntegerField(default=0)
    warn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("计时")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(stopped_at=None), name="cases_clock_one_running"
            )
        ]
        indexes = [
            models.Index(fields=["warn_at"], condition=models.Q(stopped_at=None), name="cases_clock_warn")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id}"


class PauseReason(models.TextChoices):
    """Why a clock stands still."""

    SUSPENDED = "suspended", _("挂账")
    WAITING = "waiting", _("等待反映人补充")
    EXTENSION = "extension", _("同意延期")


class ClockPause(models.Model):
    """A time that does not count."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ClockRun, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=12, choices=PauseReason.choices)
    note = MaskedLine(max_length=300, blank=True)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("停表")

    def __str__(self) -> str:
        return f"{self.reason} {self.from_at:%Y-%m-%d}"


class Extension(models.Model):
    """More time asked for, and the answer (延期)."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="extensions")
    amount = models.PositiveSmallIntegerField()
    measure = models.CharField(max_length=20)
    reason = MaskedLine(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    is_granted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = MaskedLine(max_length=500, blank=True)

    class Meta:
        verbose_name = _("延期")

    def __str__(self) -> str:
        return f"{self.amount} {self.measure}"


class Assist(models.Model):
    """Another unit's help asked for (协办)."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assists")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assists")
    request = MaskedLine(max_length=500)
    asked_at = models.DateTimeField()
    answer = MaskedLine(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("协办")

    def __str__(self) -> str:
        return f"{self.unit_id} assists {self.case_id}"


class CommentKind(models.TextChoices):
    """What a remark is."""

    COMMENT = "comment", _("留言")
    QUESTION = "question", _("请补充")
    ANSWER = "answer", _("补充说明")
    SOLVED = "solved", _("已解决")
    UNSOLVED = "unsolved", _("未解决")
    REOPEN_WISH = "reopen_wish", _("请求重新办理")


class Comment(models.Model):
    """A remark of the reporter or of staff (留言)."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="comments")
    kind = models.CharField(max_length=12, choices=CommentKind.choices, default=CommentKind.COMMENT)
    text = MaskedText(blank=True)
    original = SealedText(max_length=20_000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    is_for_reporter = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("留言")

    def __str__(self) -> str:
        return f"{self.kind} on {self.case_id}"


class Purpose(models.TextChoices):
    """What a photo shows."""

    REPORT = "report", _("上报照片")
    AFTER = "after", _("处置后照片")
    VERIFY = "verify", _("核查照片")
    COMMENT = "comment", _("留言照片")


class CasePhoto(models.Model):
    """A photo in a case file."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("案件照片")
        constraints = [models.UniqueConstraint(fields=["case", "file", "purpose"], name="cases_photo_once")]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.case_id}"


class ImportState(models.TextChoices):
    """How far a file of tickets is."""

    CHECKED = "checked", _("已检查，等待确认")
    QUEUED = "queued", _("正在导入")
    DONE = "done", _("已完成")
    FAILED = "failed", _("没有完成")


class TicketImport(models.Model):
    """A file of hotline tickets (工单文件): what was found in it, and what became of its rows."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=10, blank=True)
    datum = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=10, choices=ImportState.choices)
    preview = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    imported = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    needs_place = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    result_bytes = models.PositiveBigIntegerField(default=0)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("工单文件")
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(state=ImportState.QUEUED), name="cases_import_queued"
            ),
            models.Index(fields=["by", "-id"], name="cases_import_of"),
        ]

    def __str__(self) -> str:
        return self.name or f"import {self.pk}"
