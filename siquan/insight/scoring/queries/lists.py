"""The cases behind a figure: the very lists it was summed from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import F, Func, IntegerField, Sum
from django.utils.translation import gettext_lazy as _

from siquan.insight.scoring.models import Reckoning, Scope, Tally

PARTS: Final = {
    "counted": _("计入分母的"),
    "full": _("得满分的"),
    "short": _("没有得满分的"),
    "out": _("不计入的"),
}
_CONDITIONS: Final = {
    "counted": "t.reason = ''",
    "full": "t.reason = '' and t.points >= %(full)s",
    "short": "t.reason = '' and t.points < %(full)s",
    "out": "t.reason <> ''",
}
PER_PAGE: Final = 50


@dataclass(frozen=True)
class Asked:
    """Which list: of which rate, place or unit, and which part of it."""

    reckoning: Reckoning
    rate: str
    full: int
    scope: str = Scope.DISTRICT
    code: str = ""
    part: str = "counted"


@dataclass(frozen=True)
class CaseLine:
    """A case in a list: nothing of what a person has written."""

    id: int
    number: str
    category: str
    category_en: str
    street: str
    unit: str
    reported_at: datetime
    closed_at: datetime | None
    points: int
    reason: str


def has_lists(reckoning: Reckoning) -> bool:
    """Tell whether the lists of a reckoning are still kept."""
    return Tally.objects.filter(reckoning=reckoning).exists()


def part_counts(asked: Asked) -> dict[str, int]:
    """Return how many cases each part has, in one statement."""
    sums = ", ".join(
        f"coalesce(sum(cardinality(t.case_ids)) filter (where {condition}), 0)"
        for condition in _CONDITIONS.values()
    )
    where, given = _where(asked)
    with connection.cursor() as cursor:
        cursor.execute(f"select {sums} from scoring_tally t where {where}", given)  # noqa: S608
        return dict(zip(PARTS, cursor.fetchone(), strict=True))


def lines_of(asked: Asked, *, offset: int = 0, limit: int | None = PER_PAGE) -> Sequence[CaseLine]:
    """Return the cases of a part, by key."""
    where, given = _where(asked)
    statement = f"""
        with listed as (
            select unnest(t.case_ids) as id, t.points, t.reason, t.street, t.unit from scoring_tally t
            where {where} and {_CONDITIONS[asked.part]} order by 1 offset %(offset)s limit %(limit)s
        )
        select c.id, c.number, coalesce(k.name, ''), coalesce(k.name_en, ''), l.street, l.unit,
            c.reported_at, c.closed_at, l.points, l.reason
        from listed l join cases_case c on c.id = l.id left join rules_category k on k.id = c.category_id
        order by c.id"""  # noqa: S608 - conditions are our own words
    with connection.cursor() as cursor:
        cursor.execute(statement, given | {"offset": offset, "limit": limit})
        return [CaseLine(*row) for row in cursor.fetchall()]


def every_line(asked: Asked, at_once: int = 2000) -> Iterator[CaseLine]:
    """Yield every case of a part, portion by portion."""
    offset = 0
    while lines := lines_of(asked, offset=offset, limit=at_once):
        yield from lines
        offset += at_once


def reasons_of(asked: Asked) -> list[tuple[str, int]]:
    """Return why cases are left out, and how many for each reason."""
    found = Tally.objects.filter(reckoning=asked.reckoning, rate=asked.rate).exclude(reason="")
    if asked.scope != Scope.DISTRICT:
        found = found.filter(**{asked.scope: asked.code})
    many = Func(F("case_ids"), function="cardinality", output_field=IntegerField())
    return list(found.values_list("reason").annotate(many=Sum(many)).order_by("-many", "reason"))


def _where(asked: Asked) -> tuple[str, dict[str, Any]]:
    given = {"reckoning": asked.reckoning.pk, "rate": asked.rate, "code": asked.code, "full": asked.full}
    narrow = {Scope.STREET: " and t.street = %(code)s", Scope.UNIT: " and t.unit = %(code)s"}
    return f"t.reckoning_id = %(reckoning)s and t.rate = %(rate)s{narrow.get(Scope(asked.scope), '')}", given
