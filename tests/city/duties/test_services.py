"""Giving and ending duties, and looking after the accounts of colleagues."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.city.duties import queries, services
from siquan.city.duties.models import Duty, Role
from siquan.city.places.models import Division, Level
from siquan.city.units.models import Kind, Unit

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
START, TODAY, LATER = date(2026, 1, 1), date(2026, 11, 23), date(2026, 12, 24)


def person(name: str, *roles: str) -> User:
    user = User.objects.create_user(name, name=name)
    for role in roles:
        Duty.objects.create(user=user, role=role, valid_from=START)
    return user


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(code="U1", name="环卫中心", kind=Kind.BUREAU, valid_from=START, source="test")


@pytest.fixture
def street() -> Division:
    return Division.objects.create(
        code="S1", name="和平里街道", level=Level.STREET, valid_from=START, source="test"
    )


@pytest.mark.parametrize("role", [Role.CENTRE_LEAD, Role.ADMIN])
def test_a_lead_gives_a_duty_that_counts_at_once(unit: Unit, role: str) -> None:
    lead, clerk = person("lead", role), person("clerk")
    assert not queries.acts_for(clerk, unit_id=unit.pk, on=TODAY)

    duty = services.give_duty(user=clerk, role=Role.UNIT_CLERK, unit=unit, by=lead, at=NOW)

    assert queries.acts_for(clerk, unit_id=unit.pk, on=TODAY)
    assert duty.valid_from == TODAY
    entry = Entry.objects.get(event="duty.given")
    assert (entry.by, entry.at, entry.about_id) == (lead, NOW, duty.pk)
    assert entry.details["unit"] == unit.pk


@pytest.mark.parametrize("role", [None, Role.DISPATCHER, Role.UNIT_CLERK, Role.RULE_EDITOR, Role.LEADER])
def test_nobody_else_gives_or_ends_duties(unit: Unit, role: str | None) -> None:
    somebody = person("somebody", *([role] if role else []))
    duty = services.give_duty(user=person("clerk"), role=Role.UNIT_CLERK, unit=unit, by=None, at=NOW)

    with pytest.raises(PermissionDenied, match="只有中心负责人和系统管理员"):
        services.give_duty(user=somebody, role=Role.CENTRE_LEAD, by=somebody, at=NOW)
    with pytest.raises(PermissionDenied):
        services.end_duty(duty.pk, by=somebody, at=NOW)


def test_only_administrators_name_administrators() -> None:
    lead, admin, other = person("lead", Role.CENTRE_LEAD), person("admin", Role.ADMIN), person("other")

    with pytest.raises(PermissionDenied):
        services.give_duty(user=lead, role=Role.ADMIN, by=lead, at=NOW)
    duty = services.give_duty(user=other, role=Role.ADMIN, by=admin, at=NOW)
    with pytest.raises(PermissionDenied):
        services.end_duty(duty.pk, by=lead, at=NOW)


def test_the_last_administrator_stays() -> None:
    admin = person("admin", Role.ADMIN)
    duty = Duty.objects.get(user=admin)

    with pytest.raises(NotPossible, match="最后一名"):
        services.end_duty(duty.pk, by=admin, at=NOW)

    services.give_duty(user=person("second"), role=Role.ADMIN, by=admin, at=NOW)
    services.end_duty(duty.pk, by=admin, at=NOW)


@pytest.mark.parametrize(
    ("role", "bounds", "field"),
    [
        (Role.UNIT_CLERK, {}, "unit"),
        (Role.ADMIN, {"unit": True}, "role"),
        (Role.CENTRE_LEAD, {"division": True}, "role"),
        (Role.CHECKER, {"valid_to": START}, "valid_to"),
        ("emperor", {}, "role"),
    ],
)
def test_bounds_that_do_not_fit_are_refused(
    unit: Unit, street: Division, role: str, bounds: dict[str, Any], field: str
) -> None:
    things = {"unit": unit, "division": street}
    given = {name: things.get(name, value) for name, value in bounds.items()}

    with pytest.raises(BadInput) as refused:
        services.give_duty(user=person("x"), role=role, by=None, at=NOW, **given)
    assert refused.value.field == field
    assert not Duty.objects.exists()


def test_the_same_duty_again_changes_nothing(street: Division) -> None:
    somebody = person("checker")
    for _each in range(2):
        services.give_duty(user=somebody, role=Role.CHECKER, division=street, by=None, at=NOW)

    assert Duty.objects.count() == Entry.objects.count() == 1


def test_a_duty_ends_on_the_day_and_its_record_stays(street: Division) -> None:
    admin, somebody = person("admin", Role.ADMIN), person("checker")
    duty = services.give_duty(
        user=somebody, role=Role.CHECKER, division=street, by=admin, at=NOW, valid_from=START
    )

    services.end_duty(duty.pk, by=admin, at=NOW, on=LATER)

    duty.refresh_from_db()
    assert duty.valid_to == LATER
    assert queries.holds(somebody, Role.CHECKER, on=date(2026, 12, 23))
    assert not queries.holds(somebody, Role.CHECKER, on=LATER)
    assert Entry.objects.get(event="duty.ended").details["valid_to"] == "2026-12-24"


def test_ending_twice_or_nothing_is_refused(street: Division) -> None:
    admin = person("admin", Role.ADMIN)
    duty = services.give_duty(user=person("c"), role=Role.CHECKER, division=street, by=admin, at=NOW)
    services.end_duty(duty.pk, by=admin, at=NOW)

    with pytest.raises(NotPossible):
        services.end_duty(duty.pk, by=admin, at=NOW)
    with pytest.raises(NotFound):
        services.end_duty(987654, by=admin, at=NOW)


def test_a_duty_ended_before_it_began_never_held(street: Division) -> None:
    admin, somebody = person("admin", Role.ADMIN), person("c")
    duty = services.give_duty(
        user=somebody, role=Role.CHECKER, division=street, by=admin, at=NOW, valid_from=LATER
    )

    services.end_duty(duty.pk, by=admin, at=NOW)

    assert not queries.holds(somebody, Role.CHECKER, on=LATER)


def test_many_duties_are_loaded_once(unit: Unit, django_assert_max_num_queries: Any) -> None:
    people = [person(f"p{n}") for n in range(30)]
    rows = [Duty(user=each, role=Role.UNIT_CLERK, unit=unit, valid_from=START) for each in people]

    with django_assert_max_num_queries(6):
        assert services.load_duties(rows, by=None, at=NOW) == 30
    again = [Duty(user=each, role=Role.UNIT_CLERK, unit=unit, valid_from=START) for each in people]
    assert services.load_duties(again, by=None, at=NOW) == 0
    assert Entry.objects.filter(event="duty.given").count() == 30


def test_a_lead_makes_accounts_and_resets_passwords_but_not_those_of_administrators() -> None:
    lead, admin = person("lead", Role.CENTRE_LEAD), person("admin", Role.ADMIN)

    made, password = services.add_person(username="new", name="新同事", by=lead, at=NOW)
    assert made.check_password(password)
    assert made.must_change_password

    services.reset_password(made, by=lead, at=NOW)
    services.close_account(made, by=lead, at=NOW)
    services.open_account(made, by=lead, at=NOW)
    for act in (services.reset_password, services.close_account, services.open_account):
        with pytest.raises(PermissionDenied, match="系统管理员的账号"):
            act(admin, by=lead, at=NOW)
    services.reset_password(lead, by=admin, at=NOW)


def test_who_will_be_an_administrator_is_protected_already() -> None:
    lead, next_admin = person("lead", Role.CENTRE_LEAD), person("next")
    Duty.objects.create(user=next_admin, role=Role.ADMIN, valid_from=date(2100, 1, 1))

    with pytest.raises(PermissionDenied):
        services.reset_password(next_admin, by=lead, at=NOW)


def test_a_clerk_manages_no_accounts(unit: Unit) -> None:
    clerk, other = person("clerk", Role.DISPATCHER), person("other")

    with pytest.raises(PermissionDenied):
        services.add_person(username="new", name="新同事", by=clerk, at=NOW)
    with pytest.raises(PermissionDenied):
        services.reset_password(other, by=clerk, at=NOW)
