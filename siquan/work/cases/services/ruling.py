"""Which rules count for a case on a day; a case filed under an older pack finds its category by code."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import NotFound
from siquan.city.rules import queries as rules
from siquan.city.rules.models import Category
from siquan.work.cases.models import Case


def book_on(day: date) -> rules.Rulebook:
    """Return the rulebook in force on a day. Raises NotFound."""
    return rules.rulebook(rules.pack_in_force(day))


def entry_of(case: Case, book: rules.Rulebook) -> rules.CategoryEntry | None:
    """Return the case's category as the rulebook knows it; None without one, or if the pack dropped it."""
    if case.category_id is None or case.category_id in book.by_id:
        return book.by_id.get(case.category_id or 0)
    code = Category.objects.filter(pk=case.category_id).values_list("code", flat=True).first()
    return book.categories.get(code or "")


def limit_line(case: Case, clock: str, at: datetime) -> rules.LimitLine:
    """Return the time limit for a step of the case. Raises NotFound when the pack has none.

    While nobody has said what a case is about, the shortest limit among the top categories counts.
    """
    day = timezone.localdate(at)
    book = book_on(day)
    entry = entry_of(case, book)
    if entry is not None:
        line = book.limit_for(entry.id, clock, case.road_class)
    else:
        line = shortest_line(book, clock, day)
    if line is None:
        raise NotFound(_("规则包里没有这一步的时限，请管理员补充（siquan rules check）。"))
    return line


def shortest_line(book: rules.Rulebook, clock: str, day: date) -> rules.LimitLine | None:
    """Return the shortest limit among the top categories for a step; None when there is none."""
    tops = [each.id for each in book.by_id.values() if each.parent_id is None]
    lines = [found for found in (book.limit_for(top, clock) for top in tops) if found]
    calendar = rules.calendar_in_force(day)
    return min(lines, key=lambda each: each.amount * each.measure.minutes(calendar), default=None)


def responsibility_of(case: Case, at: datetime) -> rules.Responsibility | None:
    """Return who answers for the case by the list in force, with the line and the reason; None if nobody."""
    day = timezone.localdate(at)
    book = book_on(day)
    entry = entry_of(case, book)
    if entry is None:
        return None
    return book.responsibility_for(
        entry.id,
        division_ids=[case.cell_id, case.block_id, case.community_id, case.street_id],
        block_kind=case.block.kind if case.block else "",
        on=day,
    )
