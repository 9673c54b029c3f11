"""Call-backs: who is asked by which plan, how often it was tried, and what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.city.places.models import Division
from siquan.city.units.models import Unit
from siquan.work.callbacks.states import OPEN, State
from siquan.work.cases.models import Case, Source


class Kind(models.TextChoices):
    """Whom a plan asks."""

    ALL = "all", _("全部")
    SAMPLE = "sample", _("分层抽样")


class Every(models.TextChoices):
    """For which stretch of time a sample is drawn at once."""

    DAY = "day", _("每天")
    WEEK = "week", _("每周")
    MONTH = "month", _("每月")


STRATA: Final = {"source": _("来源"), "unit": _("责任单位"), "street": _("街道")}


class Plan(models.Model):
    """One version of who is called back, how, and how often (回访方案); never changed."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    sources = ArrayField(models.CharField(max_length=12, choices=Source.choices))
    after_limit = models.BooleanField(default=False)
    strata = ArrayField(models.CharField(max_length=10), default=list)
    fraction = models.FloatField(null=True)
    fractions = models.JSONField(default=dict)
    size = models.PositiveIntegerField(null=True)
    at_least = models.PositiveSmallIntegerField(default=0)
    every = models.CharField(max_length=8, choices=Every.choices, default=Every.WEEK)
    sms_after_hours = models.PositiveSmallIntegerField(null=True)
    phone_after_hours = models.PositiveSmallIntegerField(null=True)
    attempts_a_day = models.PositiveSmallIntegerField(default=2)
    attempts_in_all = models.PositiveSmallIntegerField(default=3)
    hours_between = models.PositiveSmallIntegerField(default=2)
    hours = models.CharField(max_length=60)
    working_days_only = models.BooleanField(default=False)
    answer_days = models.PositiveSmallIntegerField(default=15)
    lock_minutes = models.PositiveSmallIntegerField(default=10)
    desk_may_reopen = models.BooleanField(default=True)
    script = models.TextField(blank=True)
    script_en = models.TextField(blank=True)
    source = models.CharField(max_length=300)
    valid_from = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("回访方案")
        constraints = [
            models.UniqueConstraint(fields=["district_id", "version"], name="callbacks_plan_version")
        ]
        triggers = [
            pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    @property
    def source_words(self) -> list[str]:
        """Return the sources whose cases are asked about, in words."""
        return [str(Source(each).label) for each in self.sources]

    @property
    def strata_words(self) -> list[str]:
        """Return by what the sample is stratified, in words."""
        return [str(STRATA[each]) for each in self.strata]

    @property
    def fraction_words(self) -> list[tuple[str, float]]:
        """Return the strata with a fraction of their own; a source in words, a code as it is."""
        words = dict(Source.choices)
        return [
            (" × ".join(str(words.get(part, part)) for part in name.split("×")), share)
            for name, share in self.fractions.items()
        ]

    @property
    def words_script(self) -> str:
        """Return what the caller says, in the reader's language."""
        is_english = (get_language() or "").startswith("en")
        return self.script_en if is_english and self.script_en else self.script


class Draw(models.Model):
    """One random draw of a plan (抽样): seed, stretch of time, and how many of how many in each stratum."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="draws")
    first = models.DateField()
    last = models.DateField()
    seed = models.CharField(max_length=64)
    strata = models.JSONField(default=dict)  # stratum → [how many there are, how many were drawn]
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("回访抽样")
        constraints = [models.UniqueConstraint(fields=["plan", "first"], name="callbacks_draw_once")]
        triggers = [
            pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.first:%Y-%m-%d} – {self.last:%Y-%m-%d}"


class DrawMembers(models.Model):
    """The list a draw was made from (抽样名单), as it was that day: cases are taken up again, it stays."""

    draw = models.OneToOneField(Draw, primary_key=True, on_delete=models.PROTECT, related_name="listed")
    members = models.JSONField()  # stratum → case numbers
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("抽样名单")
        triggers = [
            pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"list of draw {self.draw_id}"


class Reason(models.TextChoices):
    """Why somebody is asked."""

    CLOSED = "closed", _("案件已结案")
    LIMIT = "limit", _("处置时限已过")


class Channel(models.TextChoices):
    """The way in which somebody is asked or answers."""

    LINK = "link", _("私密链接")
    SMS = "sms", _("短信")
    PHONE = "phone", _("电话")


class CallBackQuerySet(models.QuerySet["CallBack"]):
    """Call-backs, in the office's words."""

    def open(self) -> Self:
        """Return those that can still be answered by being asked."""
        return self.filter(state__in=OPEN)

    def to_call(self, at: datetime) -> Self:
        """Return those the phone desk may call now, the longest waiting first; taken ones are left out."""
        free = models.Q(taken_until=None) | models.Q(taken_until__lte=at)
        return self.open().filter(free, call_at__lte=at, due_at__gt=at).order_by("call_at", "id")


class CallBack(models.Model):
    """One reporter to be asked about one closing, or one missed limit, of one case (回访)."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="call_backs")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="call_backs")
    draw = models.ForeignKey(Draw, null=True, on_delete=models.PROTECT, related_name="call_backs")
    stratum = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    anchor_at = models.DateTimeField()  # when the case was closed, or its limit passed
    channel = models.CharField(max_length=6, choices=Channel.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    street = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=12, choices=Source.choices)
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sms_at = models.DateTimeField(null=True)
    call_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_until = models.DateTimeField(null=True)
    answer = models.ForeignKey("Answer", null=True, on_delete=models.PROTECT, related_name="+")

    objects = CallBackQuerySet.as_manager()

    class Meta:
        verbose_name = _("回访")
        constraints = [
            models.UniqueConstraint(fields=["case", "reason", "anchor_at"], name="callbacks_once"),
            models.UniqueConstraint(
                fields=["taken_by"],
                condition=models.Q(taken_by__isnull=False),
                name="callbacks_one_call_a_caller",
            ),
        ]
        indexes = [
            models.Index(
                fields=["call_at", "id"], condition=models.Q(call_at__isnull=False), name="callbacks_to_call"
            ),
            models.Index(
                fields=["sms_at"], condition=models.Q(sms_at__isnull=False), name="callbacks_to_text"
            ),
            models.Index(
                fields=["due_at"], condition=models.Q(state__in=["waiting", "asked"]), name="callbacks_open"
            ),
            models.Index(fields=["reason", "anchor_at"], name="callbacks_anchor"),
        ]

    def __str__(self) -> str:
        return f"call-back of {self.case_id}"

    @property
    def is_of_sample(self) -> bool:
        """Tell whether chance chose this reporter: only then it speaks for others."""
        return self.draw_id is not None


class Outcome(models.TextChoices):
    """How a call went."""

    ANSWERED = "answered", _("已接听")
    NO_ANSWER = "no_answer", _("无人接听")
    BUSY = "busy", _("占线")
    WRONG_NUMBER = "wrong_number", _("号码不对")
    REFUSED = "refused", _("不愿回答")
    TAKEN_BACK = "taken_back", _("撤销上一条")


FACT = [
    pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
]


class Attempt(models.Model):
    """One call that was made (拨打). A slip is taken back by a new row that names it."""

    id = models.BigAutoField(primary_key=True)
    call_back = models.ForeignKey(CallBack, on_delete=models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=6, choices=Channel.choices, default=Channel.PHONE)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    key = models.CharField(max_length=40)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("拨打记录")
        constraints = [
            models.UniqueConstraint(fields=["call_back", "key"], name="callbacks_attempt_once"),
            models.UniqueConstraint(fields=["corrects"], name="callbacks_attempt_back_once"),
        ]
        triggers = FACT

    def __str__(self) -> str:
        return f"{self.outcome} of {self.call_back_id}"


class Solved(models.TextChoices):
    """Whether it is solved, in the reporter's eyes."""

    YES = "yes", _("解决了")
    PARTLY = "partly", _("解决了一部分")
    NO = "no", _("没有解决")


SATISFIED = (
    (1, _("很不满意")),
    (2, _("不满意")),
    (3, _("一般")),
    (4, _("满意")),
    (5, _("很满意")),
)


class Answer(models.Model):
    """What the reporter said (答复). Never changed: a correction is a new row that names what it corrects.

    Only `words` may be emptied, when their time is up or the person asks for it.
    """

    id = models.BigAutoField(primary_key=True)
    call_back = models.ForeignKey(CallBack, on_delete=models.PROTECT, related_name="answers")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=6, choices=Channel.choices)
    contacted = models.BooleanField(null=True)  # did anybody of the unit get in touch before it was closed
    solved = models.CharField(max_length=6, choices=Solved.choices, blank=True)
    satisfied = models.PositiveSmallIntegerField(null=True, choices=SATISFIED)
    words = models.TextField(blank=True)
    key = models.CharField(max_length=40)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    is_taken_back = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("回访答复")
        constraints = [
            models.UniqueConstraint(fields=["call_back", "key"], name="callbacks_answer_once"),
            models.UniqueConstraint(fields=["corrects"], name="callbacks_answer_corrected_once"),
            models.CheckConstraint(
                condition=models.Q(satisfied=None) | models.Q(satisfied__range=(1, 5)),
                name="callbacks_answer_satisfied",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="append_only", exclude=["words"]),
            pgtrigger.Protect(name="undeletable", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.solved} {self.satisfied or ''}".strip()


__all__ = [
    "SATISFIED",
    "Answer",
    "Attempt",
    "CallBack",
    "Channel",
    "Draw",
    "Every",
    "Kind",
    "Outcome",
    "Plan",
    "Reason",
    "Solved",
]
