"""My work, the district at a glance, and the frame around every page of the desk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.city.duties.models import Role
from siquan.work.cases import queries, services
from siquan.work.cases.models import Case, Source
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db

CHINESE = re.compile(r"[\u3400-\u9fff]+")


def words(answer: Any) -> str:
    return str(answer.content.decode())


def due(case: Case, at: Any) -> None:
    Case.objects.filter(pk=case.pk).update(due_at=at)


def test_my_work_is_sorted_into_sections_by_deadline() -> None:
    now = timezone.now().replace(hour=4, minute=0)  # noon in Beijing
    for away in (-2, 3, 40, 400):
        due(make.case(), now + timedelta(hours=away))

    sections = queries.sections_of(make.dispatcher(), now)

    assert {each.code: each.count for each in sections} == {
        "late": 1, "today": 1, "soon": 1, "later": 1, "paused": 0,
    }  # fmt: skip
    assert [each.colour for each in sections] == ["red", "yellow", "green", "green", ""]


@pytest.mark.parametrize(
    ("state", "who"),
    [
        (State.REPORTED, make.dispatcher),
        (State.FILED, make.dispatcher),
        (State.DISPATCHED, lambda: make.clerk(make.unit("HW"))),
        (State.IN_HAND, lambda: make.clerk(make.unit("HW"))),
        (State.HANDLED, lambda: make.checker(make.street())),
        (State.VERIFIED, make.dispatcher),
    ],
)
def test_what_waits_for_a_person_stands_in_their_work(state: State, who: Any, client: Client) -> None:
    case = make.case(state)
    person: User = who()
    client.force_login(person)

    page = words(client.get("/desk/"))

    assert f"/cases/{case.number}/" in page
    assert queries.waiting_count(person) == 1


def test_two_requests_for_more_time_do_not_double_a_case() -> None:
    case = make.case(State.IN_HAND)
    clerk, lead = make.clerk(make.unit("HW")), make.lead()
    asked = {"amount": 1, "measure": "working-days", "reason": "等料"}
    services.ACTS["ask-extension"](case.pk, by=clerk, at=make.NOW, **asked)
    services.ACTS["refuse-extension"](case.pk, by=lead, at=make.NOW, answer="抓紧")
    services.ACTS["ask-extension"](case.pk, by=clerk, at=make.NOW, **asked)

    assert [each.pk for each in queries.my_work(clerk)] == [case.pk]
    assert [each.pk for each in queries.my_work(lead)] == [case.pk]


def test_nothing_to_do_and_no_duty_are_said_differently(client: Client) -> None:
    client.force_login(make.dispatcher())
    assert "现在没有等您办的案件" in words(client.get("/desk/"))

    client.force_login(make.user())
    assert "还没有登记职责" in words(client.get("/desk/"))


@pytest.mark.parametrize(
    ("role", "room"),
    [
        (Role.CALLER, "/callbacks/desk/"),
        (Role.EVALUATOR, "/evaluations/mine/"),
        (Role.RULE_EDITOR, "/rules/"),
        (Role.ADMIN, "/units/"),
    ],
)
def test_who_handles_no_cases_comes_into_the_room_of_their_work(
    role: Role, room: str, client: Client
) -> None:
    client.force_login(make.staff(role))

    assert client.get("/desk/")["Location"] == room
    assert 'class="desk__search"' not in words(client.get(room))


def test_the_figures_are_counted_from_the_cases(client: Client) -> None:
    late, paused = make.case(State.IN_HAND), make.case(State.SUSPENDED)
    for case in (late, paused):
        due(case, timezone.now() - timedelta(hours=1))
    make.case(State.CLOSED)
    leader = make.staff("leader")

    found = queries.figures(leader, timezone.now())

    assert (found.open, found.late, found.supervised) == (2, 1, 0)
    assert dict(found.by_state)[State.SUSPENDED] == 1
    assert [(row.code, row.open, row.late) for row in queries.by_street(leader, timezone.now())] == [
        ("110101001", 2, 1)
    ]
    client.force_login(leader)
    assert "/cases/?due=overdue" in words(client.get("/desk/cockpit/"))


def test_the_district_at_a_glance_is_not_for_everybody(client: Client) -> None:
    client.force_login(make.clerk(make.unit("HW")))

    answer = client.get("/desk/cockpit/")

    assert answer.status_code == 403
    assert "全区概览对中心工作人员和区领导开放" in words(answer)


def test_the_rail_shows_what_a_person_may_enter_and_what_waits(client: Client) -> None:
    make.case()
    make.case(lon=None, lat=None, source=Source.HOTLINE)
    client.force_login(make.dispatcher())
    centre = words(client.get("/desk/"))
    client.force_login(make.clerk(make.unit("HW")))
    clerk = words(client.get("/desk/"))

    assert re.search(r'href="/desk/" aria-current="page">.*?待办：</span>2<', centre)
    assert re.search(r'href="/cases/needs-place/">.*?待办：</span>1<', centre)
    assert "/cases/needs-place/" not in clerk
    assert "/desk/cockpit/" not in clerk
    assert "环卫中心" in clerk


def pages() -> list[str]:
    """Return the addresses of every kind of page of the desk, with something on each."""
    now = timezone.now()
    make.unit("HW", name="环卫中心", name_en="Sanitation centre")
    states = (State.REPORTED, State.FILED, State.IN_HAND, State.SUSPENDED, State.HANDLED, State.CLOSED)
    made = {state: make.case(state, at=now, text="Rubbish", phone="13812345678") for state in states}
    make.case(lon=None, lat=None, source=Source.HOTLINE, at=now, text="Lamp")
    numbers = {state: case.number for state, case in made.items()}
    addresses = ["/desk/", "/desk/cockpit/", "/cases/", "/cases/?view=table", "/cases/?state=void"]
    addresses += ["/cases/?state=filed&source=snapshot&due=week&order=due", "/cases/needs-place/"]
    addresses += ["/cases/new/", f"/cases/?case={numbers[State.FILED]}"]
    addresses += [f"/cases/{number}/" for number in numbers.values()]
    for state in states:
        verbs = queries.possible_verbs(make.lead(), made[state])
        addresses += [f"/cases/{numbers[state]}/{verb}/" for verb in verbs]
    addresses += [f"/cases/{numbers[State.REPORTED]}/{verb}/" for verb in ("set-place", "comment", "close")]
    return addresses


def test_every_page_speaks_english_when_asked(client: Client) -> None:
    addresses = pages()
    person = make.lead()
    User.objects.filter(pk=person.pk).update(name="Li Xia", language="en")
    make.duty(person, "dispatcher")
    client.force_login(person)
    client.cookies["django_language"] = "en"
    left: dict[str, list[str]] = {}

    for address in addresses:
        page = words(client.get(address))
        assert '<html lang="en"' in page, address
        page = re.sub(r'<(\w+)[^>]* lang="zh-Hans"[^>]*>.*?</\1>', "", page, flags=re.S)
        page = re.sub(r"<option.*?</option>|<optgroup[^>]*>", "", page, flags=re.S)
        found = CHINESE.findall(page)
        if found:
            left[address] = found

    assert left == {}


def test_no_page_holds_inline_script_or_style(client: Client) -> None:
    addresses = pages()
    client.force_login(make.lead())

    for address in addresses:
        page = words(client.get(address))
        assert not re.search(r"<script(?![^>]*(src=|application/json))|<style|\sstyle=|\son[a-z]+=\"", page)
