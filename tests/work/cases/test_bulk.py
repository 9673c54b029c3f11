"""Many cases at once come out as if each had gone its way alone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from siquan.base.journal.models import Entry, Pending
from siquan.base.kernel.errors import NotPossible
from siquan.work.cases.models import Case
from siquan.work.cases.services.bulk import Deed, Life, path_of, write_lives
from siquan.work.cases.states import EVENTS, VERBS, State
from tests import make

pytestmark = pytest.mark.django_db
AT = int(make.NOW.timestamp())


def life(*verbs: str, **fields: object) -> Life:
    make.rules()
    here = make.street()
    deeds = [Deed(verb, AT + 600 * n, by=None) for n, verb in enumerate(verbs, start=1)]
    given = {
        "text": "垃圾",
        "at": AT,
        "lon": make.INSIDE[0],
        "lat": make.INSIDE[1],
        "street_id": here.pk,
        "category_id": make.category("E0102").pk,
        "unit_id": make.unit("HW").pk,
        "deeds": deeds,
        **fields,
    }
    return Life(**given)


@pytest.mark.parametrize(
    "state", [State.REPORTED, State.DISPATCHED, State.HANDLED, State.CLOSED, State.REJECTED]
)
def test_a_life_written_in_bulk_equals_one_lived_by_verbs(state: State) -> None:
    alone = make.case(state)
    verbs = [entry.event for entry in Entry.objects.about(alone)][1:]
    by_event = {event: verb for verb, event in EVENTS.items()}

    write_lives([life(*[by_event[event] for event in verbs])])

    bulk = Case.objects.latest("id")
    same = ("state", "state_before", "clock", "is_paused", "unit_id", "rework_count", "street_id")
    assert {name: getattr(bulk, name) for name in same} == {name: getattr(alone, name) for name in same}
    runs = [(run.kind, run.amount, run.measure) for run in bulk.clock_runs.order_by("id")]
    assert runs == [(run.kind, run.amount, run.measure) for run in alone.clock_runs.order_by("id")]
    assert [entry.event for entry in Entry.objects.about(bulk)] == ["case.reported", *verbs]


def test_the_first_due_time_is_the_one_a_single_report_gets() -> None:
    write_lives([life()])

    single = make.case(at=make.NOW)
    bulk = Case.objects.exclude(pk=single.pk).get()
    assert bulk.due_at == single.due_at


def test_an_impossible_life_is_refused() -> None:
    with pytest.raises(NotPossible):
        write_lives([life("close")])
    assert not Case.objects.exists()


def test_reassigning_starts_the_handling_clock_anew() -> None:
    assert [run[2] for run in path_of(("file", "dispatch", "reassign", "accept")).runs] == [
        "filing",
        "handling",
        "handling",
    ]


def test_history_has_no_consequences_unless_asked_for() -> None:
    write_lives([life()], react=False)

    assert not Pending.objects.exists()


def test_the_statements_do_not_grow_with_the_cases() -> None:
    write_lives([life()])  # the rules are in memory from here on
    with CaptureQueriesContext(connection) as few:
        write_lives([life()])
    with CaptureQueriesContext(connection) as many:
        write_lives([life("file", "dispatch") for _ in range(1)] * 50)

    assert len(many) - len(few) <= 2


def test_every_verb_has_its_event() -> None:
    assert set(EVENTS) == set(VERBS)
