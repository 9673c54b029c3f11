"""Who saw the same matter too, and what the public may be shown of cases a report could be about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from siquan.base.kernel.errors import NotFound
from siquan.work.cases.joiners import Joiner
from siquan.work.cases.models import Case
from siquan.work.cases.queries.duplicates import Alike, Asked, possible_duplicates
from siquan.work.cases.queries.public import PublicCase, is_private, public_rows
from siquan.work.cases.services.ruling import book_on


@dataclass(frozen=True)
class PublicAlike:
    """An open case a report is possibly about, in public words only."""

    case: PublicCase
    why: str
    seen: int


def public_duplicates(asked: Asked) -> list[PublicAlike]:
    """Return the open cases a report is possibly about, as everybody may see them.

    Matters of homes are left out: how far away they are would tell where somebody lives.
    """
    found: dict[int, Alike] = {alike.id: alike for alike in possible_duplicates(asked)}
    if not found:
        return []
    cases = Case.objects.filter(pk__in=found).select_related("category", "street", "block", "site")
    open_to_all = {case.pk: case for case in cases.defer("text", "title", "address") if not is_private(case)}
    likeliest = [open_to_all[key] for key in found if key in open_to_all]
    told = public_rows(likeliest)
    return [
        PublicAlike(facts, found[case.pk].why, seen_by(case.number))
        for case, facts in zip(likeliest, told, strict=True)
    ]


def category_id(code: str, at: datetime) -> int | None:
    """Return the category of a code in force; None when there is none."""
    try:
        entry = book_on(timezone.localdate(at)).categories.get(code) if code else None
    except NotFound:
        return None
    return entry.id if entry else None


def seen_by(number: str) -> int:
    """Return how many people saw the matter of a case: the reporter, and those who said so too."""
    return 1 + Joiner.objects.filter(case__number=number).count()


def joined_by_token(token: str) -> Joiner:
    """Return who joined a case, by their private link. Raises NotFound."""
    found = Joiner.objects.select_related("case__category", "case__street", "case__block", "case__site")
    joiner = found.filter(token=token[:32].replace("\x00", "")).first() if token else None
    if joiner is None:
        raise NotFound
    return joiner
