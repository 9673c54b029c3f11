"""What the phone desk shows: the call one has taken, how many wait, and the last call made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from siquan.base.files.models import StoredFile
from siquan.base.kernel.masking import masked_name
from siquan.work.callbacks.contacts import number_of
from siquan.work.callbacks.models import Attempt, CallBack, Outcome
from siquan.work.callbacks.permissions import OTHER_RULES, calls_back
from siquan.work.cases import queries as cases
from siquan.work.cases.models import CasePhoto, Purpose, Reporter

UNDO_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True)
class Call:
    """The call one has taken, with all one needs to make it."""

    call_back: CallBack
    number: str
    spoken: str
    name: str
    done: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    attempts: Sequence[Attempt]
    script: str


@dataclass(frozen=True)
class Waiting:
    """How many calls wait now and later today, and how many one has made today."""

    now: int
    later: int
    made: int


def call_of(user: Any) -> CallBack | None:
    """Return the open call a person has taken; it stays theirs until somebody else takes it."""
    mine = CallBack.objects.open().filter(taken_by=user)
    named = mine.select_related("case__category", "unit", "street", "plan").defer("street__boundary")
    return named.first()


def current_call(user: Any, at: datetime) -> Call | None:
    """Return the call a person has taken, with the number; None when they have none."""
    call_back = call_of(user)
    if call_back is None or not OTHER_RULES["reveal"](user, call_back):
        return None
    case = call_back.case
    followed = cases.follow_up(case)
    done = [each.words for each in followed.told if each.event == "case.reported_done" and each.words]
    reporter = Reporter.objects.filter(case=case).first()
    number = number_of(case.pk)
    return Call(
        call_back=call_back,
        number=number,
        spoken=f"{number[:3]} {number[3:7]} {number[7:]}" if len(number) == 11 else number,
        name=masked_name(reporter.name) if reporter else "",
        done=done[-1] if done else "",
        before=_photo(followed.photos, Purpose.REPORT),
        after=_photo(followed.photos_after, Purpose.AFTER, Purpose.VERIFY),
        attempts=list(call_back.attempts.select_related("by").order_by("id")),
        script=call_back.plan.words_script if call_back.plan else "",
    )


def _photo(photos: Sequence[CasePhoto], *purposes: str) -> dict[str, Any] | None:
    found = next((each for each in photos if each.purpose in purposes), None)
    if found is None:
        return None
    url = reverse("files:picture", args=[found.file.key])
    return {"url": url, "alt": found.get_purpose_display(), "at": found.at}


def waiting(user: Any, at: datetime) -> Waiting:
    """Return how much there is to do at the phone desk."""
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    later = CallBack.objects.open().filter(call_at__gt=at, call_at__lt=today + timedelta(days=1))
    made = Attempt.objects.filter(by=user, at__gte=today).exclude(outcome=Outcome.TAKEN_BACK)
    return Waiting(CallBack.objects.to_call(at).count(), later.count(), made.count())


def waiting_count(user: Any) -> int:
    """Return how many calls may be made now."""
    return CallBack.objects.to_call(timezone.now()).count()


def last_call(user: Any, at: datetime) -> Attempt | None:
    """Return one's last call, while it can still be taken back."""
    calls = Attempt.objects.filter(by=user, at__gt=at - UNDO_WITHIN).select_related("call_back__case")
    last = calls.order_by("-id").first()
    return None if last is None or last.outcome == Outcome.TAKEN_BACK else last


def sees_photo(request: HttpRequest, file: StoredFile) -> bool:
    """Tell whether a photo belongs to the case about which somebody is on the phone now."""
    user = request.user
    if not calls_back(user):
        return False
    call_back = call_of(user)
    return call_back is not None and call_back.case.photos.filter(file=file).exists()
