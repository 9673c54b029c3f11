"""Call-backs of the demo year: the plan from `data/callback_plan.yaml`, answers with assumed shares."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import yaml
from django.db import transaction

from siquan.demo.people import People
from siquan.work.callbacks import services
from siquan.work.callbacks.services.history import Manners, write_history

PLAN = Path(__file__).parent / "data" / "callback_plan.yaml"
SAID = {
    "yes": ("第二天就来人处理了，谢谢。", "处理得挺快。", "来过电话，也清理干净了。"),
    "partly": ("清了一半，墙角还有。", "好了两天又有一点。"),
    "no": ("还是老样子。", "没人来过，就说办完了。", "昨天又出现了。"),
}


def ask(people: People, *, first: date, seed: int, until: datetime) -> int:
    """Publish the plan as of the first day of the year, and tell who was asked and what they said."""
    with transaction.atomic():
        fields = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
        plan = services.publish_plan(by=None, at=until, valid_from=first, **fields)
    manners = Manners(callers=people.callers, words=SAID)
    return write_history(plan, until=until, seed=seed, manners=manners)
