"""What a person holds, on which day, for what."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import SimpleLazyObject

from siquan.base.accounts.models import User
from siquan.city.duties import queries
from siquan.city.duties.models import Duty, Role
from siquan.city.places.models import Division, Level
from siquan.city.units.models import Kind, Unit

pytestmark = pytest.mark.django_db
START, TODAY, END = date(2026, 1, 1), date(2026, 11, 23), date(2026, 12, 1)


@pytest.fixture
def clerk() -> User:
    return User.objects.create_user("clerk", name="李经办")


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(code="U1", name="环卫中心", kind=Kind.BUREAU, valid_from=START, source="test")


def division(code: str, level: str = Level.STREET) -> Division:
    return Division.objects.create(code=code, name=code, level=level, valid_from=START, source="test")


def give(user: User, role: str, **bounds: object) -> Duty:
    return Duty.objects.create(user=user, role=role, **{"valid_from": START} | bounds)


def test_a_clerk_acts_for_the_unit_of_the_duty_only(clerk: User, unit: Unit) -> None:
    give(clerk, Role.UNIT_CLERK, unit=unit)

    assert queries.acts_for(clerk, unit_id=unit.pk, on=TODAY)
    assert not queries.acts_for(clerk, unit_id=unit.pk + 1, on=TODAY)
    assert not queries.acts_for(clerk, unit_id=None, on=TODAY)
    assert queries.duties_of(clerk, TODAY).unit_ids == {unit.pk}


def test_a_duty_holds_from_its_first_day_until_the_day_before_its_end(clerk: User, unit: Unit) -> None:
    give(clerk, Role.UNIT_CLERK, unit=unit, valid_to=END)

    assert not queries.acts_for(clerk, unit_id=unit.pk, on=date(2025, 12, 31))
    assert queries.acts_for(clerk, unit_id=unit.pk, on=START)
    assert queries.acts_for(clerk, unit_id=unit.pk, on=date(2026, 11, 30))
    assert not queries.acts_for(clerk, unit_id=unit.pk, on=END)


def test_a_duty_outlives_a_change_of_its_divisions_boundary(clerk: User) -> None:
    before, other = division("S1"), division("S2")
    give(clerk, Role.CHECKER, division=before)
    Division.objects.filter(pk=before.pk).update(valid_to=TODAY)
    after = Division.objects.create(code="S1", name="S1", level=Level.STREET, valid_from=TODAY, source="test")

    held = queries.duties_of(clerk, TODAY)

    assert held.division_ids(Role.CHECKER) == {before.pk, after.pk}
    assert not held.covers(Role.CHECKER, [other.pk])
    for row in (before, after):
        assert list(queries.people_with(Role.CHECKER, division_ids=[row.pk], on=TODAY)) == [clerk]
    assert not queries.people_with(Role.CHECKER, division_ids=[other.pk], on=TODAY).exists()


def test_a_duty_for_a_division_covers_what_lies_in_it(clerk: User) -> None:
    mine, other = division("S1"), division("S2")
    give(clerk, Role.CHECKER, division=mine)
    held = queries.duties_of(clerk, TODAY)

    assert held.covers(Role.CHECKER, [None, 77, mine.pk])
    assert not held.covers(Role.CHECKER, [other.pk])
    assert not held.covers(Role.CHECKER, [])
    assert not held.covers(Role.CHECKER, [None])
    assert not held.covers(Role.GRID_WORKER, [mine.pk]), "another role"
    assert held.division_ids(Role.CHECKER) == {mine.pk}


@pytest.mark.parametrize("named", [False, True])
def test_a_duty_without_bounds_or_for_the_district_covers_everything(clerk: User, named: bool) -> None:
    give(clerk, Role.CHECKER, division=division("D", Level.DISTRICT) if named else None)

    assert queries.duties_of(clerk, TODAY).covers(Role.CHECKER, [None])
    assert queries.holds(clerk, Role.CHECKER, division_ids=[1234], on=TODAY)


def test_a_duty_for_a_unit_covers_no_division(clerk: User, unit: Unit) -> None:
    give(clerk, Role.CHECKER, unit=unit)

    assert not queries.duties_of(clerk, TODAY).covers(Role.CHECKER, [division("S1").pk])


def test_who_is_unknown_or_inactive_holds_nothing(clerk: User, unit: Unit) -> None:
    give(clerk, Role.ADMIN)
    clerk.is_active = False

    assert queries.duties_of(clerk, TODAY) is queries.NOTHING
    assert queries.duties_of(AnonymousUser(), TODAY) is queries.NOTHING
    assert queries.duties_of(None, TODAY) is queries.NOTHING


def test_a_request_reads_the_duties_once(clerk: User, django_assert_num_queries: object) -> None:
    give(clerk, Role.ADMIN)
    user = SimpleLazyObject(lambda: clerk)

    with django_assert_num_queries(1):  # type: ignore[operator]
        for _ in range(3):
            assert queries.holds(user, Role.ADMIN)  # type: ignore[arg-type]


def test_people_are_found_by_role_and_place(clerk: User) -> None:
    mine, other = division("S1"), division("S2")
    boss = User.objects.create_user("boss", name="王主任")
    give(clerk, Role.CHECKER, division=mine)
    give(boss, Role.CHECKER)

    assert list(queries.people_with(Role.CHECKER, division_ids=[mine.pk], on=TODAY)) == [clerk, boss]
    assert list(queries.people_with(Role.CHECKER, division_ids=[other.pk], on=TODAY)) == [boss]
    assert list(queries.people_with(Role.CHECKER, on=TODAY)) == [clerk, boss]
