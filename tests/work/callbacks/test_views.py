"""The pages of the call-backs and their door for programs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.accounts.services import make_token
from siquan.work.callbacks import services
from siquan.work.callbacks.models import Answer, CallBack, Plan
from siquan.work.callbacks.states import State
from siquan.work.cases.models import CommentKind
from tests import make
from tests.work.callbacks import asking

pytestmark = pytest.mark.django_db
ALL_DAY = {"hours": "00:00-24:00"}


def signed(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_caller_takes_a_call_sees_the_number_and_saves_without_any_script() -> None:
    asking.plan(**ALL_DAY)
    found = asking.call_back(at=timezone.now())
    caller = asking.caller()
    client = signed(caller)
    assert asking.PHONE not in client.get("/callbacks/desk/").content.decode()

    answer = client.post("/callbacks/desk/next/", follow=True)
    shown = answer.content.decode()
    assert "no-store" in answer["Cache-Control"], "the number stays in no browser"
    assert "100 0000 1234" in shown
    assert found.case.number in shown

    given = {"key": "k", "solved": "yes", "satisfied": "5", "contacted": "yes", "words": "好"}
    after = client.post(f"/callbacks/{found.pk}/save/", given, follow=True).content.decode()

    assert asking.PHONE not in after.replace(" ", "")
    assert "撤销上一个" in after
    assert Answer.objects.get().satisfied == 5


def test_a_form_that_says_two_things_is_sent_back_with_both() -> None:
    asking.plan(**ALL_DAY)
    found = asking.call_back(at=timezone.now())
    client = signed(asking.caller())
    client.post("/callbacks/desk/next/")

    answer = client.post(f"/callbacks/{found.pk}/save/", {"key": "k", "outcome": "busy", "solved": "yes"})

    assert answer.status_code == 422
    assert "只选一样" in answer.content.decode()


def test_results_show_shares_with_their_interval_and_cost_the_same_for_more_rows() -> None:
    asking.plan()
    client = signed(make.lead())
    counts = []
    for number in range(2):
        for _each in range(1 + number):
            found = asking.call_back()
            services.answer_by_link(found.case_id, at=make.NOW, kind=CommentKind.SOLVED, satisfied=5)
        with CaptureQueriesContext(connection) as seen:
            shown = client.get("/callbacks/?period=2026-09").content.decode()
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert "95% 区间" in shown
    assert "说解决了" in shown


def test_results_count_what_was_said_and_lead_to_those_call_backs() -> None:
    asking.plan()
    for kind, stars in ((CommentKind.SOLVED, 5), (CommentKind.SOLVED, 4), (CommentKind.UNSOLVED, 1)):
        found = asking.call_back()
        services.answer_by_link(found.case_id, at=make.NOW, kind=kind, text="还有", satisfied=stars)

    answer = signed(make.lead()).get("/callbacks/?period=2026-09")

    assert [(value, count) for value, _words, count, _width in answer.context["answers"]] == [
        ("yes", 2), ("partly", 0), ("no", 1),
    ]  # fmt: skip
    assert {value: count for value, _words, count, _width in answer.context["grades"] if count} == {
        5: 1, 4: 1, 1: 1,
    }  # fmt: skip
    assert 'href="?period=2026-09&amp;solved=no#rows"' in answer.content.decode()


def test_the_running_month_leads_to_no_later_one() -> None:
    client = signed(make.lead())
    newest = client.get("/callbacks/")

    assert newest.context["next"] == ""
    assert "下个月" not in newest.content.decode()
    assert "下个月" in client.get("/callbacks/?period=2026-09").content.decode()


def test_a_plan_is_told_in_words_not_in_codes() -> None:
    asking.plan(kind="sample", strata=["source", "street"], fraction=0.3, fractions={"hotline": 1.0})

    page = signed(make.lead()).get("/callbacks/plan/").content.decode()

    assert "按 来源 × 街道 分层" in page
    assert "12345热线 1.0" in page
    assert not re.search("snapshot|hotline", page)


def test_the_lead_publishes_a_plan_on_a_page() -> None:
    given = {
        "title": "新方案", "source": "assumed", "valid_from": timezone.localdate().isoformat(),
        "kind": "sample",
        "sources": ["hotline"], "strata": ["street"], "fraction": "0.2", "fractions": "hotline=1",
        "at_least": "1",
        "every": "week", "attempts_a_day": "2", "attempts_in_all": "3", "hours_between": "2",
        "hours": "09:00-18:00", "answer_days": "10", "lock_minutes": "5",
    }  # fmt: skip

    answer = signed(make.lead()).post("/callbacks/plan/new/", given)

    assert answer.status_code == 302
    plan = Plan.objects.get()
    assert (plan.fractions, plan.strata, plan.fraction) == ({"hotline": 1.0}, ["street"], 0.2)


def test_the_private_page_takes_the_verdict_and_then_the_stars() -> None:
    asking.plan()
    found = asking.call_back(phone="")
    page = f"/r/{found.case.token}/"
    client = Client()
    assert "您满意吗" not in client.get(page).content.decode()

    client.post(f"{page}say/", {"kind": "solved"})
    assert "您满意吗" in client.get(page).content.decode()
    client.post(f"{page}rate/", {"satisfied": "4", "contacted": "no"})

    found.refresh_from_db()
    assert found.answer is not None
    assert (found.answer.solved, found.answer.satisfied, found.answer.contacted) == ("yes", 4, False)
    assert 'aria-pressed="true"' in client.get(page).content.decode()


def test_who_has_not_said_whether_it_is_solved_cannot_rate_it() -> None:
    case = asking.closed()

    answer = Client().post(f"/r/{case.token}/rate/", {"satisfied": "4"})

    assert answer.status_code == 400
    assert not Answer.objects.exists()


def test_programs_take_save_and_take_back_a_call_by_the_same_rules() -> None:
    asking.plan(**ALL_DAY)
    found = asking.call_back(at=timezone.now())
    caller = asking.caller()
    head = {"authorization": f"Bearer {make_token(caller, label='x', at=make.NOW)}"}
    other = {"authorization": f"Bearer {make_token(make.dispatcher(), label='x', at=make.NOW)}"}
    door, client = "/api/v1/call-backs", Client()

    assert client.post(f"{door}/next", headers=other).status_code == 403
    assert client.post(f"{door}/next", headers=head).json()["phone"] == asking.PHONE
    said = {"solved": "no", "satisfied": 1, "key": "k"}
    saved = client.post(f"{door}/{found.pk}/save", said, "application/json", headers=head)
    assert (saved.status_code, saved.json()["solved"]) == (200, "no")
    assert client.post(f"{door}/{found.pk}/take-back", headers=head).json()["state"] == "asked"
    again = {"outcome": "wrong_number", "key": "k2"}
    assert client.post(f"{door}/{found.pk}/save", again, "application/json", headers=head).status_code == 200
    assert client.post(f"{door}/next", headers=head).status_code == 204
    listed = client.get(f"{door}?period={timezone.localdate():%Y-%m}", headers=other).json()["items"]
    assert [each["state"] for each in listed] == ["unreachable"]
    assert client.get(f"{door}/{found.pk}", headers=other).json()["case"] == found.case.number
    assert client.get(f"{door}/99999999999999999999", headers=other).status_code == 404
    corrected = client.post(f"{door}/{found.pk}/correct", {"why": "x"}, "application/json", headers=other)
    assert corrected.status_code == 403
    assert CallBack.objects.get().state == State.UNREACHABLE
