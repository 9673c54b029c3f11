"""Somebody else checks on site whether it is really done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.work.cases.models import Case, Purpose
from siquan.work.cases.services.handling import attach
from siquan.work.cases.services.taking import finish, take


@transaction.atomic
def verify_pass(
    case_id: int, *, by: User, at: datetime, note: str = "", photos: Sequence[bytes | files.Picture] = ()
) -> Case:
    """Confirm on site that the matter is dealt with (核查通过)."""
    case = take("verify-pass", case_id, by)
    attach(case, photos, purpose=Purpose.VERIFY, by=by, at=at)
    return finish(case, "verify-pass", by=by, at=at, note=note, photos=len(photos))


@transaction.atomic
def verify_fail(
    case_id: int, *, by: User, at: datetime, reason: str, photos: Sequence[bytes | files.Picture] = ()
) -> Case:
    """Send a case back that is not really dealt with (返工); the handling clock starts anew."""
    case = take("verify-fail", case_id, by)
    attach(case, photos, purpose=Purpose.VERIFY, by=by, at=at)
    case.rework_count += 1
    changed = ["rework_count"]
    return finish(case, "verify-fail", by=by, at=at, changed=changed, reason=reason, photos=len(photos))
