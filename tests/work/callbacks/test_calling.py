"""The phone desk: one call for one caller, tried by the plan, kept once, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.work.callbacks import services
from siquan.work.callbacks.models import Answer, Attempt, CallBack
from siquan.work.callbacks.permissions import RULES
from siquan.work.callbacks.states import EVENTS, TRANSITIONS, VERBS, State
from siquan.work.cases.models import Case
from siquan.work.cases.states import State as CaseState
from tests import make
from tests.work.callbacks import asking

pytestmark = pytest.mark.django_db
GOOD = {"contacted": True, "solved": "yes", "satisfied": 5, "words": "谢谢"}


def test_every_verb_has_a_rule_words_and_an_event() -> None:
    verbs = {verb for row in TRANSITIONS.values() for verb in row}

    assert verbs == set(RULES) == set(VERBS) == set(EVENTS)


def test_two_callers_never_get_the_same_call() -> None:
    asking.plan()
    first, second = asking.call_back(text="一"), asking.call_back(text="二")
    one, other = asking.caller(), asking.caller()

    assert asking.taken(one) == first
    assert asking.taken(other) == second
    assert asking.taken(one) == first
    assert services.take_next(by=asking.caller(), at=make.NOW) is None


def test_a_call_nobody_finished_is_free_again_after_some_minutes() -> None:
    asking.plan(lock_minutes=10)
    waiting = asking.call_back()
    asking.taken(asking.caller())
    other = asking.caller()

    assert services.take_next(by=other, at=make.NOW + timedelta(minutes=9)) is None
    assert asking.taken(other, at=make.NOW + timedelta(minutes=11)) == waiting


def test_nobody_is_called_at_night_and_the_waiting_call_stays() -> None:
    asking.plan()
    asking.call_back()
    night = datetime(2026, 9, 23, 13, 0, tzinfo=UTC)  # 21:00 in Beijing

    assert services.take_next(by=asking.caller(), at=night) is None
    assert services.take_next(by=asking.caller(), at=night + timedelta(hours=12)) is not None


def test_a_plan_for_working_days_leaves_people_their_weekend() -> None:
    asking.plan(working_days_only=True)
    asking.call_back(at=datetime(2026, 9, 25, 13, 0, tzinfo=UTC))  # Friday, 21:00
    saturday = datetime(2026, 9, 26, 3, 0, tzinfo=UTC)

    assert services.take_next(by=asking.caller(), at=saturday) is None
    assert services.take_next(by=asking.caller(), at=saturday + timedelta(days=2)) is not None


def test_only_call_back_staff_calls_and_never_about_their_own_work() -> None:
    asking.plan()
    handler = make.clerk(make.unit("HW"))
    asking.call_back(by=handler)
    make.duty(handler, "caller")
    handler = User.objects.get(pk=handler.pk)  # what was read of the duties is forgotten

    assert services.take_next(by=handler, at=make.NOW) is None
    with pytest.raises(PermissionDenied, match="回访员"):
        services.take_next(by=make.dispatcher(), at=make.NOW)


def test_the_number_is_shown_to_who_calls_and_that_is_written_down() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()

    taken = asking.taken(caller)

    entry = Entry.objects.get(event="case.unmasked")
    assert (entry.about_id, entry.by, entry.details["reason"]) == (taken.case_id, caller, "call-back")
    assert services.reveal_phone(taken, by=caller, at=make.NOW) == asking.PHONE
    with pytest.raises(PermissionDenied, match="正在打"):
        services.reveal_phone(taken, by=asking.caller(), at=make.NOW)


def test_an_answer_is_kept_once_however_often_it_is_sent() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()
    taken = asking.taken(caller)

    for _time in range(2):
        services.save_call(taken.pk, by=caller, at=make.NOW, outcome="answered", key="k", **GOOD)

    taken.refresh_from_db()
    answer = Answer.objects.get()
    assert (taken.state, taken.answer, taken.attempts_made) == (State.ANSWERED, answer, 1)
    assert (answer.solved, answer.satisfied, answer.contacted, answer.by) == ("yes", 5, True, caller)
    assert (taken.taken_by, taken.call_at) == (None, None)


def test_somebody_else_cannot_save_the_call_one_has_taken() -> None:
    asking.plan()
    asking.call_back()
    taken = asking.taken(asking.caller())

    with pytest.raises(PermissionDenied):
        services.save_call(taken.pk, by=asking.caller(), at=make.NOW, outcome="busy", key="k")


def test_a_settled_call_back_takes_no_second_call() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()
    taken = asking.taken(caller)
    services.save_call(taken.pk, by=caller, at=make.NOW, outcome="refused", key="k")
    CallBack.objects.filter(pk=taken.pk).update(taken_by=caller)

    with pytest.raises(NotPossible):
        services.save_call(taken.pk, by=caller, at=make.NOW, outcome="busy", key="other")


def test_an_answer_without_a_verdict_is_refused_and_nothing_is_kept() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()
    taken = asking.taken(caller)

    with pytest.raises(BadInput):
        services.save_call(taken.pk, by=caller, at=make.NOW, outcome="answered", key="k", words="嗯")

    assert not Attempt.objects.exists()


def test_in_vain_is_tried_again_by_the_plan_and_then_given_up() -> None:
    asking.plan(attempts_a_day=2, attempts_in_all=3, hours_between=2)
    asking.call_back()
    caller, at = asking.caller(), make.NOW
    tries = []
    for number in range(3):
        taken = asking.taken(caller, at=at)
        saved = services.save_call(taken.pk, by=caller, at=at, outcome="no_answer", key=str(number))
        tries.append(saved.call_at)
        at = saved.call_at or at

    # 10:00 in vain: again at 13:30 (12:00 is closed), then the next morning at 9.
    assert tries == [
        datetime(2026, 9, 23, 5, 30, tzinfo=UTC),
        datetime(2026, 9, 24, 1, 0, tzinfo=UTC),
        None,
    ]
    assert CallBack.objects.get().state == State.UNREACHABLE


def test_a_wrong_number_is_given_up_at_once() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()

    saved = services.save_call(
        asking.taken(caller).pk, by=caller, at=make.NOW, outcome="wrong_number", key="k"
    )

    assert saved.state == State.UNREACHABLE


def test_unsolved_takes_the_case_up_again_when_the_reporter_wishes() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()
    given = {"solved": "no", "satisfied": 1, "words": "垃圾还在"}

    saved = services.save_call(
        asking.taken(caller).pk, by=caller, at=make.NOW, outcome="answered", key="k", reopen=True, **given
    )

    case = Case.objects.get()
    assert (case.state, case.reopen_count) == (CaseState.FILED, 1)
    assert saved.state == State.ANSWERED
    assert Entry.objects.get(event="case.reopened").details["reason"] == "垃圾还在"


def test_where_the_desk_may_not_reopen_the_wish_goes_to_the_centre() -> None:
    asking.plan(desk_may_reopen=False)
    asking.call_back()
    caller = asking.caller()

    services.save_call(
        asking.taken(caller).pk, by=caller, at=make.NOW, outcome="answered", key="k", reopen=True, solved="no"
    )

    case = Case.objects.get()
    assert case.state == CaseState.CLOSED
    assert case.comments.get().kind == "reopen_wish"


def test_the_last_call_can_be_taken_back_and_made_again() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()
    taken = asking.taken(caller)
    services.save_call(taken.pk, by=caller, at=make.NOW, outcome="answered", key="k", **GOOD)

    back = services.take_back(taken.pk, by=caller, at=make.NOW + timedelta(minutes=1))
    assert (back.state, back.answer, back.attempts_made, back.taken_by) == (State.ASKED, None, 0, caller)

    again = services.save_call(
        taken.pk, by=caller, at=make.NOW, outcome="answered", key="k2", solved="partly", satisfied=3
    )
    assert again.answer is not None
    assert (again.answer.solved, again.answer.corrects.is_taken_back) == ("partly", True)
    assert Answer.objects.count() == 3


def test_nobody_takes_back_what_somebody_else_or_what_was_long_ago() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()
    taken = asking.taken(caller)
    services.save_call(taken.pk, by=caller, at=make.NOW, outcome="busy", key="k")

    with pytest.raises(NotPossible):
        services.take_back(taken.pk, by=asking.caller(), at=make.NOW)
    with pytest.raises(NotPossible):
        services.take_back(taken.pk, by=caller, at=make.NOW + timedelta(hours=1))


def test_what_was_said_is_corrected_by_a_new_row_and_never_changed() -> None:
    asking.plan()
    asking.call_back()
    caller = asking.caller()
    taken = asking.taken(caller)
    services.save_call(taken.pk, by=caller, at=make.NOW, outcome="answered", key="k", **GOOD)
    old = Answer.objects.get()

    services.correct_answer(
        taken.pk, by=make.lead(), at=make.NOW, why="听错了", solved="no", satisfied=2, contacted=False
    )

    taken.refresh_from_db()
    assert taken.answer is not None
    assert (taken.answer.corrects, taken.answer.solved) == (old, "no")
    with pytest.raises(ProgrammingError), transaction.atomic():
        Answer.objects.filter(pk=old.pk).update(solved="no")
    with pytest.raises(PermissionDenied):
        services.correct_answer(taken.pk, by=asking.caller(), at=make.NOW, why="x", solved="yes")


@pytest.mark.django_db(transaction=True)
def test_a_call_that_is_being_taken_is_passed_over() -> None:
    asking.plan()
    first, second = asking.call_back(text="一"), asking.call_back(text="二")
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select 1 from callbacks_callback where id = %s for update", [first.pk])
        assert asking.taken(asking.caller()) == second
    finally:
        other.close()
    assert connection.alias == "default"
