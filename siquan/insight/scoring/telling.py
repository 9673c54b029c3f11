"""Whom an appeal is told to: those who decide, then those who asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.checkdigits import spoken
from siquan.base.kernel.errors import Words
from siquan.base.notices import services as notices
from siquan.city.duties.models import Role
from siquan.city.duties.queries import people_with
from siquan.insight.scoring.models import Appeal

TOLD: Final[dict[str, Words]] = {
    "appeal.asked": _("{unit} 对案件 {number} 的三率提出申诉，请决定"),
    "appeal.granted": _("案件 {number} 的申诉已同意，不再计入三率"),
    "appeal.revised": _("案件 {number} 的申诉改变了决定，请看链接"),
    "appeal.refused": _("案件 {number} 的申诉没有同意，理由请看链接"),
}


def tell(entry: Entry) -> None:
    """Tell the people concerned about an appeal; the reaction to every event of the table."""
    appeal = Appeal.objects.select_related("case", "unit").get(pk=entry.about_id or 0)
    unit = appeal.unit
    notices.notify(
        [each for each in _audience(entry.event, appeal) if each.pk != entry.by_id],
        kind=entry.event,
        key=f"{entry.event}:{entry.pk}",
        title=TOLD[entry.event],
        params={
            "number": spoken(appeal.case.number),
            "unit": notices.Named(unit.short_name or unit.name, unit.name_en),
        },
        url=reverse("rates:appeal", args=[appeal.pk]),
        about=appeal,
        at=entry.at,
    )


def _audience(event: str, appeal: Appeal) -> Iterable[User]:
    if event == "appeal.asked":
        return people_with(Role.CENTRE_LEAD)
    return people_with(Role.UNIT_CLERK, unit_id=appeal.unit_id)
