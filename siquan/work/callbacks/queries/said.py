"""What a reporter has said of the last closing of their case, for their own page."""

from __future__ import annotations

from dataclasses import dataclass

from siquan.work.callbacks.models import CallBack, Reason
from siquan.work.cases.models import Case


@dataclass(frozen=True)
class Said:
    """The answer that counts."""

    solved: str
    satisfied: int | None
    contacted: bool | None
    channel: str


def said_of(case: Case) -> Said | None:
    """Return what the reporter has said since the case was last closed; None when nothing."""
    if case.closed_at is None:
        return None
    asked = CallBack.objects.filter(case=case, reason=Reason.CLOSED, anchor_at=case.closed_at)
    found = asked.select_related("answer").first()
    if found is None or found.answer is None:
        return None
    said = found.answer
    return Said(said.solved, said.satisfied, said.contacted, said.channel)
