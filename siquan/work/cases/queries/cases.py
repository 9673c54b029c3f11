"""Everything one can ask about cases, scoped by who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from siquan.base.journal.models import Entry
from siquan.base.kernel import deadlines
from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.explanations import Explanation, explain
from siquan.base.kernel.prepared import Given, Prepared
from siquan.city.duties.models import Role
from siquan.city.duties.queries import duties_of
from siquan.city.rules import queries as rules
from siquan.work.cases.models import Assist, Case, CaseQuerySet, ClockRun, Extension
from siquan.work.cases.permissions import CENTRE, IN_PLACE, READERS, RULES, sees_case
from siquan.work.cases.queries.names import put_names
from siquan.work.cases.services.clocks import as_pauses, limit_of
from siquan.work.cases.states import TRANSITIONS, State

WAITS_FOR_CENTRE = (State.REPORTED, State.FILED, State.VERIFIED)
WAITS_FOR_UNIT = (State.DISPATCHED, State.IN_HAND, State.WAITING)


def sees_all(user: Any) -> bool:
    """Tell whether this person may see every case of the district."""
    held = duties_of(user)
    return held.holds(*READERS) or any(held.is_district_wide(role) for role in IN_PLACE)


def visible_to(user: Any) -> CaseQuerySet:
    """Return the cases this person may see; the same answer as the rule `sees_case`, as one condition."""
    held = duties_of(user)
    cases = Case.objects.all()
    if sees_all(user):
        return cases
    condition: Q = Q(pk__in=[])
    if held.unit_ids:
        assists = Assist.objects.filter(case=OuterRef("pk"), unit_id__in=held.unit_ids)
        condition |= Q(unit_id__in=held.unit_ids) | Q(Exists(assists))
    divisions = frozenset().union(*(held.division_ids(role) for role in IN_PLACE))
    if divisions:
        condition |= _inside(divisions)
    return cases.filter(condition)


def _inside(divisions: frozenset[int]) -> Q:
    return (
        Q(street_id__in=divisions)
        | Q(community_id__in=divisions)
        | Q(block_id__in=divisions)
        | Q(cell_id__in=divisions)
    )


def my_work(user: Any) -> CaseQuerySet:
    """Return the open cases that wait for something this person may do, nearest due time first."""
    held = duties_of(user)
    condition = Q(pk__in=[])
    if held.holds(*CENTRE):
        condition |= Q(state__in=WAITS_FOR_CENTRE)
    if held.holds(Role.CENTRE_LEAD):
        asked_for = Extension.objects.filter(case=OuterRef("pk"), decided_at=None)
        condition |= Q(Exists(asked_for), state=State.IN_HAND)
    if held.unit_ids:
        asked = Assist.objects.filter(case=OuterRef("pk"), unit_id__in=held.unit_ids, answered_at=None)
        condition |= Q(unit_id__in=held.unit_ids, state__in=WAITS_FOR_UNIT)
        condition |= Q(Exists(asked), state=State.IN_HAND)
    if held.holds(Role.CHECKER):
        to_check = Q(state=State.HANDLED) & ~Q(handler_ids__contains=[user.pk])
        if held.unit_ids:
            to_check &= ~Q(unit_id__in=held.unit_ids)
        if not held.is_district_wide(Role.CHECKER):
            to_check &= _inside(held.division_ids(Role.CHECKER))
        condition |= to_check
    return Case.objects.filter(condition).order_by("due_at", "id")


@dataclass(frozen=True)
class Found:
    """A page of cases and the cursor of the next one, None at the end."""

    cases: Sequence[Case]
    next: str | None


def newest(cases: CaseQuerySet, *, after: str = "", limit: int) -> Found:
    """Return a page of cases, newest first; `after` is the cursor of the page before. Raises BadInput."""
    if after:
        time, key = _cursor(after)
        cases = cases.filter(Q(reported_at__lt=time) | Q(reported_at=time, pk__lt=key))
    rows = put_names(cases.order_by("-reported_at", "-id")[: limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    return Found(rows[:limit], f"{last.reported_at.timestamp():.6f}_{last.pk}" if last else None)


def _cursor(text: str) -> tuple[datetime, int]:
    time, _sep, key = text.partition("_")
    try:
        return datetime.fromtimestamp(float(time), tz=UTC), int(key)
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(_("翻页位置有误，请从第一页重新开始。"), field="cursor") from error


def case_by_number(user: Any, number: str) -> Case:
    """Return one case by its number, as people write it. Raises BadInput, NotFound.

    A case that this person may not see is not found, so that numbers cannot be tried out.
    """
    found = put_names(_by_number(district=current_district(), number=parse_number(number)))
    if not found or not sees_case(user, found[0]):
        raise NotFound
    return found[0]


_by_number = Prepared(
    lambda: Case.objects.select_related("site", "responsibility").filter(
        district_id=Given("district"), number=Given("number")
    )
)


def case_by_token(token: str) -> Case:
    """Return the case of a private link. Raises NotFound."""
    found = put_names(Case.objects.filter(token=token)) if _is_token(token) else []
    if not found:
        raise NotFound
    return found[0]


def _is_token(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()


def possible_verbs(user: Any, case: Case) -> list[str]:
    """Return what this person may do to this case now, in the order of the states table."""
    return [
        verb
        for verb in TRANSITIONS[State(case.state)]
        if RULES[verb](user, case) and _makes_sense(verb, case)
    ]


def _makes_sense(verb: str, case: Case) -> bool:
    """Leave out what would be refused at once: answers to nothing, a second request while one is open."""
    if verb in ("grant-extension", "refuse-extension", "ask-extension"):
        is_open = case.extensions.filter(decided_at=None).exists()
        return is_open == (verb != "ask-extension")
    return True


@dataclass(frozen=True)
class Deadline:
    """The running clock of a case for people: colour, words, and the explanation behind them."""

    run: ClockRun
    colour: deadlines.Colour
    explanation: Explanation
    is_paused: bool


def deadline_of(case: Case, *, at: datetime, language: str) -> Deadline | None:
    """Return the running clock with its explanation in a language; None when no clock runs."""
    run = _running.first(case=case.pk)
    if run is None:
        return None
    calendar, pauses = rules.calendar_by_id(run.calendar_id), as_pauses(run.pauses.all())
    facts = (run.started_at, limit_of(run), calendar, pauses)
    return Deadline(
        run=run,
        colour=deadlines.colour(at, *facts),
        explanation=explain(*facts, language=language),
        is_paused=case.is_paused,
    )


_running = Prepared(lambda: ClockRun.objects.filter(case=Given("case"), stopped_at=None))


def history(case: Case) -> Sequence[Entry]:
    """Return what happened to a case, oldest first, with who did it."""
    return _history(about_type=Case._meta.model_name, about_id=case.pk)


_history = Prepared(
    lambda: (
        Entry.objects.filter(about_type=Given("about_type"), about_id=Given("about_id"))
        .select_related("by")
        .order_by("id")
    )
)
