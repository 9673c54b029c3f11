"""Who is told what happens to a case; and that nothing private is in the words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.translation import override

from siquan.base.journal import worker
from siquan.base.journal.models import Entry
from siquan.base.notices.models import Channel, Delivery, Notice
from siquan.config.reactions import REACTIONS
from siquan.work.cases import jobs, services, telling
from siquan.work.cases.models import CommentKind, Reporter, Source
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db


def told() -> dict[str, set[str]]:
    """Run the reactions; return who was told what, by sign-in name."""
    worker.drain()
    found: dict[str, set[str]] = {}
    for notice in Notice.objects.exclude(to_user=None).select_related("to_user"):
        found.setdefault(notice.kind, set()).add(notice.to_user.username)
    return found


def test_every_told_event_is_wired() -> None:
    for event in telling.TOLD:
        assert telling.tell in REACTIONS[event], event


def test_the_unit_is_told_of_a_case_that_was_sent_to_it_and_nobody_else() -> None:
    unit = make.unit("HW", name="环卫中心")
    clerk, _other = make.clerk(unit), make.clerk(make.unit())
    case = make.case(State.DISPATCHED, of=unit)

    assert told()["case.dispatched"] == {clerk.username}

    notice = Notice.objects.get(kind="case.dispatched")
    with override("zh-hans"):
        assert "已派给贵单位" in str(notice)
        assert "暴露垃圾，东华门街道" in notice.words_text
        assert "2026年9月23日" in notice.words_text
    with override("en"):
        assert "Exposed rubbish" in notice.words_text
        assert "Donghuamen" in notice.words_text
    assert notice.url == f"/cases/{case.number}/"


def test_what_happens_twice_in_the_queue_is_told_once() -> None:
    unit = make.unit("HW")
    make.clerk(unit)
    make.case(State.DISPATCHED, of=unit)
    told()
    before = Notice.objects.count()

    telling.tell(Entry.objects.get(event="case.dispatched"))

    assert Notice.objects.count() == before


def test_a_clerk_is_not_told_what_they_did_themselves() -> None:
    unit = make.unit("HW")
    doer, colleague = make.clerk(unit), make.clerk(unit)
    checker = make.checker(make.street())
    make.duty(doer, "checker", division=make.street())
    make.case(State.HANDLED, of=unit, by=doer)

    found = told()

    assert found["case.dispatched"] == {doer.username, colleague.username}
    assert found["case.reported_done"] == {checker.username}, "not the one who handled it"


def test_the_centre_hears_of_returns_and_wishes_for_more_time() -> None:
    unit, lead, dispatcher = make.unit("HW", name="环卫中心"), make.lead(), make.dispatcher()
    clerk = make.clerk(unit)
    case = make.case(State.IN_HAND, of=unit, by=clerk)

    services.ACTS["ask-extension"](
        case.pk, by=clerk, at=make.NOW, amount=2, measure="working-days", reason="王某电话13800000000"
    )
    services.ACTS["grant-extension"](case.pk, by=lead, at=make.NOW)
    told()
    services.ACTS["return"](case.pk, by=clerk, at=make.NOW, reason="不归我们")

    found = told()
    assert found["case.extension_asked"] == {lead.username}
    assert found["case.extension_granted"] == {clerk.username}
    assert dispatcher.username in found["case.returned"]
    assert "环卫中心" in str(Notice.objects.filter(kind="case.returned").first())


def test_no_word_that_somebody_wrote_is_in_a_notice() -> None:
    unit, lead = make.unit("HW"), make.lead()
    clerk = make.clerk(unit)
    case = make.case(State.IN_HAND, of=unit, by=clerk, address="东四十条甲22号3单元501")
    services.ACTS["ask-extension"](
        case.pk, by=clerk, at=make.NOW, amount=2, measure="working-days", reason="王某电话13800000000"
    )
    services.ACTS["supervise"](case.pk, by=lead, at=make.NOW, note="王某又来电")
    told()

    for notice in Notice.objects.all():
        said = f"{notice.title}{notice.text}{notice.params}"
        for private in ("王某", "13800000000", "501", "东口"):
            assert private not in said


def test_half_of_the_time_is_no_news_and_lateness_reaches_the_leads() -> None:
    unit, lead = make.unit("HW"), make.lead()
    clerk = make.clerk(unit)
    case = make.case(State.DISPATCHED, of=unit)
    run = case.clock_runs.get(stopped_at=None)
    half = run.warn_at
    jobs.warn(half)
    assert "case.deadline_near" not in told()

    run.refresh_from_db()
    jobs.warn(run.warn_at)
    assert told()["case.deadline_near"] == {clerk.username}

    jobs.warn(run.due_at + timedelta(minutes=1))
    assert {clerk.username, lead.username} <= told()["case.deadline_passed"]


def test_the_reporter_gets_a_message_with_the_private_link_only_with_a_mobile_number() -> None:
    silent, talking = make.case(State.HANDLED), make.case(State.HANDLED)
    Reporter.objects.update_or_create(case=silent, defaults={"phone": "64031118"})
    Reporter.objects.update_or_create(case=talking, defaults={"phone": "138 0000 0000"})
    for case in (silent, talking):
        services.ACTS["verify-pass"](case.pk, by=make.checker(make.street()), at=make.NOW)
        services.ACTS["close"](case.pk, by=make.dispatcher(), at=make.NOW)
    told()

    delivery = Delivery.objects.get(channel=Channel.SMS)
    assert delivery.address == "13800000000"
    assert delivery.notice.url == f"/r/{talking.token}/"
    assert "已办结" in str(delivery.notice)


def test_what_the_reporter_says_afterwards_reaches_the_centre() -> None:
    dispatcher = make.dispatcher()
    case = make.case(State.CLOSED)

    services.say_as_reporter(case.pk, at=make.NOW, kind=CommentKind.UNSOLVED, text="还在那里")

    assert dispatcher.username in told()["case.said_unsolved"]


def test_a_file_of_many_tickets_is_one_notice_when_they_all_come_due() -> None:
    dispatcher = make.dispatcher()
    cases = [make.case(lon=None, lat=None, source=Source.HOTLINE) for _ in range(6)]
    due = cases[0].clock_runs.get().due_at
    jobs.warn(due + timedelta(minutes=1))
    told()

    (notice,) = Notice.objects.of(dispatcher.pk)
    with override("zh-hans"):
        assert str(notice) == "6件案件已超过时限"
    with override("en"):
        assert str(notice) == "6 cases are overdue"
    assert notice.url == "/cases/?due=overdue"
