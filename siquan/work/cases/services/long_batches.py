"""Dispatch thousands of cases slice by slice: each once, whoever goes on after an interruption."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.permissions import require
from siquan.base.notices.services import notify
from siquan.work.cases.batches import BatchRefusal, DispatchBatch
from siquan.work.cases.models import Case
from siquan.work.cases.permissions import RULES
from siquan.work.cases.services.dispatching import dispatch_cases

log = logging.getLogger(__name__)

MOST: Final = 100_000
SLICE: Final = 50  # their rows stay locked until the slice is done


def start_batch(case_ids: Sequence[int], *, by: User, at: datetime, key: str) -> DispatchBatch:
    """Note which cases are to be dispatched; the worker does it.

    The same key gives the same batch again. Raises PermissionDenied, BadInput.
    """
    require(RULES, "dispatch", by, None)
    if len(case_ids) > MOST:
        raise BadInput(_("一次最多派遣{most}件，请先用筛选缩小范围。").format(most=MOST), field="all")
    ids = list(dict.fromkeys(case_ids))
    batch, _made = DispatchBatch.objects.get_or_create(
        by=by,
        key=key,
        defaults={
            "case_ids": ids,
            "total": len(ids),
            "language": translation.get_language() or "",
            "created_at": at,
        },
    )
    return batch


def dispatch_some(*, seconds: float) -> bool:
    """Dispatch the next cases of the batch that is least far, for some seconds; False when none waits."""
    end = time.monotonic() + seconds
    while is_more := _next_slice():
        if time.monotonic() >= end:
            break
    return is_more


@transaction.atomic
def _next_slice() -> bool:
    """Dispatch one slice and note how far it is, as one step; False when no batch waits."""
    batch = (
        DispatchBatch.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(finished_at=None)
        .order_by("done", "id")
        .first()
    )
    if batch is None:
        return False
    at = timezone.now()
    part = batch.case_ids[batch.done : batch.done + SLICE]
    with translation.override(batch.language or None):
        reasons = {case_id: reason for case_id in part if (reason := _refused(case_id, batch.by, at))}
    still_there = set(Case.objects.filter(pk__in=reasons).values_list("pk", flat=True))
    refused = [
        BatchRefusal(batch=batch, case_id=case_id, reason=reason)
        for case_id, reason in reasons.items()
        if case_id in still_there
    ]
    BatchRefusal.objects.bulk_create(refused)
    batch.done += len(part)
    batch.refused += len(reasons)
    if batch.done >= batch.total:
        batch.finished_at = at
        _tell(batch, at)
    batch.save(update_fields=["done", "refused", "finished_at"])
    return True


def _refused(case_id: int, by: User, at: datetime) -> str:
    """Dispatch one case; return why it could not be, or nothing."""
    try:
        return str(dispatch_cases([case_id], by=by, at=at)[0].refused)
    except DatabaseError:
        raise  # the next run is the retry; the slice was taken back as a whole
    except Exception:  # one bad case must not hold up the others
        log.exception("case %s of a batch failed", case_id)
        return str(_("程序出错，这件没有派遣。请打开案件单独派遣。"))


def _tell(batch: DispatchBatch, at: datetime) -> None:
    notify(
        [batch.by],
        kind="cases_batch.done",
        key=f"cases_batch.done:{batch.pk}",
        title=_("批量派遣完成：已派遣{dispatched}件"),
        text=_("共{total}件，{refused}件没有派遣，原因在结果页。"),
        params={name: getattr(batch, name) for name in ("dispatched", "total", "refused")},
        url=reverse("cases:batch_result", args=[batch.pk]),
        at=at,
        about=batch,
    )
