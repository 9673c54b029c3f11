"""Makers for rounds of outside evaluation."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from siquan.base.accounts.models import User
from siquan.city.duties.models import Role
from siquan.city.units.models import Unit
from siquan.work.cases import services as cases
from siquan.work.cases.models import Case
from siquan.work.evaluations import services
from siquan.work.evaluations.models import Round
from tests import make

LATER = make.NOW + timedelta(days=10)
UNIT = {"name": "环境卫生服务中心", "short_name": "环卫中心"}


def evaluator() -> User:
    """Return somebody from outside."""
    return make.staff(Role.EVALUATOR)


def announced(**fields: Any) -> Round:
    """Return a round that was announced: the closings of the week of the tests."""
    given = {
        "title": "第一轮",
        "first": date(2026, 9, 21),
        "last": date(2026, 9, 27),
        "size": 10,
        "repeats": 0,
        "due_on": date(2026, 10, 10),
    }
    return services.announce_round(by=None, at=make.NOW, **given | fields)


def judged_case(at: datetime = make.NOW, **fields: Any) -> Case:
    """Return a closed case of a unit with a name, with photos before and after."""
    make.rules()
    here, unit = make.street(), make.unit("HW")
    Unit.objects.filter(pk=unit.pk).update(**UNIT)
    number = Case.objects.count()
    report = make.report(photos=[make.photo(colour=f"#4F64{number % 90:02d}")], **fields)
    made = cases.report_case(report, key=f"seen-{number}", by=None, at=at).case
    after = [make.photo(colour=f"#2E7D{number % 90:02d}")]
    centre, clerk = make.dispatcher(), make.clerk(unit)
    steps: tuple[tuple[User, str, dict[str, Any]], ...] = (
        (centre, "file", {"category": "E0102"}),
        (centre, "dispatch", {"unit": unit.code}),
        (clerk, "accept", {}),
        (clerk, "report-done", {"note": "已清理干净", "photos": after}),
        (make.checker(here), "verify-pass", {}),
        (centre, "close", {}),
    )
    for who, verb, given in steps:
        cases.ACTS[verb](made.pk, by=who, at=at, **given)
    return Case.objects.get(pk=made.pk)


def opened(count: int = 3, people: int = 1, **fields: Any) -> tuple[Round, list[User]]:
    """Return a round that was drawn over so many cases, and its evaluators."""
    for _each in range(count):
        judged_case()
    evaluators = [evaluator() for _each in range(people)]
    return services.draw_round(announced(**fields).pk, by=None, at=LATER), evaluators
