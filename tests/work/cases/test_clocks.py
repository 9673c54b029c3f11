"""The clocks of a case: which one runs, how pauses and extensions move it, when it warns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput
from siquan.city.rules.models import Calendar, CalendarDay, Clock, LimitRule
from siquan.work.cases import jobs, services
from siquan.work.cases.models import Case, ClockRun
from siquan.work.cases.services.clocks import running
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db


def beijing(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of September 2026 by the clock in Beijing."""
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def act(case: Case, verb: str, by: object, at: datetime, **said: object) -> Case:
    return services.ACTS[verb](case.pk, by=by, at=at, **said)


def test_each_step_has_its_own_clock() -> None:
    case = make.case(State.VERIFIED)

    kinds = [run.kind for run in case.clock_runs.order_by("id")]

    assert kinds == [Clock.FILING, Clock.HANDLING, Clock.VERIFICATION]
    assert case.clock_runs.filter(stopped_at=None).get().kind == Clock.VERIFICATION


def test_a_closed_case_has_no_clock() -> None:
    case = make.case(State.CLOSED)

    assert (case.clock, case.due_at, running(case)) == ("", None, None)


def test_working_hours_go_over_the_lunch_break() -> None:
    case = make.case(State.IN_HAND)  # dispatched on Wednesday at 10:00, four working hours

    assert case.due_at == beijing(23, 15, 30)


def test_an_answer_waited_for_does_not_count() -> None:
    case = make.case(State.IN_HAND)
    clerk = make.clerk(make.unit("HW"))

    act(case, "ask-reporter", clerk, beijing(23, 11), question="几号门？")
    assert Case.objects.get(pk=case.pk).is_paused
    services.say_as_reporter(case.pk, at=beijing(24, 11), kind="comment", text="三号门")

    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.is_paused) == (State.IN_HAND, False)
    # One of four hours had run; the other three run from Thursday 11:00 on.
    assert case.due_at == beijing(24, 15, 30)


def test_a_suspension_ends_by_itself_on_its_day() -> None:
    case = make.case(State.IN_HAND)
    act(case, "suspend", make.lead(), beijing(23, 11), until=date(2026, 9, 24), reason="等征收")

    assert not services.resume_if_due(case.pk, at=beijing(23, 23))
    assert services.resume_if_due(case.pk, at=beijing(24, 9))
    assert not services.resume_if_due(case.pk, at=beijing(24, 9))

    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.due_at) == (State.IN_HAND, beijing(24, 12))
    assert Entry.objects.about(case).last().event == "case.resumed"


def test_a_granted_extension_moves_the_due_time_by_its_length() -> None:
    case = make.case(State.IN_HAND)
    act(
        case,
        "ask-extension",
        make.clerk(make.unit("HW")),
        beijing(23, 11),
        amount=3,
        measure="working-hours",
        reason="等材料",
    )
    assert Case.objects.get(pk=case.pk).due_at == beijing(23, 15, 30)

    act(case, "grant-extension", make.lead(), beijing(23, 14))

    # 15:30 on Wednesday and three working hours more: 17:30, then one hour on Thursday from 9:00.
    assert Case.objects.get(pk=case.pk).due_at == beijing(24, 10)


def test_a_second_extension_waits_for_the_answer_to_the_first() -> None:
    case = make.case(State.IN_HAND)
    clerk = make.clerk(make.unit("HW"))
    asked = {"amount": 1, "measure": "working-days", "reason": "等材料"}
    act(case, "ask-extension", clerk, beijing(23, 11), **asked)

    with pytest.raises(BadInput, match="已有一份延期申请"):
        act(case, "ask-extension", clerk, beijing(23, 11), **asked)


def test_an_extension_is_asked_for_in_time() -> None:
    case = make.case(State.IN_HAND)

    with pytest.raises(BadInput, match="已经超过时限"):
        act(
            case,
            "ask-extension",
            make.clerk(make.unit("HW")),
            beijing(23, 16),
            amount=1,
            measure="working-days",
            reason="等材料",
        )


def test_rework_starts_a_new_handling_clock() -> None:
    case = make.case(State.HANDLED)

    act(case, "verify-fail", make.checker(make.street()), beijing(24, 9), reason="还有一堆")

    case = Case.objects.get(pk=case.pk)
    assert (case.clock, case.due_at, case.rework_count) == (Clock.HANDLING, beijing(24, 14, 30), 1)


def test_warnings_come_at_half_at_four_fifths_and_at_the_end_once_each() -> None:
    case = make.case(State.IN_HAND)

    for at in (beijing(23, 10, 30), beijing(23, 12), beijing(23, 12), beijing(23, 15), beijing(23, 16)):
        jobs.warn(at)
    jobs.warn(beijing(23, 17))

    entries = Entry.objects.about(case).filter(event__startswith="case.deadline")
    assert [(each.event, each.details["percent"]) for each in entries] == [
        ("case.deadline_near", 50),
        ("case.deadline_near", 80),
        ("case.deadline_passed", 100),
    ]


def test_after_a_stand_still_only_the_last_warning_is_written() -> None:
    case = make.case(State.IN_HAND)

    jobs.warn(beijing(24, 9))
    jobs.warn(beijing(24, 9))

    entries = Entry.objects.about(case).filter(event__startswith="case.deadline")
    assert [each.details["percent"] for each in entries] == [100]


def test_recalculation_takes_the_calendar_now_in_force_and_is_journalled() -> None:
    case = make.case(State.IN_HAND)
    before = ClockRun.objects.get(case=case, stopped_at=None)
    newer = Calendar.objects.get()
    newer.pk, newer.version = None, "2026-revised"
    newer.save()
    CalendarDay.objects.create(
        calendar=newer, date=date(2026, 9, 23), is_working=False, name="临时放假", source="test"
    )

    with pytest.raises(PermissionDenied, match="中心负责人"):
        services.recalculate_clock(case.pk, by=make.dispatcher(), at=beijing(23, 11))
    services.recalculate_clock(case.pk, by=make.lead(), at=beijing(23, 11))

    run = ClockRun.objects.get(pk=before.pk)
    assert run.calendar == newer
    assert Case.objects.get(pk=case.pk).due_at == run.due_at == beijing(24, 14, 30)
    entry = Entry.objects.about(case).last()
    assert (entry.event, entry.details["was"]) == ("case.clock_recalculated", before.due_at.isoformat())


def test_without_a_category_the_shortest_filing_limit_counts() -> None:
    make.rules()
    other = make.category("S", level=1, name="社会服务")
    LimitRule.objects.create(
        pack=other.pack,
        line=9,
        category=other,
        clock=Clock.FILING,
        amount=1,
        measure="working-hours",
        source="test",
    )

    assert make.case().due_at == make.NOW + timedelta(hours=1)
