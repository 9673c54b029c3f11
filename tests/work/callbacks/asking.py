"""Makers for call-backs: a plan that asks everybody, a closed case with a number, its call-back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siquan.base.accounts.models import User
from siquan.base.journal import worker
from siquan.city.duties.models import Role
from siquan.work.callbacks import services
from siquan.work.callbacks.models import CallBack, Plan
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make

PHONE = "10000001234"
PLAN = {
    "title": "测试方案",
    "kind": "all",
    "sources": ["snapshot", "hotline"],
    "sms_after_hours": None,
    "phone_after_hours": 0,
    "hours": "09:00-12:00, 13:30-20:00",
    "script": "您好",
    "script_en": "Hello",
    "source": "test",
}


def plan(**fields: Any) -> Plan:
    """Publish a plan that holds since long ago."""
    return services.publish_plan(by=None, at=make.NOW, valid_from=make.LONG_AGO, **PLAN | fields)


def caller() -> User:
    """Return somebody of the call-back desk."""
    return make.staff(Role.CALLER)


def closed(*, at: datetime = make.NOW, phone: str = PHONE, **fields: Any) -> Case:
    """Return a closed case whose reporter left a number."""
    return make.case(State.CLOSED, at=at, phone=phone, **fields)


def call_back(*, at: datetime = make.NOW, phone: str = PHONE, **fields: Any) -> CallBack:
    """Return the call-back that follows from closing a case, by the plan in force."""
    case = closed(at=at, phone=phone, **fields)
    worker.drain()
    return CallBack.objects.get(case=case)


def taken(by: User, *, at: datetime = make.NOW) -> CallBack:
    """Return the next call of a caller; there must be one."""
    found = services.take_next(by=by, at=at)
    assert found is not None
    return found
