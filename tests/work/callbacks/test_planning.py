"""Who is asked: everybody or a sample, by the plan in force; never twice, never after a reopening."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from siquan.base.journal import worker
from siquan.base.kernel import draws, replays
from siquan.base.kernel.errors import BadInput
from siquan.base.notices.models import Delivery, Notice
from siquan.work.callbacks import jobs, queries, services
from siquan.work.callbacks.models import CallBack, Draw
from siquan.work.callbacks.services import drawing
from siquan.work.callbacks.states import State
from siquan.work.cases import services as cases
from siquan.work.cases.models import CommentKind
from tests import make
from tests.work.callbacks import asking

pytestmark = pytest.mark.django_db


def test_without_a_plan_nobody_is_asked() -> None:
    asking.closed()
    worker.drain()

    assert not CallBack.objects.exists()


def test_a_closed_case_is_planned_for_a_call_with_its_unit_and_street() -> None:
    asking.plan()

    found = asking.call_back()

    assert (found.state, found.channel, found.call_at) == (State.WAITING, "phone", make.NOW)
    assert (found.unit.code, found.street.code) == ("HW", "110101001")


def test_the_same_closing_is_planned_once_however_often_it_is_told() -> None:
    asking.plan()
    found = asking.call_back()

    services.plan_call_back(found.case_id, reason="closed", anchor_at=found.anchor_at, at=make.NOW)

    assert CallBack.objects.count() == 1


def test_a_reporter_without_a_number_is_asked_on_the_private_page() -> None:
    asking.plan()

    found = asking.call_back(phone="")

    assert (found.state, found.channel, found.call_at) == (State.ASKED, "link", None)


def test_a_case_from_a_source_outside_the_plan_is_left_alone() -> None:
    asking.plan(sources=["hotline"])
    asking.closed()
    worker.drain()

    assert not CallBack.objects.exists()


def test_a_case_that_is_taken_up_again_is_not_asked_about() -> None:
    asking.plan()
    found = asking.call_back()

    cases.ACTS["reopen"](found.case_id, by=make.dispatcher(), at=make.NOW, reason="又出现了")
    worker.drain()

    found.refresh_from_db()
    assert (found.state, found.call_at) == (State.WITHDRAWN, None)


def test_a_late_case_is_asked_about_only_if_the_plan_says_so() -> None:
    asking.plan(after_limit=True)
    case = make.case(make_in_hand(), phone=asking.PHONE)
    jobs.plan_after_limit(late_entry(case))

    assert CallBack.objects.get(case=case).reason == "limit"


def make_in_hand() -> str:
    from siquan.work.cases.states import State as CaseState

    return CaseState.IN_HAND


def late_entry(case: object) -> object:
    from siquan.base.journal.models import Entry

    return Entry(event="case.deadline_passed", about_id=case.pk, at=make.NOW, details={"clock": "handling"})  # type: ignore[attr-defined]


def test_a_message_brings_the_private_link_and_nothing_personal() -> None:
    asking.plan(sms_after_hours=24, phone_after_hours=72)
    found = asking.call_back()
    assert services.ask_due(at=make.NOW) == 0

    asked_at = make.NOW + timedelta(hours=24)
    assert services.ask_due(at=asked_at) == 1
    assert services.ask_due(at=asked_at) == 0

    found.refresh_from_db()
    notice = Notice.objects.get(kind="callback.asked")
    assert (found.state, found.channel, found.asked_at) == (State.ASKED, "sms", asked_at)
    assert notice.url == f"/r/{found.case.token}/"
    assert asking.PHONE not in str(notice.params) + notice.title
    assert Delivery.objects.get(notice=notice).channel == "sms"


def test_who_is_asked_too_long_ago_is_asked_no_more() -> None:
    asking.plan(answer_days=15)
    found = asking.call_back()

    assert services.expire_due(at=make.NOW + timedelta(days=14)) == 0
    assert services.expire_due(at=make.NOW + timedelta(days=15)) == 1

    found.refresh_from_db()
    assert (found.state, found.call_at) == (State.EXPIRED, None)


def test_a_sample_is_drawn_when_its_week_is_over_and_can_be_replayed() -> None:
    asking.plan(kind="sample", fraction=0.5, strata=["source", "street"], every="week")
    numbers = [asking.closed(text=f"第{each}件").number for each in range(4)]
    worker.drain()
    assert not CallBack.objects.exists()

    monday = make.NOW + timedelta(days=5)
    assert services.draw_due(at=monday - timedelta(days=1)) >= 0
    services.draw_due(at=monday)
    assert services.draw_due(at=monday) == 0

    draw = Draw.objects.get(first=date(2026, 9, 21))
    assert draw.last == date(2026, 9, 27)
    assert draw.strata == {"snapshot×110101001": [4, 2]}
    asked = set(draw.call_backs.values_list("case__number", flat=True))
    assert asked == set(draws.drawn(draw.seed, {"all": numbers}, {"all": 2})["all"])


def test_who_answered_unasked_becomes_part_of_the_sample_when_drawn() -> None:
    asking.plan(kind="sample", fraction=1.0, strata=["source"], every="day")
    case = asking.closed()
    services.answer_by_link(case.pk, at=make.NOW, kind=CommentKind.SOLVED, satisfied=5)
    assert next(queries.outcomes(make.NOW, make.NOW + timedelta(days=1))).is_volunteered

    services.draw_due(at=make.NOW + timedelta(days=1))

    found = next(queries.outcomes(make.NOW, make.NOW + timedelta(days=1)))
    assert (found.is_of_sample, found.is_volunteered, found.solved) == (True, False, "yes")


def test_only_the_lead_and_rule_editors_publish_a_plan() -> None:
    fields = asking.PLAN | {"valid_from": date(2026, 10, 1)}
    assert services.publish_plan(by=make.lead(), at=make.NOW, **fields).version == 1

    with pytest.raises(PermissionDenied, match="回访方案"):
        services.publish_plan(by=make.dispatcher(), at=make.NOW, **fields)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"source": " "}, "source"),
        ({"hours": "21:00-08:00"}, "hours"),
        ({"kind": "sample"}, "fraction"),
        ({"kind": "sample", "fraction": 2.0}, "fraction"),
        ({"strata": ["weather"]}, "strata"),
        ({"sources": []}, "sources"),
        ({"valid_from": date(2026, 1, 1)}, "valid_from"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(wrong: dict[str, object], field: str) -> None:
    fields = asking.PLAN | {"valid_from": date(2026, 10, 1)} | wrong

    with pytest.raises(BadInput) as refused:
        services.publish_plan(by=make.lead(), at=make.NOW, **fields)  # type: ignore[arg-type]

    assert refused.value.field == field


def test_a_newer_plan_leaves_earlier_closings_to_the_one_before() -> None:
    asking.plan()
    services.publish_plan(
        by=make.lead(), at=make.NOW, valid_from=date(2026, 10, 1), **asking.PLAN | {"sources": ["hotline"]}
    )

    assert queries.plan_in_force(date(2026, 9, 30)).version == 1
    assert queries.plan_in_force(date(2026, 10, 1)).version == 2


def test_a_draw_is_replayed_on_its_page_and_out_of_its_file_also_after_a_case_is_taken_up_again(
    client: Client,
) -> None:
    plan = asking.plan(kind="sample", size=2, every="day", at_least=1)
    made = [asking.closed() for _each in range(5)]
    day = timezone.localdate(made[0].closed_at)
    draw = drawing.draw_period(plan, day, day, at=make.NOW + timedelta(days=2))
    assert draw is not None
    cases.ACTS["reopen"](made[0].pk, by=make.dispatcher(), at=make.NOW + timedelta(days=3), reason="没有解决")
    client.force_login(make.lead())

    page = client.get(reverse("callbacks:replay", args=[draw.pk])).content.decode()
    file = client.get(reverse("callbacks:replay_file", args=[draw.pk]))

    told = replays.read(file.content.decode())
    assert "和当时抽的完全一样" in page
    assert told.members_sha256 in page
    assert "attachment" in file["Content-Disposition"]
    assert all(each.agrees for each in replays.replay(told))
    assert sum(map(len, told.members.values())) == 5
    assert sum(map(len, told.drawn.values())) == 2


def test_a_draw_of_which_no_list_was_kept_says_so(client: Client) -> None:
    plan = asking.plan(kind="sample", size=2)
    draw = Draw.objects.create(plan=plan, first=make.NOW.date(), last=make.NOW.date(), seed="x", at=make.NOW)
    client.force_login(make.lead())

    assert "不能重抽" in client.get(reverse("callbacks:replay", args=[draw.pk])).content.decode()
    assert client.get(reverse("callbacks:replay_file", args=[draw.pk])).status_code == 404
