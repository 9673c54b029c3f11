"""Rounds of outside evaluation: what was drawn, who judges it, and what they said."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.city.places.models import Division
from siquan.city.units.models import Unit
from siquan.work.cases.models import Case, Purpose
from siquan.work.evaluations.states import State

BEFORE = (Purpose.REPORT,)
AFTER = (Purpose.AFTER, Purpose.VERIFY)


class Round(models.Model):
    """One random sample of the closed cases of a time, judged by outsiders (一轮外部评价).

    `commitment` is published before the draw, `seed` after it: nobody can choose the sample.
    `frame` says of how many: closed cases, and those with photos before and after, which alone can be judged.
    """

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    title = models.CharField(max_length=100)
    first = models.DateField()
    last = models.DateField()
    size = models.PositiveIntegerField()
    repeats = models.PositiveIntegerField(default=0)
    due_on = models.DateField()
    seed = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.COMMITTED)
    frame = models.JSONField(default=dict)  # {"closed": n, "strata": {street code: [with photos, drawn]}}
    announced_at = models.DateTimeField()
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    drawn_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("外部评价")
        triggers = [
            pgtrigger.ReadOnly(
                name="committed", fields=["seed", "commitment", "first", "last", "size", "repeats"]
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RoundMembers(models.Model):
    """The list a round was drawn from (抽样名单), as it was that day: cases are taken up again, it stays."""

    round = models.OneToOneField(Round, primary_key=True, on_delete=models.PROTECT, related_name="listed")
    members = models.JSONField()  # street code → case numbers
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("抽样名单")
        triggers = [
            pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"list of round {self.round_id}"


class Item(models.Model):
    """One case that was drawn, with what its closing claims; evaluators never see this row."""

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    stratum = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    street = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()  # closed as put right

    class Meta:
        verbose_name = _("评价案件")
        constraints = [
            models.UniqueConstraint(fields=["round", "case"], name="evaluations_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.round_id}"


class Verdict(models.TextChoices):
    """What an outsider sees in the photos."""

    YES = "yes", _("整改到位")
    PARTLY = "partly", _("只改了一部分")
    NO = "no", _("没有整改")
    CANNOT = "cannot", _("看不出来")


class Assignment(models.Model):
    """One item given to one evaluator; `is_repeat`: as a blind second look."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="assignments")
    evaluator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_repeat = models.BooleanField(default=False)
    judgement = models.ForeignKey("Judgement", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("评价任务")
        constraints = [
            models.UniqueConstraint(fields=["item", "evaluator"], name="evaluations_assignment_once"),
            models.UniqueConstraint(fields=["item", "is_repeat"], name="evaluations_one_of_a_kind"),
        ]
        indexes = [models.Index(fields=["evaluator", "judgement"], name="evaluations_mine")]

    def __str__(self) -> str:
        return f"{self.item_id} to {self.evaluator_id}"


class Judgement(models.Model):
    """What an evaluator said (评价). Never changed: a correction is a new row that names what it corrects."""

    id = models.BigAutoField(primary_key=True)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="judgements")
    verdict = models.CharField(max_length=6, choices=Verdict.choices)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("评价意见")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.verdict
