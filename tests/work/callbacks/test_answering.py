"""What residents say by their link, and what other rooms may ask about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from siquan.base.journal import worker
from siquan.base.kernel.errors import BadInput
from siquan.base.privacy.registry import Person
from siquan.work.callbacks import queries, services
from siquan.work.callbacks.models import Answer, CallBack
from siquan.work.callbacks.services import forgetting
from siquan.work.callbacks.states import State
from siquan.work.cases import services as cases
from siquan.work.cases.models import CommentKind
from tests import make
from tests.work.callbacks import asking

pytestmark = pytest.mark.django_db
DAY = (make.NOW - timedelta(hours=1), make.NOW + timedelta(days=1))


def test_the_link_answers_the_call_back_and_the_phone_rings_no_more() -> None:
    asking.plan()
    found = asking.call_back()

    services.answer_by_link(found.case_id, at=make.NOW, kind=CommentKind.SOLVED, satisfied=4, contacted=True)

    found.refresh_from_db()
    assert (found.state, found.call_at) == (State.ANSWERED, None)
    assert (found.answer.solved, found.answer.satisfied, found.answer.channel) == ("yes", 4, "link")
    assert found.case.comments.get().kind == CommentKind.SOLVED
    assert services.take_next(by=asking.caller(), at=make.NOW) is None


def test_the_same_said_twice_counts_once_and_something_else_corrects_it() -> None:
    asking.plan()
    found = asking.call_back()
    for _time in range(2):
        services.answer_by_link(found.case_id, at=make.NOW, kind=CommentKind.SOLVED, satisfied=4)
    assert Answer.objects.count() == 1

    services.answer_by_link(
        found.case_id, at=make.NOW, kind=CommentKind.UNSOLVED, solved="partly", text="还有一半"
    )

    found.refresh_from_db()
    assert Answer.objects.count() == 2
    assert (found.answer.solved, found.answer.satisfied) == ("partly", 4)
    assert found.answer.corrects.solved == "yes"


def test_too_late_stands_in_the_case_file_but_does_not_count() -> None:
    asking.plan()
    found = asking.call_back()
    late = make.NOW + timedelta(days=20)
    services.expire_due(at=late)

    services.answer_by_link(found.case_id, at=late, kind=CommentKind.SOLVED)

    found.refresh_from_db()
    assert (found.state, found.answer) == (State.EXPIRED, None)
    assert found.case.comments.count() == 1


def test_nothing_is_said_of_a_case_that_is_still_handled() -> None:
    case = make.case("in_hand")

    with pytest.raises(BadInput):
        services.answer_by_link(case.pk, at=make.NOW, kind=CommentKind.SOLVED)

    assert not CallBack.objects.exists()


def test_words_and_verdict_must_fit() -> None:
    case = asking.closed()

    with pytest.raises(BadInput):
        services.answer_by_link(case.pk, at=make.NOW, kind=CommentKind.SOLVED, solved="no")
    with pytest.raises(BadInput):
        services.answer_by_link(case.pk, at=make.NOW, kind=CommentKind.SOLVED, satisfied=9)


def test_outcomes_tell_every_closing_once_asked_or_not() -> None:
    quiet = asking.closed(text="没有方案时")
    worker.drain()
    asking.plan()
    answered, silent = asking.call_back(text="一"), asking.call_back(text="二")
    services.answer_by_link(answered.case_id, at=make.NOW, kind=CommentKind.SOLVED, satisfied=5)

    found = {each.case_id: each for each in queries.outcomes(*DAY)}

    assert set(found) == {quiet.pk, answered.case_id, silent.case_id}
    told = found[answered.case_id]
    assert (told.is_asked, told.is_reached, told.solved, told.satisfied) == (True, True, "yes", 5)
    assert (told.unit_id, told.number, told.answered_at) == (
        answered.unit_id,
        answered.case.number,
        make.NOW,
    )
    assert (found[silent.case_id].is_asked, found[silent.case_id].solved) == (True, "")
    assert not found[quiet.pk].is_asked
    assert len(list(queries.outcomes(*DAY, with_unasked=False))) == 2
    assert list(queries.outcomes(*DAY, unit_id=make.unit().pk)) == []


def test_a_case_taken_up_again_after_an_answer_still_counts() -> None:
    asking.plan()
    found = asking.call_back()
    services.answer_by_link(found.case_id, at=make.NOW, kind=CommentKind.UNSOLVED, text="没好")
    cases.ACTS["reopen"](found.case_id, by=make.dispatcher(), at=make.NOW, reason="没好")

    told = list(queries.outcomes(*DAY))

    assert [(each.solved, each.unit_id) for each in told] == [("no", found.unit_id)]


def test_outcomes_cost_two_queries_however_many_there_are() -> None:
    asking.plan()
    counts = []
    for _round in range(2):
        asking.call_back()
        with CaptureQueriesContext(connection) as seen:
            list(queries.outcomes(*DAY))
        counts.append(len(seen))

    assert counts == [2, 2]


def test_the_words_of_a_person_can_be_handed_out_and_emptied_while_the_answer_counts_on() -> None:
    asking.plan()
    found = asking.call_back()
    services.answer_by_link(found.case_id, at=make.NOW, kind=CommentKind.SOLVED, text="谢谢老张", satisfied=5)
    person = Person(token=found.case.token)

    assert [each.content["words"] for each in forgetting.hold_answers(person, False)] == ["谢谢老张"]
    assert [each.title for each in forgetting.erase_answers(person, make.NOW)] == [found.case.number]

    answer = Answer.objects.get()
    assert (answer.words, answer.satisfied) == ("", 5)
    assert forgetting.erase_answers(person, make.NOW) == []
