"""What a person holds: every permission question ends here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.prepared import Given, Prepared
from siquan.city.duties.models import Duty, Role
from siquan.city.places.models import Division, Level

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

CACHE = "_held_by_day"


@dataclass(frozen=True)
class Scope:
    """One duty as permission questions see it; neither unit nor division means the whole district."""

    role: str
    unit_id: int | None = None
    division_id: int | None = None

    @property
    def is_whole_district(self) -> bool:
        """Tell whether the duty has no bounds."""
        return self.unit_id is None and self.division_id is None


@dataclass(frozen=True)
class Held:
    """Everything a person holds on one day."""

    scopes: tuple[Scope, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles held, wherever they are held for."""
        return frozenset(scope.role for scope in self.scopes)

    @property
    def unit_ids(self) -> frozenset[int]:
        """Return the units for which the person acts."""
        return self.units_of(Role.UNIT_CLERK)

    def holds(self, *roles: str) -> bool:
        """Tell whether one of the roles is held, wherever it is held for."""
        return any(scope.role in roles for scope in self.scopes)

    def units_of(self, role: str) -> frozenset[int]:
        """Return the units for which a role is held."""
        return frozenset(s.unit_id for s in self.scopes if s.role == role and s.unit_id is not None)

    def holds_for_unit(self, role: str, unit_id: int | None) -> bool:
        """Tell whether the role is held for this unit; no unit is nobody's."""
        return unit_id is not None and unit_id in self.units_of(role)

    def is_district_wide(self, role: str) -> bool:
        """Tell whether the role is held for the whole district."""
        return any(s.role == role and s.is_whole_district for s in self.scopes)

    def division_ids(self, role: str) -> frozenset[int]:
        """Return the divisions for which the role is held; see `is_district_wide` for all of them."""
        return frozenset(s.division_id for s in self.scopes if s.role == role and s.division_id is not None)

    def covers(self, role: str, division_ids: Iterable[int | None]) -> bool:
        """Tell whether the role is held for one of the divisions a thing lies in, or for the whole district.

        Hand in every level the thing knows (street, community, block, cell); None among them is skipped.
        """
        return self.is_district_wide(role) or not self.division_ids(role).isdisjoint(
            each for each in division_ids if each is not None
        )


@dataclass(frozen=True)
class Example:
    """An imagined person who holds exactly this: for asking a rule whom it lets through."""

    held: Held
    pk: int = 0
    is_authenticated: bool = True
    is_active: bool = True


if TYPE_CHECKING:
    Anybody = User | AnonymousUser | Example | None
NOTHING = Held()


def duties_of(user: Anybody, on: date | None = None) -> Held:
    """Return what a person holds on a day (today, if none is given).

    One query per person object and day; people who are unknown or no longer active hold nothing.
    """
    if isinstance(user, Example):
        return user.held
    if user is None or not user.is_authenticated or not user.is_active:
        return NOTHING
    day = on or timezone.localdate()
    kept: dict[date, Held] | None = getattr(user, CACHE, None)
    if kept is None:
        kept = {}
        setattr(user, CACHE, kept)
    if day not in kept:
        kept[day] = _load(user.pk, day)
    return kept[day]


def forget(user: Anybody) -> None:
    """Forget what was read for this person object; for the services that change duties."""
    if user is not None and hasattr(user, CACHE):
        delattr(user, CACHE)


def _load(user_id: int, day: date) -> Held:
    rows = _held(day=day, user=user_id, district=current_district())
    return Held(
        tuple(
            Scope(role, unit_id, key)
            for role, unit_id, division_id, level, same in rows
            # A duty for the division "district" is a duty for the whole of it.
            for key in ([None] if division_id is None or level == Level.DISTRICT else same)
        )
    )


def _same_division() -> models.QuerySet[Division, int]:
    """Return every row of the duty's division: a boundary that changes is a new row of the same code."""
    same = Division.objects.filter(
        code=models.OuterRef("division__code"), district_id=models.OuterRef("division__district_id")
    )
    return same.order_by("id").values_list("id", flat=True)


_held = Prepared(
    lambda: (
        Duty.objects.as_of(Given("day"))
        .filter(user_id=Given("user"), district_id=Given("district"))
        .values_list("role", "unit_id", "division_id", "division__level", ArraySubquery(_same_division()))
    )
)


def acts_for(user: Anybody, *, unit_id: int | None, on: date | None = None) -> bool:
    """Tell whether the person acts for this unit (经办人)."""
    return duties_of(user, on).holds_for_unit(Role.UNIT_CLERK, unit_id)


def holds(
    user: Anybody,
    *roles: str,
    division_ids: Sequence[int | None] | None = None,
    on: date | None = None,
) -> bool:
    """Tell whether the person holds one of the roles; with `division_ids`, for one of these divisions."""
    held = duties_of(user, on)
    if division_ids is None:
        return held.holds(*roles)
    return any(held.covers(role, division_ids) for role in roles)


def holds_or_will(user: User, role: str) -> bool:
    """Tell whether a person holds the role today or is to hold it later: ask before touching an account."""
    ends_later = models.Q(valid_to=None) | models.Q(valid_to__gt=timezone.localdate())
    return Duty.objects.filter(ends_later, user=user, role=role, district_id=current_district()).exists()


def duties_found(
    *,
    words: str = "",
    role: str = "",
    unit_id: int | None = None,
    division_id: int | None = None,
    on: date | None = None,
) -> models.QuerySet[Duty]:
    """Return the duties in force on a day (all that ever were, if no day is given) that fit, by person."""
    found: models.QuerySet[Duty] = Duty.objects.as_of(on) if on else Duty.objects.all()
    found = found.filter(district_id=current_district()).select_related("user", "unit", "division")
    for word in words.replace("\0", "").split():
        found = found.filter(
            models.Q(user__name__icontains=word)
            | models.Q(user__username__icontains=word)
            | models.Q(unit__name__icontains=word)
            | models.Q(unit__short_name__icontains=word)
            | models.Q(division__name__icontains=word)
        )
    bounds = {"role": role, "unit_id": unit_id, "division_id": division_id}
    return found.filter(**{name: value for name, value in bounds.items() if value}).order_by(
        "user__name", "user_id", "role", "valid_from", "id"
    )


def duties_of_person(user: User) -> models.QuerySet[Duty]:
    """Return all duties a person has, had or will have, newest first."""
    return (
        Duty.objects.filter(user=user, district_id=current_district())
        .select_related("user", "unit", "division")
        .order_by("-valid_from", "-id")
    )


def duty_by_id(duty_id: int) -> Duty:
    """Return one duty with its person. Raises NotFound."""
    found = Duty.objects.filter(pk=duty_id, district_id=current_district())
    duty: Duty | None = found.select_related("user", "unit", "division").first()
    if duty is None:
        raise NotFound
    return duty


def history_of_person(user: User) -> models.QuerySet[Entry]:
    """Return what the journal says about a person's account and duties, newest first."""
    duties = Duty.objects.filter(user=user).values("pk")
    return (
        Entry.objects.filter(
            models.Q(about_type="user", about_id=user.pk) | models.Q(about_type="duty", about_id__in=duties)
        )
        .select_related("by")
        .order_by("-id")
    )


def people_with(
    role: str,
    *,
    unit_id: int | None = None,
    division_ids: Sequence[int | None] | None = None,
    on: date | None = None,
) -> models.QuerySet[User]:
    """Return the active people who hold the role, for one unit or for where a thing lies.

    With `division_ids`, people whose duty is for the whole district are among them.
    """
    found = Duty.objects.as_of(on or timezone.localdate()).filter(role=role, district_id=current_district())
    if unit_id is not None:
        found = found.filter(unit_id=unit_id)
    if division_ids is not None:
        here = Division.objects.filter(pk__in=[each for each in division_ids if each is not None])
        found = found.filter(
            models.Q(division__code__in=here.values("code"))
            | models.Q(division=None, unit=None)
            | models.Q(division__level=Level.DISTRICT)
        )
    return User.objects.filter(is_active=True, pk__in=found.values("user_id")).order_by("pk")
