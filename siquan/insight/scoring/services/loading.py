"""Load a formula pack: a new version ends the one before it; what is loaded never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.permissions import require
from siquan.insight.scoring.formulas import Formula
from siquan.insight.scoring.models import FormulaPack
from siquan.insight.scoring.packfiles import checked, digest_of
from siquan.insight.scoring.permissions import OTHER_RULES


@transaction.atomic
def load_formula(content: bytes, *, by: User | None, at: datetime) -> tuple[FormulaPack, bool]:
    """Load a formula pack and tell whether it is new; the same content twice changes nothing.

    Raises FaultyFormula, BadInput (the version exists with other content), PermissionDenied.
    """
    if by is not None:
        require(OTHER_RULES, "load-formula", by, None)
    formula, digest = checked(content), digest_of(content)
    with connection.cursor() as cursor:  # two loads at once would close each other's versions
        cursor.execute("select pg_advisory_xact_lock(hashtext('siquan.scoring.load'))")
    versions = FormulaPack.objects.filter(district_id=current_district(), name=formula.name)
    known = versions.filter(version=formula.version).first()
    if known is not None:
        if known.digest != digest:
            words = _("{pack} 早已装入，内容与这一份不同。已有的三率按它计算，请换一个版本号。")
            raise BadInput(format_lazy(words, pack=str(known)), field="version")
        return known, False
    later = versions.filter(valid_from__gt=formula.valid_from).order_by("valid_from").first()
    row = FormulaPack.objects.create(
        name=formula.name,
        version=formula.version,
        title=formula.title.zh,
        title_en=formula.title.en,
        source=formula.source,
        valid_from=formula.valid_from,
        valid_to=later.valid_from if later else None,
        loaded_at=at,
        digest=digest,
        text=content.decode("utf-8-sig"),
    )
    journal.write("formula.loaded", about=row, by=by, at=at, version=str(row), digest=digest)
    _close_version_before(row, formula, versions, by, at)
    return row, True


def _close_version_before(
    row: FormulaPack, formula: Formula, versions: Any, by: User | None, at: datetime
) -> None:
    before = versions.as_of(formula.valid_from).exclude(pk=row.pk)
    for each in before:
        each.valid_to = formula.valid_from
        each.save(update_fields=["valid_to"])
        journal.write("formula.closed", about=each, by=by, at=at, valid_to=str(each.valid_to), next=str(row))
