"""Pages of a long list of cases, read by cursor: the millionth row costs as much as the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import F, OrderBy, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput
from siquan.work.cases.models import Case, CaseQuerySet, ClockRun
from siquan.work.cases.queries.names import put_names

ORDERS: Final = {"newest": _("最新上报"), "due": _("按时限")}
PAGE: Final = 50
MOST_COUNTED: Final = 1000
MICRO: Final = 1_000_000


@dataclass(frozen=True)
class CasePage:
    """Some rows of a list, and the cursors of the rows before and after them; empty where there are none."""

    cases: list[Case]
    after: str = ""
    before: str = ""


def page_of(
    cases: CaseQuerySet, *, order: str = "newest", after: str = "", before: str = "", size: int = PAGE
) -> CasePage:
    """Return the rows after one cursor, or before the other, in a stable order. Raises BadInput."""
    if order not in ORDERS:
        raise BadInput(_("没有这种排序。"), field="order")
    backwards = bool(before) and not after
    if cursor := after or before:
        cases = cases.filter(_beyond(order, *_read(cursor), backwards=backwards))
    found = list(cases.order_by(*_order(order, backwards=backwards))[: size + 1])
    more, rows = len(found) > size, put_names(found[:size])
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, bool(after))
    return CasePage(
        rows,
        after=_cursor(order, rows[-1]) if rows and has_next else "",
        before=_cursor(order, rows[0]) if rows and has_previous else "",
    )


def with_deadlines(cases: CaseQuerySet) -> CaseQuerySet:
    """Return the cases with what a deadline chip needs: the running clock and its pauses (two queries)."""
    runs = ClockRun.objects.filter(stopped_at=None).prefetch_related("pauses")
    return cases.prefetch_related(Prefetch("clock_runs", queryset=runs, to_attr="running_runs"))


def count_up_to(cases: CaseQuerySet, most: int = MOST_COUNTED) -> tuple[int, bool]:
    """Return how many there are, counting no further than `most`, and whether there are more."""
    found = cases.order_by().values("pk")[: most + 1].count()
    return min(found, most), found > most


def _order(order: str, *, backwards: bool) -> list[OrderBy]:
    if order == "newest":
        newest = [F("reported_at").desc(), F("id").desc()]
        return [F("reported_at").asc(), F("id").asc()] if backwards else newest
    if backwards:
        return [F("due_at").desc(nulls_first=True), F("id").desc()]
    return [F("due_at").asc(nulls_last=True), F("id").asc()]


def _beyond(order: str, at: datetime | None, key: int, *, backwards: bool) -> Q:
    if order == "newest":
        if at is None:
            raise BadInput(_("这个翻页地址读不懂，请从第一页重新打开。"), field="after")
        return _side("reported_at", at, key, later=backwards)
    if at is None:
        without = Q(due_at=None, **{"id__lt" if backwards else "id__gt": key})
        return without | Q(due_at__isnull=False) if backwards else without
    beyond = _side("due_at", at, key, later=not backwards)
    return beyond if backwards else beyond | Q(due_at=None)


def _side(field: str, at: datetime, key: int, *, later: bool) -> Q:
    """Return what lies strictly after (or before) a row in the order (field, id), as a range of the index."""
    than = "gt" if later else "lt"
    strictly = Q(**{f"{field}__{than}": at}) | Q(**{f"id__{than}": key})
    return Q(**{f"{field}__{than}e": at}) & strictly


def _cursor(order: str, case: Case) -> str:
    at = case.reported_at if order == "newest" else case.due_at
    return f"{_micros(at) if at else 'none'}-{case.pk}"


def _micros(at: datetime) -> int:
    whole = at.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * MICRO + whole.microsecond


def _read(cursor: str) -> tuple[datetime | None, int]:
    at, _dash, key = cursor.partition("-")
    try:
        if at == "none":
            return None, int(key)
        seconds, micros = divmod(int(at), MICRO)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), int(key)
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(_("这个翻页地址读不懂，请从第一页重新打开。"), field="after") from error
