"""What this room holds about a person who reported: what they said when asked; the words can be emptied."""

from __future__ import annotations

from datetime import datetime

from siquan.base.privacy.registry import Erased, Held, Person
from siquan.work.callbacks.models import Answer
from siquan.work.cases.services.forgetting import cases_of

KIND = "call-back"


def hold_answers(person: Person, pictures: bool) -> list[Held]:
    """Return what a person has answered when called back."""
    rows = Answer.objects.filter(call_back__case__in=cases_of(person)).select_related("call_back__case")
    return [
        Held(
            KIND,
            each.call_back.case.number,
            {
                "at": each.at.isoformat(),
                "channel": each.channel,
                "contacted": each.contacted,
                "solved": each.solved,
                "satisfied": each.satisfied,
                "words": each.words,
            },
        )
        for each in rows.order_by("id")
    ]


def erase_answers(person: Person, at: datetime) -> list[Erased]:
    """Empty the words a person has said when called back; what counts (solved, satisfied) stays."""
    rows = Answer.objects.filter(call_back__case__in=cases_of(person)).exclude(words="")
    found = list(rows.select_related("call_back__case").order_by("id"))
    Answer.objects.filter(pk__in=[each.pk for each in found]).update(words="")
    return [Erased(KIND, each.call_back.case.number, "answer", each.pk) for each in found]
