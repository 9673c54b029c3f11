"""Which formula counts, and what it says."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.periods import Period
from siquan.insight.scoring.formulas import Formula
from siquan.insight.scoring.models import FormulaPack
from siquan.insight.scoring.packfiles import checked


def pack_on(day: date) -> FormulaPack:
    """Return the formula pack in force on a day. Raises NotFound."""
    found: FormulaPack | None = (
        FormulaPack.objects.as_of(day)
        .filter(district_id=current_district())
        .order_by("-valid_from", "-id")
        .first()
    )
    if found is None:
        raise NotFound(_("这一天没有生效的公式包。请先装入：siquan rates load 文件。"))
    return found


def pack_for(period: Period) -> FormulaPack:
    """Return the formula of a period: the one in force on its first day. Raises NotFound."""
    return pack_on(period.first)


def packs() -> list[FormulaPack]:
    """Return every formula pack, newest first."""
    found = FormulaPack.objects.filter(district_id=current_district()).defer("text")
    return list(found.order_by("-valid_from", "-id"))


def formula_of(pack: FormulaPack) -> Formula:
    """Return what a pack says, read once per process."""
    return _read(pack.digest, pack.text)


@lru_cache(maxsize=16)
def _read(digest: str, text: str) -> Formula:
    return checked(text.encode())
