"""The life of a case: every verb by the right person, the wrong person, and in the wrong state."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.kernel.workflow import check, verbs
from siquan.work.cases import forms, permissions, queries, services
from siquan.work.cases.models import Case
from siquan.work.cases.states import EVENTS, FINAL, TRANSITIONS, VERBS, State
from tests import make

pytestmark = pytest.mark.django_db

LATER = make.NOW + make.hours(1)
YEAR_END = date(2026, 12, 31)


def unit_clerk(case: Case) -> User:
    return make.clerk(case.unit or make.unit("HW"))


def street_checker(case: Case) -> User:
    return make.checker(make.street())


def centre(case: Case) -> User:
    return make.dispatcher()


def centre_lead(case: Case) -> User:
    return make.lead()


def assisting_clerk(case: Case) -> User:
    return make.clerk(case.assists.get().unit)


# verb: (state before, who, what is said, state after)
HAPPY: dict[str, tuple[State, Callable[[Case], User], dict[str, Any], State]] = {
    "file": (State.REPORTED, centre, {"category": "E0102"}, State.FILED),
    "reject": (State.REPORTED, centre, {"reason": "不在本区"}, State.REJECTED),
    "merge": (State.REPORTED, centre, {"into": "other"}, State.MERGED),
    "unmerge": (State.MERGED, centre, {}, State.REPORTED),
    "dispatch": (State.FILED, centre, {}, State.DISPATCHED),
    "accept": (State.DISPATCHED, unit_clerk, {}, State.IN_HAND),
    "return": (State.DISPATCHED, unit_clerk, {"reason": "不归我们管"}, State.FILED),
    "reassign": (State.IN_HAND, centre, {"unit": "OTHER", "reason": "派错了"}, State.DISPATCHED),
    "ask-assist": (State.IN_HAND, unit_clerk, {"unit": "OTHER", "request": "请断电"}, State.IN_HAND),
    "answer-assist": (State.IN_HAND, assisting_clerk, {"answer": "已断电"}, State.IN_HAND),
    "ask-extension": (
        State.IN_HAND,
        unit_clerk,
        {"amount": 2, "measure": "working-days", "reason": "等材料"},
        State.IN_HAND,
    ),
    "grant-extension": (State.IN_HAND, centre_lead, {}, State.IN_HAND),
    "refuse-extension": (State.IN_HAND, centre_lead, {"answer": "抓紧"}, State.IN_HAND),
    "ask-reporter": (State.IN_HAND, unit_clerk, {"question": "几号门？"}, State.WAITING),
    "hear-reporter": (State.WAITING, unit_clerk, {}, State.IN_HAND),
    "suspend": (
        State.IN_HAND,
        centre_lead,
        {"until": YEAR_END, "reason": "等征收"},
        State.SUSPENDED,
    ),
    "resume": (State.SUSPENDED, centre_lead, {}, State.IN_HAND),
    "supervise": (State.IN_HAND, centre_lead, {"note": "抓紧"}, State.IN_HAND),
    "report-done": (State.IN_HAND, unit_clerk, {"note": "清完了"}, State.HANDLED),
    "verify-pass": (State.HANDLED, street_checker, {}, State.VERIFIED),
    "verify-fail": (State.HANDLED, street_checker, {"reason": "还有"}, State.IN_HAND),
    "close": (State.VERIFIED, centre, {}, State.CLOSED),
    "reopen": (State.CLOSED, centre, {"reason": "又出现了"}, State.FILED),
    "void": (State.FILED, centre_lead, {"reason": "重复"}, State.VOID),
}


def prepare(verb: str, state: State) -> tuple[Case, dict[str, Any]]:
    """Return a case that stands before the verb, and what is said with it."""
    make.rules()
    make.unit("OTHER")
    said = dict(HAPPY[verb][2])
    case = make.case(State.REPORTED if state == State.MERGED else state)
    if "into" in said or state == State.MERGED:
        said_into = make.case().number
        if state == State.MERGED:
            services.ACTS["merge"](case.pk, by=make.dispatcher(), at=make.NOW, into=said_into)
        else:
            said["into"] = said_into
    before = {
        "answer-assist": ("ask-assist", {"unit": "OTHER", "request": "请断电"}),
        "grant-extension": ("ask-extension", {"amount": 2, "measure": "working-days", "reason": "等材料"}),
        "refuse-extension": ("ask-extension", {"amount": 2, "measure": "working-days", "reason": "等材料"}),
    }.get(verb)
    if before:
        services.ACTS[before[0]](case.pk, by=unit_clerk(case), at=make.NOW, **before[1])
    return Case.objects.get(pk=case.pk), said


def test_the_states_table_has_no_fault() -> None:
    assert check(TRANSITIONS, start=State.REPORTED, final=FINAL) == []


def test_every_verb_has_a_word_a_rule_a_service_a_form_and_a_test() -> None:
    named = set(verbs(TRANSITIONS))

    assert named == set(VERBS) == set(permissions.RULES) == set(services.ACTS)
    assert named == set(forms.FORMS) == set(HAPPY)


@pytest.mark.parametrize("verb", HAPPY)
def test_the_right_person_takes_the_step_and_it_is_journalled(verb: str) -> None:
    state, who, _, after = HAPPY[verb]
    case, said = prepare(verb, state)
    person = who(case)
    assert verb in queries.possible_verbs(person, case)

    done = services.ACTS[verb](case.pk, by=person, at=LATER, **said)

    entry = Entry.objects.about(case).last()
    assert Case.objects.get(pk=case.pk).state == done.state == after
    assert (entry.by, entry.at, entry.details["state"]) == (person, LATER, after)
    assert entry.event == EVENTS[verb]


@pytest.mark.parametrize("verb", HAPPY)
def test_the_wrong_person_is_told_who_may(verb: str) -> None:
    state, _, _, _ = HAPPY[verb]
    case, said = prepare(verb, state)
    stranger = make.clerk(make.unit("STRANGER"))
    entries = Entry.objects.count()

    with pytest.raises(PermissionDenied, match="只有"):
        services.ACTS[verb](case.pk, by=stranger, at=LATER, **said)

    assert Case.objects.get(pk=case.pk).state == case.state
    assert Entry.objects.count() == entries
    assert verb not in queries.possible_verbs(stranger, case)


@pytest.mark.parametrize("verb", HAPPY)
def test_in_the_wrong_state_nothing_happens(verb: str) -> None:
    _, who, said, _ = HAPPY[verb]
    wrong = next(state for state in (State.VOID, State.REPORTED) if verb not in TRANSITIONS[state])
    case = make.case(wrong)
    if verb == "answer-assist":
        case.assists.create(unit=make.unit("OTHER"), request="请断电", asked_at=make.NOW)
    person = {unit_clerk: centre_lead, street_checker: street_checker}.get(who, who)(case)
    make.duty(person, "unit_clerk", unit=make.unit("HW"))
    Case.objects.filter(pk=case.pk).update(unit=None if who is street_checker else make.unit("HW"))
    if "into" in said:
        said = {"into": case.number}

    with pytest.raises(NotPossible):
        services.ACTS[verb](case.pk, by=person, at=LATER, **said)

    assert Case.objects.get(pk=case.pk).state == wrong


def test_whoever_handled_a_case_never_verifies_it() -> None:
    handler = make.clerk(make.unit("HW"))
    make.duty(handler, "checker", division=make.street())
    case = make.case(State.HANDLED, by=handler)
    make.duty(other := make.clerk(make.unit("HW")), "checker", division=make.street())

    for person in (handler, other):
        with pytest.raises(PermissionDenied, match="不能核查自己的工作"):
            services.ACTS["verify-pass"](case.pk, by=person, at=LATER)
        assert "verify-pass" not in queries.possible_verbs(person, case)


def test_a_handler_who_left_the_unit_still_never_verifies() -> None:
    handler = make.clerk(make.unit("HW"))
    case = make.case(State.HANDLED, by=handler)
    handler.duties.all().delete()
    make.duty(handler, "checker", division=make.street())

    with pytest.raises(PermissionDenied):
        services.ACTS["verify-pass"](case.pk, by=User.objects.get(pk=handler.pk), at=LATER)


def test_a_merge_taken_back_puts_the_case_where_it_was() -> None:
    case, into = make.case(State.FILED), make.case()
    centre_person = make.dispatcher()
    services.ACTS["merge"](case.pk, by=centre_person, at=LATER, into=into.number)

    back = services.ACTS["unmerge"](case.pk, by=centre_person, at=LATER)

    assert (back.state, back.merged_into) == (State.FILED, None)


@pytest.mark.django_db(transaction=True)
def test_two_merges_in_opposite_directions_at_once_end_in_one() -> None:
    one, other = make.case(), make.case()
    person = make.dispatcher()
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def merge(case: Case, into: Case) -> None:
        start.wait()
        try:
            services.ACTS["merge"](case.pk, by=person, at=LATER, into=into.number)
            outcomes.append("merged")
        except BadInput:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=merge, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["merged", "refused"]
    assert Case.objects.filter(state=State.MERGED).count() == 1
