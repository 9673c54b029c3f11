"""Ask by message, and stop asking when the time is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.checkdigits import spoken
from siquan.base.notices import services as notices
from siquan.base.notices.models import Channel as NoticeChannel
from siquan.work.callbacks.contacts import mobile_of
from siquan.work.callbacks.models import CallBack, Channel
from siquan.work.callbacks.services.taking import step, write
from siquan.work.callbacks.states import State

AT_ONCE = 100
QUESTION = _("您反映的问题（{number}）已办结：解决了吗？满意吗？请点链接告诉我们，只要半分钟")


@transaction.atomic
def ask_due(*, at: datetime) -> int:
    """Send the private link to those whose turn it is to be asked by message; return how many."""
    due = (
        CallBack.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(sms_at__lte=at, state=State.WAITING)
        .select_related("case")
        .order_by("sms_at")[:AT_ONCE]
    )
    asked = list(due)
    for each in asked:
        mobile = mobile_of(each.case_id)
        if not mobile:  # a landline takes no message: the desk will call
            each.sms_at, each.channel = None, Channel.PHONE
            each.save(update_fields=["sms_at", "channel"])
            continue
        step(each, "ask", by=None, at=at)
        each.sms_at, each.asked_at, each.channel = None, at, Channel.SMS
        notices.notify(
            [notices.Address(NoticeChannel.SMS, mobile)],
            kind="callback.asked",
            key=f"callback.asked:{each.pk}",
            title=QUESTION,
            params={"number": spoken(each.case.number)},
            url=_link(each),
            about=each.case,
            at=at,
        )
        write(each, "ask", by=None, at=at, channel=each.channel)
    return len(asked)


def _link(call_back: CallBack) -> str:
    try:
        return reverse("portal:follow", args=[call_back.case.token])  # by its name; no door is imported
    except NoReverseMatch:
        return ""


@transaction.atomic
def expire_due(*, at: datetime) -> int:
    """Stop asking those whose time is over; return how many."""
    due = (
        CallBack.objects.open()
        .select_for_update(skip_locked=True, of=("self",))
        .filter(due_at__lte=at)
        .order_by("due_at")[:AT_ONCE]
    )
    expired = list(due)
    for each in expired:
        step(each, "expire", by=None, at=at)
        write(each, "expire", by=None, at=at)
    return len(expired)
