"""Run what follows: queued reactions and scheduled jobs, in one loop."""

from __future__ import annotations

import logging
import math
import threading
import time
import traceback
from contextlib import nullcontext
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone

from siquan.base.journal import reactions
from siquan.base.journal.models import Pending, Tick
from siquan.base.kernel.masking import masked_text
from siquan.base.kernel.turns import is_due

log = logging.getLogger(__name__)

BATCH = 100
IDLE_SECONDS = 0.2
ASKED_PER_INTERVAL = 2  # another worker may have gone, so a job is late by half its interval at most
LONGEST_WAIT = timedelta(hours=1)
ENDING_SECONDS = 5.0  # for a job beside, once it is interrupted


def work_off(limit: int = BATCH) -> int:
    """Run up to `limit` queued reactions and return how many were taken.

    A reaction's effect and the removal of its row are one transaction: a killed worker repeats nothing that
    took effect and forgets nothing that did not.
    """
    if not Pending.objects.filter(_has_turn()).exists():  # what an idle worker asks
        return 0
    with transaction.atomic():
        taken = list(
            Pending.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("entry")
            .filter(_has_turn())
            .order_by("run_after", "id")[:limit]
        )
        done = [pending.pk for pending in taken if _run(pending)]
        if done:
            Pending.objects.filter(pk__in=done).delete()
    return len(taken)


def _has_turn() -> Q:
    return is_due(timezone.now(), turn="run_after", tries="attempts", longest=LONGEST_WAIT)


def _run(pending: Pending) -> bool:
    try:
        with transaction.atomic():
            reactions.by_name(pending.reaction)(pending.entry)
    except Exception:  # one bad reaction must not hold up the others
        log.exception("reaction %s failed on entry %s", pending.reaction, pending.entry_id)
        wait = min(timedelta(seconds=2 ** min(pending.attempts, 12)), LONGEST_WAIT)
        Pending.objects.filter(pk=pending.pk).update(
            attempts=min(pending.attempts + 1, 30000),
            run_after=timezone.now() + wait,
            last_error=masked_text(traceback.format_exc()[-2000:]),
        )
        return False
    return True


def run_scheduled(now: datetime, *, asked: dict[str, float] | None = None) -> int:
    """Run the scheduled jobs that are due, each under the lock of its own row; return how many ran.

    `asked` remembers from one call to the next when each job was last asked about (monotonic seconds), so
    that the table is not asked ten times within a job's interval.
    """
    ran = 0
    for every in reactions.schedule():
        if every.beside:
            continue
        name = reactions.name_of(every.job)
        if asked is not None:
            if time.monotonic() - asked.get(name, -math.inf) < every.seconds / ASKED_PER_INTERVAL:
                continue
            asked[name] = time.monotonic()
        Tick.objects.get_or_create(job=name)
        with transaction.atomic():
            tick = Tick.objects.select_for_update(skip_locked=True).filter(job=name).first()
            if tick is None or not _is_due(tick, every.seconds, now):
                continue
            tick.last_run = now
            tick.save(update_fields=["last_run"])
            if not every.own_transactions:
                _run_job(name, every)
        if every.own_transactions:
            _run_job(name, every)
        ran += 1
    return ran


def _run_job(name: str, every: reactions.Every) -> None:
    try:
        with nullcontext() if every.own_transactions else transaction.atomic():
            every.job()
    except Exception:  # the next run is the retry
        log.exception("scheduled job %s failed", name)


def _is_due(tick: Tick, seconds: float, now: datetime) -> bool:
    if tick.last_run is None or tick.last_run > now:  # a clock set back must not stop the schedule
        return True
    return (now - tick.last_run).total_seconds() >= seconds


def run_forever(stop: threading.Event) -> None:
    """Work until `stop` is set; a database that is away for a while is waited for."""
    asked: dict[str, float] = {}
    beside = [
        threading.Thread(
            target=_run_beside, args=(every, stop), name=reactions.name_of(every.job), daemon=True
        )
        for every in reactions.schedule()
        if every.beside
    ]
    for thread in beside:
        thread.start()
    while not stop.is_set():
        try:
            run_scheduled(timezone.now(), asked=asked)
            if work_off() == 0:
                stop.wait(IDLE_SECONDS)
        except DatabaseError:
            log.warning("the database does not answer; trying again")
            connection.close()
            stop.wait(1)
        close_old_connections()
    _end(beside)


def _end(beside: list[threading.Thread]) -> None:
    """Let the jobs beside come to an end in order, so that nothing they do counts as a failure."""
    for every in reactions.schedule():
        if every.interrupt:
            every.interrupt()
    for thread in beside:
        thread.join(ENDING_SECONDS)


def _run_beside(every: reactions.Every, stop: threading.Event) -> None:
    """Run one job again and again until `stop` is set, without a pause while there is work."""
    while not stop.is_set():
        if not _ran_something(every):
            stop.wait(every.seconds)
        close_old_connections()


def _ran_something(every: reactions.Every) -> bool:
    try:
        return bool(every.job())
    except DatabaseError:
        connection.close()
    except Exception:  # the next run is the retry
        log.exception("job %s failed", reactions.name_of(every.job))
    return False


def drain_beside() -> int:
    """Run the jobs that otherwise run in threads of their own until they find nothing; return how often."""
    return sum(1 for every in reactions.schedule() if every.beside for _ in iter(every.job, False))


def drain() -> int:
    """Run everything that is due now, in this process; for tests, imports and the demo."""
    total = 0
    while taken := work_off():
        total += taken
    return total
