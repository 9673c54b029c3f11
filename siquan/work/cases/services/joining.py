"""Seeing the same matter too (我也看到了): counted on the case instead of making another one."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.journal import services as journal
from siquan.base.journal.models import By
from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.work.cases.joiners import Joiner
from siquan.work.cases.models import Case
from siquan.work.cases.states import OPEN

_NUMBER = re.compile(r"\+?\d{7,15}")


def join_case(number: str, *, key: str, at: datetime) -> Joiner:
    """Count somebody who saw the matter of an open case too; the same `key` again counts nobody twice.

    Returns the joiner, whose token is the private link. Raises BadInput, NotFound, NotPossible.
    """
    known = Joiner.objects.select_related("case").filter(key=key).first()
    if known:
        return known
    case = Case.objects.filter(number=parse_number(number)).first()
    if case is None:
        raise NotFound
    if case.state not in OPEN:
        raise NotPossible(_("这件事已经办完了。还有问题，请另外上报。"))
    try:
        with transaction.atomic():
            joiner = Joiner.objects.create(case=case, key=key, at=at)
            journal.write("case.joined", about=case, by=None, by_kind=By.RESIDENT, at=at)
    except IntegrityError:  # the same button pressed twice in one moment
        return Joiner.objects.select_related("case").get(key=key)
    return joiner


def leave_number(joiner_id: int, *, phone: str) -> None:
    """Keep the number under which a joiner wants to be told how the case ends. Raises BadInput."""
    digits = re.sub(r"[\s()（）\-－.]", "", phone)
    if digits and not _NUMBER.fullmatch(digits):
        raise BadInput(_("这个号码看起来不对，请核对；也可以不留。"), field="phone")
    joiner = Joiner.objects.get(pk=joiner_id)
    joiner.phone = digits
    joiner.save(update_fields=["phone", "phone_print"])
