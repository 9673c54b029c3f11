"""People of the demo district: somebody for every role, unit and street; all names are made up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from siquan.base.accounts.models import User
from siquan.city.duties.models import Role
from siquan.city.duties.services import give_duty
from siquan.city.places.models import Division, Level
from siquan.city.units.models import Kind, Unit
from siquan.demo.signins import PASSWORD

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀兰",
    "霞",
    "平",
    "建国",
)


@dataclass
class People:
    """Who acts in the demo year, by key."""

    dispatchers: list[int] = field(default_factory=list)
    lead: int = 0
    clerks: dict[int, list[int]] = field(default_factory=dict)
    checkers: dict[int, list[int]] = field(default_factory=dict)
    grid_workers: dict[int, list[int]] = field(default_factory=dict)
    callers: list[int] = field(default_factory=list)
    evaluators: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Wanted:
    username: str
    role: str
    unit: Unit | None = None
    division: Division | None = None


@transaction.atomic
def make_people(*, on: date, at: datetime) -> People:
    """Make the people of the demo district with their duties, in force from a day."""
    wanted = list(_everybody())
    password = make_password(PASSWORD)  # one hash for all: hashing a hundred times would take half a minute
    users = [
        User(username=each.username, name=_name(number), password=password)
        for number, each in enumerate(wanted)
    ]
    User.objects.bulk_create(users)
    people = People()
    for each, user in zip(wanted, users, strict=True):
        give_duty(
            user=user, role=each.role, unit=each.unit, division=each.division, valid_from=on, by=None, at=at
        )
        _remember(people, each, user.pk)
    return people


def _everybody() -> list[_Wanted]:
    centre = [
        _Wanted("centre", Role.DISPATCHER),
        _Wanted("centre-2", Role.DISPATCHER),
        _Wanted("centre-3", Role.DISPATCHER),
        _Wanted("lead", Role.CENTRE_LEAD),
        _Wanted("rules", Role.RULE_EDITOR),
        _Wanted("leader", Role.LEADER),
        _Wanted("admin", Role.ADMIN),
    ]
    units = Unit.objects.exclude(kind=Kind.CENTRE).order_by("code")
    clerks = [_Wanted(f"clerk-{unit.code.lower()}", Role.UNIT_CLERK, unit=unit) for unit in units]
    clerks += [_Wanted(f"clerk-{unit.code.lower()}-2", Role.UNIT_CLERK, unit=unit) for unit in units]
    streets = Division.objects.filter(level=Level.STREET).order_by("code")
    field_staff = [
        _Wanted(f"{word}-{street.code[-2:]}", role, division=street)
        for street in streets
        for word, role in (("checker", Role.CHECKER), ("grid", Role.GRID_WORKER))
    ]
    asking = [_Wanted(name, Role.CALLER) for name in ("caller", "caller-2", "caller-3")]
    asking += [_Wanted(name, Role.EVALUATOR) for name in ("evaluator", "evaluator-2", "evaluator-3")]
    return centre + clerks + field_staff + asking


def _name(number: int) -> str:
    return SURNAMES[number * 7 % len(SURNAMES)] + GIVEN[number * 5 % len(GIVEN)]


def _remember(people: People, each: _Wanted, key: int) -> None:
    if each.role == Role.DISPATCHER:
        people.dispatchers.append(key)
    elif each.role == Role.CENTRE_LEAD:
        people.lead = key
    elif each.role == Role.CALLER:
        people.callers.append(key)
    elif each.role == Role.EVALUATOR:
        people.evaluators.append(key)
    elif each.role == Role.UNIT_CLERK and each.unit:
        people.clerks.setdefault(each.unit.pk, []).append(key)
    elif each.role == Role.CHECKER and each.division:
        people.checkers.setdefault(each.division.pk, []).append(key)
    elif each.role == Role.GRID_WORKER and each.division:
        people.grid_workers.setdefault(each.division.pk, []).append(key)
