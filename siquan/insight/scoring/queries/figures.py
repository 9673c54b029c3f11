"""The figures of a period: two integers each, with interval, rank and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from siquan.base.accounts.models import User
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.periods import Kind, Period, period_of
from siquan.city.duties.queries import duties_of
from siquan.city.places.queries import areas_on, day_with_ground
from siquan.city.units.models import Unit
from siquan.city.units.queries import units_by_code
from siquan.insight.scoring.formulas import RATES, Formula
from siquan.insight.scoring.intervals import (
    Count,
    Interval,
    Rank,
    effective_count,
    percent,
    ranks,
    wilson,
    z_of,
)
from siquan.insight.scoring.models import Rate, Reckoning, Scope
from siquan.insight.scoring.population import WHOLE
from siquan.insight.scoring.queries.packs import formula_of

TREND: Final = 12  # periods shown in a row
COMPOSITE: Final = "composite"


@dataclass(frozen=True)
class Figure:
    """One rate of one place or unit; without cases there is no rate, and nothing is made up for it."""

    rate: str
    cases: int = 0
    numerator: int = 0
    denominator: int = 0
    share: float | None = None
    text: str = ""
    interval: Interval | None = None
    left_out: int = 0
    left_out_by_appeal: int = 0
    is_weighted: bool = False
    count: Count | None = None

    @property
    def at(self) -> tuple[int, int, int]:
        """Where the interval begins, the rate stands, and how long the interval is, in thousandths."""
        if self.interval is None or self.share is None:
            return 0, 0, 0
        begin, end = round(self.interval.low * 1000), round(self.interval.high * 1000)
        return begin, max(0, min(994, round(self.share * 1000) - 3)), max(end - begin, 1)

    @property
    def weighed(self) -> tuple[str, str]:
        """Numerator and denominator with the weights: what the rate is reckoned from in a sample."""
        if self.count is None:
            return "", ""
        return f"{self.count.numerator / WHOLE:.1f}", f"{self.count.denominator / WHOLE:.1f}"

    @property
    def low(self) -> str:
        """The lower end of the interval, in per cent."""
        return f"{self.interval.low * 100:.1f}" if self.interval else ""

    @property
    def high(self) -> str:
        """The upper end of the interval, in per cent."""
        return f"{self.interval.high * 100:.1f}" if self.interval else ""


@dataclass
class Row:
    """A street or a unit with its rates; `ranks` are there where enough answers are."""

    scope: str
    code: str
    name: str
    figures: dict[str, Figure]
    ranks: dict[str, Rank] = field(default_factory=dict)


@dataclass(frozen=True)
class Board:
    """Everything a page says about a period."""

    period: Period
    reckoning: Reckoning
    formula: Formula
    district: Mapping[str, Figure]
    streets: Sequence[Row]
    units: Sequence[Row]
    trend: Sequence[tuple[Period, Mapping[str, Figure]]]


def own_unit_codes(user: User) -> list[str]:
    """Return the codes of the units a person acts for."""
    mine = duties_of(user).unit_ids
    return list(Unit.objects.filter(pk__in=mine).values_list("code", flat=True)) if mine else []


def unit_in(period: Period, code: str) -> int | None:
    """Return the key of the unit with a code at the end of a period, None when there was none."""
    found = units_by_code([code.replace("\0", "")], on=period.last)
    return next((unit.pk for unit in found.values()), None)


def newest(codes: Iterable[str]) -> dict[str, Reckoning]:
    """Return for each period code its reckoning with the newest knowledge."""
    found = (
        Reckoning.objects.filter(district_id=current_district(), period__in=list(codes))
        .order_by("period", "-known_at", "-id")
        .distinct("period")
        .select_related("pack")
    )
    return {each.period: each for each in found}


def newest_of_kind(kind: Kind, at: datetime) -> Period:
    """Return the last whole period of a kind that was reckoned, or else the last whole one."""
    last = period_of(at, kind).previous
    known = newest(each.code for each in row_of(last))
    return next((each for each in reversed(row_of(last)) if each.code in known), last)


def row_of(last: Period, many: int = TREND) -> list[Period]:
    """Return periods in a row up to the last, oldest first."""
    found = [last]
    while len(found) < many:
        found.append(found[-1].previous)
    return found[::-1]


def board(period: Period) -> Board | None:
    """Return the figures of a period, None when it has not been reckoned yet."""
    row = row_of(period)
    known = newest(each.code for each in row)
    reckoning = known.get(period.code)
    if reckoning is None:
        return None
    formula = formula_of(reckoning.pack)
    rates = list(Rate.objects.filter(reckoning=reckoning))
    day = day_with_ground(period.last)
    streets = {area.code: str(area) for area in areas_on(day).of_level("street")}
    units = {code: str(unit) for code, unit in units_by_code(on=period.last).items()}
    return Board(
        period=period,
        reckoning=reckoning,
        formula=formula,
        district=_figures((each for each in rates if each.scope == Scope.DISTRICT), formula),
        streets=_rows(rates, Scope.STREET, streets, formula),
        units=_rows(rates, Scope.UNIT, units, formula, only_with_cases=True),
        trend=_trend(row, known, formula),
    )


def trends(period: Period, scope: str, rate: str) -> dict[str, list[Figure | None]]:
    """Return one rate of every place or unit over the periods in a row, by code."""
    row = row_of(period)
    known = newest(each.code for each in row)
    place = {known[each.code].pk: number for number, each in enumerate(row) if each.code in known}
    formulas = {each.pk: formula_of(each.pack) for each in known.values()}
    found: dict[str, list[Figure | None]] = {}
    for each in Rate.objects.filter(reckoning__in=place, scope=scope, rate=rate):
        line = found.setdefault(each.code, [None] * len(row))
        line[place[each.reckoning_id]] = figure_of(each, formulas[each.reckoning_id])
    return found


def figure_of(row: Rate, formula: Formula) -> Figure:
    """Return a stored rate with its interval."""
    if not row.denominator:
        return Figure(row.rate, left_out=row.left_out, left_out_by_appeal=row.left_out_by_appeal)
    worth = effective_count(row.weight, row.weight_squares)
    count = Count(row.weighted_numerator, row.weighted_denominator, worth)
    return Figure(
        rate=row.rate,
        cases=row.cases,
        numerator=row.numerator,
        denominator=row.denominator,
        share=count.share,
        text=percent(count.numerator, count.denominator),
        interval=wilson(count, z_of(formula.confidence)),
        left_out=row.left_out,
        left_out_by_appeal=row.left_out_by_appeal,
        is_weighted=row.weight_squares * row.cases != row.weight * row.weight,
        count=count,
    )


def composite_of(figures: Mapping[str, Figure], formula: Formula) -> Figure | None:
    """Return the weighted mean of the rates, None when the pack has none; without all parts there is none.

    Its interval adds the parts' deviations up, as if they always erred together: on the careful side.
    """
    if not formula.composite:
        return None
    parts = [(figures.get(code, Figure(code)), weight) for code, weight in formula.composite.items()]
    if any(part.count is None for part, _weight in parts):
        return Figure(COMPOSITE)
    numerator, denominator = 0, 1
    for part, weight in parts:
        assert part.count
        numerator = numerator * part.count.denominator + weight * part.count.numerator * denominator
        denominator *= part.count.denominator
    denominator *= sum(formula.composite.values())
    share = numerator / denominator
    down = up = 0.0
    for part, weight in parts:
        assert part.interval and part.share is not None
        down += weight * (part.share - part.interval.low)
        up += weight * (part.interval.high - part.share)
    full = sum(formula.composite.values())
    return Figure(
        rate=COMPOSITE,
        cases=min(part.cases for part, _weight in parts),
        share=share,
        text=percent(numerator, denominator),
        interval=Interval(max(0.0, share - down / full), min(1.0, share + up / full)),
    )


def _figures(rows: Iterable[Rate], formula: Formula) -> dict[str, Figure]:
    found = {code: Figure(code) for code in RATES} | {row.rate: figure_of(row, formula) for row in rows}
    whole = composite_of(found, formula)
    return found | ({COMPOSITE: whole} if whole else {})


def _rows(
    rates: Sequence[Rate],
    scope: str,
    names: Mapping[str, str],
    formula: Formula,
    *,
    only_with_cases: bool = False,
) -> list[Row]:
    grouped: dict[str, list[Rate]] = {}
    for each in rates:
        if each.scope == scope:
            grouped.setdefault(each.code, []).append(each)
    codes = sorted(grouped) if only_with_cases else sorted({*names, *grouped})
    rows = [
        Row(scope, code, names.get(code, code), _figures(grouped.get(code, ()), formula)) for code in codes
    ]
    for rate in RATES:
        _rank(rows, rate, formula)
    return rows


def _rank(rows: Sequence[Row], rate: str, formula: Formula) -> None:
    """Give ranks to those with enough answers; the others are named, not ranked."""
    enough = [(row, count) for row in rows if (count := _enough(row.figures[rate], formula))]
    for (row, _count), rank in zip(
        enough, ranks([count for _row, count in enough], formula.confidence), strict=True
    ):
        row.ranks[rate] = rank


def _enough(figure: Figure, formula: Formula) -> Count | None:
    return figure.count if figure.cases >= formula.least else None


def _trend(
    row: Sequence[Period], known: Mapping[str, Reckoning], formula: Formula
) -> list[tuple[Period, Mapping[str, Figure]]]:
    rates: dict[int, list[Rate]] = {}
    keys = [each.pk for each in known.values()]
    for each in Rate.objects.filter(reckoning__in=keys, scope=Scope.DISTRICT):
        rates.setdefault(each.reckoning_id, []).append(each)
    return [
        (period, _figures(rates.get(known[period.code].pk, ()), formula_of(known[period.code].pack)))
        if period.code in known
        else (period, {code: Figure(code) for code in RATES})
        for period in row
    ]
