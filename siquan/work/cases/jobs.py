"""What the worker does for cases by the clock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from siquan.base.journal import services as journal
from siquan.work.cases.models import Case, ClockRun
from siquan.work.cases.services import (
    choosing,
    counting,
    import_files,
    learning,
    long_batches,
    resume_if_due,
)
from siquan.work.cases.services.clocks import WARN_AT, reckon

AT_ONCE = 200


def warn_of_deadlines() -> int:
    """Write a journal entry for every clock that has used up 50, 80 or 100 % of its limit."""
    return warn(timezone.now())


@transaction.atomic
def warn(at: datetime) -> int:
    """Warn about the clocks whose next warning is due at a time; return how many."""
    runs = list(
        ClockRun.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(stopped_at=None, warn_at__lte=at)
        .select_related("case")
        .prefetch_related("pauses")
        .order_by("warn_at")[:AT_ONCE]
    )
    for run in runs:
        # After a stand-still of the worker only the latest warning is worth a word.
        run.warned_percent = next(each for each in WARN_AT if each > run.warned_percent)
        if at > run.due_at:
            run.warned_percent = WARN_AT[-1]
        reckon(run, run.pauses.all())
        run.save(update_fields=["warned_percent", "warn_at"])
        journal.write(
            "case.deadline_near" if run.warned_percent < WARN_AT[-1] else "case.deadline_passed",
            about=run.case,
            by=None,
            at=at,
            clock=run.kind,
            percent=run.warned_percent,
            due=run.due_at.isoformat(),
        )
    return len(runs)


def resume_suspended() -> int:
    """Take up again the cases whose suspension has run out."""
    at = timezone.now()
    ids = Case.objects.filter(suspended_until__lte=at).values_list("pk", flat=True)[:AT_ONCE]
    return sum(resume_if_due(case_id, at=at) for case_id in ids)


def go_on_importing() -> None:
    """Import the next rows of a file of tickets, for about a second; what is left waits for the next time."""
    import_files.import_some(at=timezone.now(), seconds=1.5)


def go_on_dispatching() -> None:
    """Dispatch the next cases of a long batch, for about a second; what is left waits for the next time."""
    long_batches.dispatch_some(seconds=1.0)


def count_density() -> None:
    """Count anew how many cases lie where, for the wide windows of the map."""
    counting.count_density(at=timezone.now())


def learn_next() -> bool:
    """Learn categories again when somebody has asked for it; return whether that was so."""
    return learning.learn_next(at=timezone.now())


def stop_learning() -> None:
    """Interrupt what is being learned; it may be asked for again."""
    learning.stop()


def look_after_models() -> None:
    """Note trainings that were lost, let the model in use follow the table, remove files nobody will use."""
    choosing.look_after_models(at=timezone.now())
