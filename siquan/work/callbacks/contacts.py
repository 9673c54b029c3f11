"""The one place where this room reads a reporter's number; who sees it is written down by `reveal_phone`."""

from __future__ import annotations

import re
from collections.abc import Collection

from siquan.work.cases.models import Reporter

MOBILE = re.compile(r"1\d{10}")


def with_number(case_ids: Collection[int]) -> set[int]:
    """Return the cases whose reporters left a number; nothing is opened for it."""
    left = Reporter.objects.filter(case_id__in=case_ids).exclude(phone_print="")
    return set(left.values_list("case_id", flat=True))


def number_of(case_id: int) -> str:
    """Return the number of the reporter of a case; empty when there is none."""
    reporter = Reporter.objects.filter(case_id=case_id).first()
    return reporter.phone if reporter else ""


def mobile_of(case_id: int) -> str:
    """Return the number if it can take a message; else nothing."""
    digits = "".join(each for each in number_of(case_id) if each.isdigit())
    return digits if MOBILE.fullmatch(digits) else ""
