"""Plain makers for tests: a small district with one street, its rules, and people for every role."""

from __future__ import annotations

import io
import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from PIL import Image

from siquan.base.accounts.models import User
from siquan.city.duties.models import Duty, Role
from siquan.city.places.models import Division, Level
from siquan.city.rules.models import (
    Calendar,
    CaseKind,
    Category,
    Clock,
    LimitRule,
    Pack,
    ResponsibilityRule,
)
from siquan.city.units.models import Kind, Unit
from siquan.work.cases import services
from siquan.work.cases.models import Case
from siquan.work.cases.services import Report
from siquan.work.cases.states import State

NOW = datetime(2026, 9, 23, 2, 0, tzinfo=UTC)  # Wednesday, 10:00 in Beijing, two days before Mid-Autumn
LONG_AGO = date(2020, 1, 1)
SQUARE = (116.40, 39.90, 116.42, 39.92)  # west, south, east, north of the street every test shares
INSIDE = (116.4101, 39.9101)
OUTSIDE = (116.50, 39.80)
PASSWORD = "Red-Wall-1420"

_serial = itertools.count(1)


def hours(count: float) -> timedelta:
    """Return so many hours."""
    return timedelta(hours=count)


def division(
    level: str = Level.STREET, *, code: str = "", parent: Division | None = None, **fields: Any
) -> Division:
    """Return a division; without `boundary` it covers the whole square."""
    code = code or f"D{next(_serial)}"
    west, south, east, north = fields.pop("square", SQUARE)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    made, _ = Division.objects.get_or_create(
        code=code,
        valid_from=fields.pop("valid_from", LONG_AGO),
        defaults={
            "level": level,
            "name": fields.pop("name", code),
            "parent": parent,
            "boundary": {"type": "Polygon", "coordinates": [ring]},
            "source": "test",
            **fields,
        },
    )
    return made


def street() -> Division:
    """Return the one street of the small district, with its block and cell."""
    district = division(Level.DISTRICT, code="110101", name="东城区")
    here = division(Level.STREET, code="110101001", name="东华门街道", name_en="Donghuamen", parent=district)
    block = division(Level.BLOCK, code="110101001B01", name="第1街区", parent=here, kind="culture")
    division(Level.CELL, code="110101001B01001", name="单元网格1", parent=block)
    return here


def unit(code: str = "", **fields: Any) -> Unit:
    """Return a unit."""
    code = code or f"U{next(_serial)}"
    made, _ = Unit.objects.get_or_create(
        code=code,
        defaults={
            "name": fields.pop("name", f"单位{code}"),
            "kind": fields.pop("kind", Kind.BUREAU),
            "valid_from": LONG_AGO,
            "source": "test",
            **fields,
        },
    )
    return made


def rules() -> Pack:
    """Return the pack in force: three levels, two leaves, limits for all clocks, one responsible unit."""
    known = Pack.objects.filter(name="test").first()
    if known:
        return known
    pack = Pack.objects.create(
        name="test",
        version="1",
        title="测试规则",
        source="test",
        valid_from=LONG_AGO,
        loaded_at=NOW,
        digest="0",
    )
    top = category("E", pack=pack, level=1, name="事件")
    middle = category("E01", pack=pack, level=2, parent=top, name="市容环境")
    category("E0102", pack=pack, level=3, parent=middle, name="暴露垃圾", name_en="Exposed rubbish")
    category("E0103", pack=pack, level=3, parent=middle, name="积存渣土", name_en="Debris")
    for line, (clock, amount, measure) in enumerate(
        [
            (Clock.FILING, 2, "working-hours"),
            (Clock.HANDLING, 4, "working-hours"),
            (Clock.VERIFICATION, 8, "working-hours"),
        ],
        start=2,
    ):
        LimitRule.objects.create(
            pack=pack, line=line, category=top, clock=clock, amount=amount, measure=measure, source="test"
        )
    ResponsibilityRule.objects.create(
        pack=pack,
        line=2,
        category=middle,
        lead=unit("HW", name="环卫中心"),
        valid_from=LONG_AGO,
        source="test",
    )
    Calendar.objects.create(
        name="cn",
        version="2026",
        office_hours=[["09:00", "12:00"], ["13:30", "17:30"]],
        urgent_hours=[["08:00", "22:00"]],
        first_year=2025,
        last_year=2026,
        valid_from=LONG_AGO,
        loaded_at=NOW,
        source="test",
    )
    return pack


def category(code: str, *, pack: Pack | None = None, **fields: Any) -> Category:
    """Return a category of the pack."""
    defaults = {"level": 3, "kind": CaseKind.EVENT, "name": code, "source": "test", **fields}
    made, _ = Category.objects.get_or_create(pack=pack or rules(), code=code, defaults=defaults)
    return made


def user(name: str = "", **fields: Any) -> User:
    """Return a person without any duty."""
    name = name or f"person{next(_serial)}"
    return User.objects.create_user(name, PASSWORD, name=fields.pop("shown", name), **fields)


def duty(person: User, role: str, **fields: Any) -> Duty:
    """Give a person a role."""
    return Duty.objects.create(
        user=person, role=role, valid_from=fields.pop("valid_from", LONG_AGO), **fields
    )


def staff(role: str, **fields: Any) -> User:
    """Return a person with one role; `unit` and `division` say for what."""
    person = user()
    duty(person, role, **fields)
    return person


def dispatcher() -> User:
    """Return somebody of the centre who files and dispatches."""
    return staff(Role.DISPATCHER)


def lead() -> User:
    """Return the lead of the centre."""
    return staff(Role.CENTRE_LEAD)


def clerk(of: Unit) -> User:
    """Return somebody who acts for a unit."""
    return staff(Role.UNIT_CLERK, unit=of)


def checker(of: Division) -> User:
    """Return somebody who verifies on site in a division."""
    return staff(Role.CHECKER, division=of)


def photo(
    colour: str = "#4F6473", size: tuple[int, int] = (64, 48), kind: str = "JPEG", **options: Any
) -> bytes:
    """Return the bytes of a small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def report(**fields: Any) -> Report:
    """Return a report of rubbish at a place inside the small district."""
    given = {"text": "东口堆了很多垃圾", "lon": INSIDE[0], "lat": INSIDE[1], **fields}
    return Report(**given)


def case(state: State = State.REPORTED, *, at: datetime = NOW, **fields: Any) -> Case:
    """Return a case in a state, reached through the services by people made for it.

    `of` is the unit that answers, `by` who handles it for the unit.
    """
    rules()
    here = street()
    unit_ = fields.pop("of", None) or unit("HW")
    handler = fields.pop("by", None)
    made = services.report_case(report(**fields), key=f"key-{next(_serial)}", by=None, at=at).case
    people = {
        "centre": dispatcher,
        "lead": lead,
        "unit": lambda: handler or clerk(unit_),
        "checker": lambda: checker(here),
    }
    for who, verb, said in _WAY.get(state, ()):
        given = {name: unit_.code if value is UNIT else value for name, value in said.items()}
        services.ACTS[verb](made.pk, by=people[who](), at=at, **given)
    return Case.objects.get(pk=made.pk)


UNIT = object()
_FILE = ("centre", "file", {"category": "E0102"})
_DISPATCH = ("centre", "dispatch", {"unit": UNIT})
_ACCEPT = ("unit", "accept", {})
_DONE = ("unit", "report-done", {"note": "已清理"})
_PASS = ("checker", "verify-pass", {})
_WAY: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    State.FILED: (_FILE,),
    State.DISPATCHED: (_FILE, _DISPATCH),
    State.IN_HAND: (_FILE, _DISPATCH, _ACCEPT),
    State.WAITING: (_FILE, _DISPATCH, _ACCEPT, ("unit", "ask-reporter", {"question": "在几号门？"})),
    State.SUSPENDED: (
        _FILE,
        _DISPATCH,
        _ACCEPT,
        ("lead", "suspend", {"until": date(2026, 12, 31), "reason": "等待征收"}),
    ),
    State.HANDLED: (_FILE, _DISPATCH, _ACCEPT, _DONE),
    State.VERIFIED: (_FILE, _DISPATCH, _ACCEPT, _DONE, _PASS),
    State.CLOSED: (_FILE, _DISPATCH, _ACCEPT, _DONE, _PASS, ("centre", "close", {})),
    State.REJECTED: (("centre", "reject", {"reason": "不属于本区职责"}),),
    State.VOID: (("lead", "void", {"reason": "重复录入"}),),
}
