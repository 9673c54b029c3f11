"""What one can do with duties: give one, end one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts import services as accounts
from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.journal.models import By, Entry
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.base.kernel.permissions import require
from siquan.city.duties import permissions, queries
from siquan.city.duties.models import Duty, Role
from siquan.city.places.models import Division
from siquan.city.units.models import Unit

# Held for the whole district or not at all: a bound written beside them would be read by nobody.
WITHOUT_BOUNDS = {
    Role.CENTRE_LEAD,
    Role.CALLER,
    Role.EVALUATOR,
    Role.RULE_EDITOR,
    Role.LEADER,
    Role.ADMIN,
}


@transaction.atomic
def give_duty(
    *,
    user: User,
    role: str,
    unit: Unit | None = None,
    division: Division | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    by: User | None,
    at: datetime,
) -> Duty:
    """Give a person a role for a unit, a division, or the whole district (neither), from/to.

    `valid_from` is the day of `at` if not given; `valid_to` is the first day without the duty. `by` is None
    for the installation itself (set-up, demo). The same duty again changes nothing.
    Raises PermissionDenied, BadInput.
    """
    day = valid_from or timezone.localdate(at)
    duty = Duty(user=user, role=role, unit=unit, division=division, valid_from=day, valid_to=valid_to)
    if by is not None:
        require(permissions.RULES, "give-duty", by, duty)
    check_bounds(duty)
    in_force: Duty | None = (
        Duty.objects.as_of(day)
        .filter(user=user, role=role, unit=unit, division=division, district_id=current_district())
        .first()
    )
    if in_force is not None and in_force.valid_to == valid_to:
        return in_force
    if in_force is not None and in_force.valid_from == day:
        in_force.valid_to = valid_to
        in_force.save(update_fields=["valid_to"])
        duty = in_force
    else:
        duty.save()
    queries.forget(user)
    journal.write("duty.given", about=duty, by=by, at=at, **facts(duty))
    return duty


@transaction.atomic
def end_duty(duty_id: int, *, by: User | None, at: datetime, on: date | None = None) -> Duty:
    """End a duty: `on` (the day of `at`, if not given) is the first day without it.

    Raises NotFound, PermissionDenied, NotPossible when it has ended already or nobody could give duties.
    """
    duty = Duty.objects.select_for_update(of=("self",)).filter(pk=duty_id).first()
    if duty is None or duty.district_id != current_district():
        raise NotFound
    if by is not None:
        require(permissions.RULES, "end-duty", by, duty)
    day = max(on or timezone.localdate(at), duty.valid_from)
    if duty.valid_to is not None and duty.valid_to <= day:
        raise NotPossible(_("这项职责已经终止。"))
    if duty.role == Role.ADMIN and not _other_admins(duty, day):
        raise NotPossible(_("这是最后一名系统管理员。请先为另一人登记系统管理员职责，再终止这一项。"))
    duty.valid_to = day
    duty.save(update_fields=["valid_to"])
    queries.forget(duty.user)
    journal.write("duty.ended", about=duty, by=by, at=at, **facts(duty))
    found: Duty = duty
    return found


@transaction.atomic
def load_duties(duties: Iterable[Duty], *, by: User | None, at: datetime) -> int:
    """Give many duties at once and return how many were new; those already there are left alone."""
    listed = list(duties)
    for duty in listed:
        check_bounds(duty)
        if by is not None:
            require(permissions.RULES, "give-duty", by, duty)
    known = set(
        Duty.objects.filter(
            district_id=current_district(), user_id__in={d.user_id for d in listed}
        ).values_list("user_id", "role", "unit_id", "division_id", "valid_from")
    )
    new = [d for d in listed if (d.user_id, d.role, d.unit_id, d.division_id, d.valid_from) not in known]
    Duty.objects.bulk_create(new, batch_size=1000)
    journal.write_many(
        Entry(
            event="duty.given",
            about_type="duty",
            about_id=duty.pk,
            by_id=by.pk if by else None,
            by_kind=By.PERSON if by else By.SYSTEM,
            at=at,
            details=facts(duty),
        )
        for duty in new
    )
    return len(new)


@transaction.atomic
def add_person(*, username: str, name: str, email: str = "", by: User, at: datetime) -> tuple[User, str]:
    """Make an account for a colleague; return it with its first password, which is shown once.

    Raises PermissionDenied, BadInput.
    """
    require(permissions.RULES, "add-account", by, None)
    user = accounts.add_user(username=username, name=name, email=email, by=by, at=at)
    return user, accounts.reset_password(user, by=by, at=at)


@transaction.atomic
def reset_password(user: User, *, by: User, at: datetime) -> str:
    """Give a colleague a new first password, and return it once. Raises PermissionDenied."""
    require(permissions.RULES, "reset-password", by, user)
    return accounts.reset_password(user, by=by, at=at)


@transaction.atomic
def close_account(user: User, *, by: User, at: datetime) -> User:
    """Close a colleague's account; their duties stay on record. Raises PermissionDenied, NotPossible."""
    require(permissions.RULES, "close-account", by, user)
    return accounts.set_active(user, is_active=False, by=by, at=at)


@transaction.atomic
def open_account(user: User, *, by: User, at: datetime) -> User:
    """Open a closed account again. Raises PermissionDenied."""
    require(permissions.RULES, "open-account", by, user)
    return accounts.set_active(user, is_active=True, by=by, at=at)


def check_bounds(duty: Duty) -> None:
    """Refuse a duty whose bounds do not fit its role. Raises BadInput."""
    if duty.role not in Role.values:
        raise BadInput(_("没有这个角色。"), field="role")
    if duty.role == Role.UNIT_CLERK and duty.unit_id is None:
        raise BadInput(_("单位经办人要写明是哪个单位。"), field="unit")
    if duty.role in WITHOUT_BOUNDS and (duty.unit_id or duty.division_id):
        raise BadInput(_("这个角色面向全区，不用填单位和区划。"), field="role")
    if duty.valid_to is not None and duty.valid_to <= duty.valid_from:
        raise BadInput(_("终止日期要晚于开始日期。"), field="valid_to")


def facts(duty: Duty) -> dict[str, Any]:
    """Return what the journal keeps of a duty."""
    return {
        "user": duty.user_id,
        "role": str(duty.role),
        "unit": duty.unit_id,
        "division": duty.division_id,
        "valid_from": duty.valid_from.isoformat(),
        "valid_to": duty.valid_to.isoformat() if duty.valid_to else None,
    }


def _other_admins(duty: Duty, day: date) -> bool:
    return bool(
        Duty.objects.as_of(day)
        .filter(role=Role.ADMIN, user__is_active=True, district_id=current_district())
        .exclude(pk=duty.pk)
        .exists()
    )
