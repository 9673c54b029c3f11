"""Outside evaluation in the demo district: one round that is published, one that waits for its evaluators.

Photos before and after are drawn, like those of the stories; what evaluators say has assumed shares.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.base.kernel import draws
from siquan.demo import scenes
from siquan.demo.stories import SCENES
from siquan.work.cases.models import Case, Purpose
from siquan.work.cases.services.handling import attach
from siquan.work.evaluations import services
from siquan.work.evaluations.models import Assignment, Round

MOST = (24, 6)  # cases with photos for the published round, and for the open one; two of three are drawn
A_CASE_PER = 60  # cases of the year; a small district has a small round
VERDICTS = (("yes", 0.81), ("partly", 0.10), ("no", 0.05), ("cannot", 0.04))
SAME_AGAIN = 0.7
NOTES = {"partly": "墙角还有一点没清。", "no": "看上去和处置前一样。", "cannot": "两张照片不像同一个地方。"}


def judge(*, cases: int, seed: int, until: datetime) -> None:
    """Publish a round about the weeks before last, and draw another one about the weeks after."""
    today = timezone.localdate(until)
    count = cases // A_CASE_PER
    past, now = min(MOST[0], count), min(MOST[1], count // 3)
    first = _round(
        today - timedelta(days=42), today - timedelta(days=15), past, seed, until, "第一轮外部评价"
    )
    if first is not None:
        _say(first, seed, until)
    _round(today - timedelta(days=14), today - timedelta(days=1), now, seed, until, "第二轮外部评价")


def _round(first: date, last: date, count: int, seed: int, until: datetime, title: str) -> Round | None:
    begins = datetime.combine(first, time(0), tzinfo=timezone.get_default_timezone())
    ends = datetime.combine(last + timedelta(days=1), time(0), tzinfo=timezone.get_default_timezone())
    codes = {code: scene for scene, code in SCENES.items()}
    listed = Case.objects.filter(closed_at__gte=begins, closed_at__lt=ends, category__code__in=codes)
    by_number = {case.number: case for case in listed.select_related("category")}
    chosen = draws.ranked(f"photos:{seed}", by_number)[:count]
    if not chosen:
        return None
    with transaction.atomic():
        for place, number in enumerate(chosen):
            case = by_number[number]
            scene = codes[case.category.code if case.category else ""]
            variant = 5000 + seed % 1000 + place + first.toordinal()
            _photos(case, scene, variant)
        announced = services.announce_round(
            by=None,
            at=begins,
            title=title,
            first=first,
            last=last,
            size=-(-count * 2 // 3),
            repeats=count // 4,
            due_on=timezone.localdate(until) + timedelta(days=10),
            seed=draws.commitment(f"{seed}:{first}")[:32],
        )
        return services.draw_round(announced.pk, by=None, at=until)


def _photos(case: Case, scene: str, variant: int) -> None:
    """Attach a photo before and one after to a case that has none."""
    closed = case.closed_at or case.reported_at
    told = ((Purpose.REPORT, False, case.reported_at), (Purpose.AFTER, True, closed))
    for purpose, is_after, at in told:
        if not case.photos.filter(purpose=purpose).exists():
            picture = files.read_picture(scenes.photo(scene, variant, is_after=is_after))
            attach(case, [picture], purpose=purpose, by=None, at=at)


def _say(found: Round, seed: int, until: datetime) -> None:
    random = np.random.default_rng([seed, 5])
    users = User.objects.in_bulk()
    given = Assignment.objects.filter(item__round=found).order_by("item__position", "is_repeat")
    said: dict[int, str] = {}
    names, shares = [name for name, _share in VERDICTS], [share for _name, share in VERDICTS]
    with transaction.atomic():
        for number, each in enumerate(given):
            verdict = str(random.choice(names, p=shares))
            if each.is_repeat and random.random() < SAME_AGAIN:
                verdict = said[each.item_id]
            said.setdefault(each.item_id, verdict)
            at = until - timedelta(minutes=600 - 5 * number)
            services.judge(
                each.pk, by=users[each.evaluator_id], at=at, verdict=verdict, note=NOTES.get(verdict, "")
            )
        services.close_round(found.pk, by=None, at=until)
