"""Reckoning: two integers a figure, from the very lists it opens to, the same for any past day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.periods import parse_period
from siquan.insight.scoring import queries, services
from siquan.insight.scoring.models import Rate, Reckoning, Scope, Tally, Why
from siquan.insight.scoring.queries import Asked
from siquan.work.cases import services as cases
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.insight.scoring import packs

pytestmark = pytest.mark.django_db
LATER = make.NOW + timedelta(days=1)


def closed(*, at: datetime = make.NOW, **fields: Any) -> Case:
    """Return a closed case."""
    return make.case(State.CLOSED, at=at, **fields)


def rate_of(made: Reckoning, rate: str, scope: str = Scope.DISTRICT, code: str = "") -> tuple[int, int]:
    """Return a rate as its two integers."""
    row = Rate.objects.get(reckoning=made, rate=rate, scope=scope, code=code)
    return row.numerator, row.denominator


def reopen(case: Case, at: datetime) -> None:
    """Take a case up again and close it after a week, late."""
    unit, clerk = make.unit("HW2"), None
    cases.ACTS["reopen"](case.pk, by=make.dispatcher(), at=at, reason="没有解决")
    cases.ACTS["dispatch"](case.pk, by=make.dispatcher(), at=at, unit=unit.code)
    clerk = make.clerk(unit)
    cases.ACTS["accept"](case.pk, by=clerk, at=at)
    end = at + timedelta(days=40)
    cases.ACTS["report-done"](case.pk, by=clerk, at=end, note="完成")
    cases.ACTS["verify-pass"](case.pk, by=make.checker(make.street()), at=end)
    cases.ACTS["close"](case.pk, by=make.dispatcher(), at=end)


def test_reckon_counts_points_for_the_district_the_street_and_the_unit() -> None:
    packs.load()
    for _each in range(3):
        closed()
    make.case(State.IN_HAND)

    made = services.reckon("2026-09", at=LATER)

    assert rate_of(made, "response") == (3, 3)
    assert rate_of(made, "resolution") == (6, 6)
    assert rate_of(made, "satisfaction") == (0, 0)
    assert rate_of(made, "resolution", Scope.STREET, "110101001") == (6, 6)
    assert rate_of(made, "resolution", Scope.UNIT, "HW") == (6, 6)
    assert rate_of(services.reckon("2026-08", at=LATER), "response") == (0, 0)


def test_without_cases_there_is_no_rate_not_nought_per_cent() -> None:
    packs.load()
    make.street()
    services.reckon("2026-09", at=LATER)
    board = queries.board(parse_period("2026-09"))

    assert board is not None
    assert board.district["response"].share is None
    assert board.district["response"].text == ""
    assert board.district[queries.COMPOSITE].share is None


def test_reckoning_a_past_day_gives_what_was_known_then_whatever_happened_since() -> None:
    packs.load()
    kept, again = closed(), closed()
    first = services.reckon("2026-09", at=make.NOW + timedelta(hours=1))
    reopen(again, make.NOW + timedelta(hours=2))
    cases.set_place(kept.pk, by=make.dispatcher(), at=LATER, lon=make.INSIDE[0], lat=make.INSIDE[1])
    much_later = make.NOW + timedelta(days=60)
    now = services.reckon("2026-09", at=much_later)
    then = services.reckon("2026-09", at=much_later, known_at=first.known_at)

    def listed(made: Reckoning) -> list[Any]:
        fields = ("rate", "street", "unit", "points", "weight", "reason", "case_ids")
        return sorted(Tally.objects.filter(reckoning=made).values_list(*fields))

    assert [rate_of(each, "response") for each in (first, then, now)] == [(2, 2)] * 3
    assert listed(first) == listed(then) == listed(now)
    november = services.reckon("2026-11", at=much_later)
    assert rate_of(november, "response") == (0, 1)
    assert rate_of(november, "resolution", Scope.UNIT, "HW2") == (0, 2)
    assert rate_of(services.reckon("2026-11", at=much_later, known_at=first.known_at), "response") == (0, 0)
    assert {key for row in listed(now) for key in row[-1]} == {kept.pk, again.pk}


def test_a_case_closed_twice_in_a_period_counts_once_by_its_last_closing() -> None:
    packs.load()
    reopen(closed(), make.NOW + timedelta(hours=2))

    year = services.reckon("2026", at=LATER + timedelta(days=90))
    then = services.reckon("2026", at=LATER + timedelta(days=90), known_at=make.NOW + timedelta(hours=3))

    assert (rate_of(year, "response"), rate_of(then, "response")) == ((0, 1), (1, 1))
    assert rate_of(year, "response", Scope.UNIT, "HW2") == (0, 1)
    assert rate_of(then, "response", Scope.UNIT, "HW") == (1, 1)


def test_parts_add_up_to_the_whole() -> None:
    packs.load()
    for day in (0, 3, 9):
        closed(at=make.NOW + timedelta(days=day))
    at = make.NOW + timedelta(days=30)
    months = [services.reckon(code, at=at) for code in ("2026-07", "2026-08", "2026-09")]
    quarter = services.reckon("2026Q3", at=at)

    for rate in ("response", "resolution", "satisfaction"):
        parts = [rate_of(each, rate) for each in months]
        assert rate_of(quarter, rate) == (sum(n for n, _d in parts), sum(d for _n, d in parts))
        for made in (*months, quarter):
            units = Rate.objects.filter(reckoning=made, rate=rate, scope=Scope.UNIT)
            assert rate_of(made, rate) == (
                sum(each.numerator for each in units),
                sum(each.denominator for each in units),
            )


def test_a_figure_is_as_long_as_the_list_it_opens_to() -> None:
    packs.load()
    for _each in range(3):
        closed()
    made = services.reckon("2026-09", at=LATER)

    for row in Rate.objects.filter(reckoning=made):
        full = row.denominator // row.cases if row.cases else 1
        for part, many in queries.part_counts(Asked(made, row.rate, full, row.scope, row.code)).items():
            lines = queries.lines_of(Asked(made, row.rate, full, row.scope, row.code, part))
            assert len(lines) == many
        counted = queries.lines_of(Asked(made, row.rate, full, row.scope, row.code))
        assert len(counted) == row.cases
        assert sum(line.points for line in counted) == row.numerator


def test_the_bulk_statement_judges_each_case_as_the_formula_does() -> None:
    packs.load()
    closed(), closed()
    reopen(closed(), make.NOW + timedelta(hours=1))
    at = make.NOW + timedelta(days=60)
    made = services.reckon("2026", at=at)
    formula = queries.formula_of(made.pack)

    expected: dict[str, tuple[int, int]] = dict.fromkeys(formula.rates, (0, 0))
    for case in Case.objects.all():
        outcome = queries.outcome_of(case.pk, made)
        assert outcome is not None
        for verdict in formula.judge(outcome):
            n, d = expected[verdict.rate]
            expected[verdict.rate] = (n + verdict.points, d + verdict.full)
    assert {rate: rate_of(made, rate) for rate in formula.rates} == expected
    assert expected["resolution"] == (4, 6)  # the third was late the second time


def test_only_months_quarters_and_years_are_reckoned_and_never_from_the_future() -> None:
    with pytest.raises(NotFound, match="公式包"):
        services.reckon("2026-09", at=LATER)
    packs.load()
    with pytest.raises(BadInput, match="按月"):
        services.reckon("2026-09-23", at=LATER)
    with pytest.raises(BadInput):
        services.reckon("2026-09", at=make.NOW, known_at=LATER)


def test_results_never_change_and_older_lists_make_room() -> None:
    packs.load()
    closed()
    old = services.reckon("2026-09", at=LATER, why=Why.CLOCK)
    asked = services.reckon("2026-09", at=LATER + timedelta(hours=1))
    new = services.reckon("2026-09", at=LATER + timedelta(hours=2), why=Why.CLOCK)

    assert [queries.has_lists(each) for each in (old, asked, new)] == [False, True, True]
    assert queries.newest(["2026-09"])["2026-09"] == new
    with pytest.raises(Exception, match="pgtrigger"):
        Rate.objects.filter(reckoning=new).update(numerator=0)


def test_rates_are_kept_for_places_and_units_never_for_persons() -> None:
    people = {"user", "handler", "clerk", "person", "by", "asked_by", "decided_by"}

    assert set(Scope.values) == {"district", "street", "unit"}
    for model in (Rate, Tally):
        assert not people & {field.name for field in model._meta.get_fields()}
        assert not [
            f
            for f in model._meta.get_fields()
            if f.related_model and "user" in f.related_model.__name__.lower()
        ]


def test_the_compute_command_prints_two_integers(capsys: Any) -> None:
    packs.load()
    closed()
    call_command("rates_compute", "2026-09", "--json")

    assert '"rate": "resolution", "numerator": 2, "denominator": 2' in capsys.readouterr().out
    with pytest.raises(CommandError, match="zone"):
        call_command("rates_compute", "2026-09", "--as-of", "2026-09-30")
