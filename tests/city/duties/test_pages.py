"""The pages about duties: what they show, to whom, and what they do."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.kernel.permissions import sentence_of
from siquan.city.duties import permissions, services, tables
from siquan.city.duties.models import Duty, Role
from siquan.city.places.models import Division, Level
from siquan.city.units.models import Kind, Unit
from siquan.config.permissions import ROOM_RULES
from tests.counting import statements

pytestmark = pytest.mark.django_db
START = date(2020, 1, 1)
BACKEND = "siquan.base.accounts.sessions.Accounts"


def person(name: str, *roles: str) -> User:
    user = User.objects.create_user(name, name=name)
    for role in roles:
        Duty.objects.create(user=user, role=role, valid_from=START)
    return user


def entered(client: Client, user: User) -> Client:
    client.force_login(user, BACKEND)
    return client


@pytest.fixture
def admin(client: Client) -> User:
    user = person("admin", Role.ADMIN)
    entered(client, user)
    return user


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(code="U1", name="环卫中心", kind=Kind.BUREAU, valid_from=START, source="test")


@pytest.fixture
def street() -> Division:
    return Division.objects.create(
        code="S1", name="和平里街道", level=Level.STREET, valid_from=START, source="test"
    )


def line(verb: str) -> tables.Line:
    return next(each for section in tables.who_may_do_what() for each in section.lines if each.verb == verb)


def test_the_table_is_read_off_the_rules_themselves() -> None:
    assert line("dispatch").roles == {Role.DISPATCHER, Role.CENTRE_LEAD}
    assert line("accept").roles == {Role.UNIT_CLERK}
    assert line("answer-assist").roles == {Role.UNIT_CLERK}
    assert line("verify-pass").roles == {Role.CHECKER}
    assert line("verify-fail").roles == {Role.CHECKER, Role.DISPATCHER, Role.CENTRE_LEAD}
    assert line("give-duty").roles == {Role.ADMIN, Role.CENTRE_LEAD}
    assert line("see-duties").roles == set(Role)


def test_every_verb_of_every_room_has_words_and_somebody_who_may() -> None:
    for room in ROOM_RULES:
        assert set(room.rules) <= set(room.verbs), room.label
    for section in tables.who_may_do_what():
        for each in section.lines:
            assert each.roles, f"nobody may {each.verb}"
            assert str(each.sentence)
            assert str(each.words) != each.verb


def test_the_page_lists_every_verb_with_its_sentence(client: Client, admin: User) -> None:
    text = client.get("/duties/who-may-do-what/").text

    for section in tables.who_may_do_what():
        for each in section.lines:
            assert str(each.words) in text
            assert str(each.sentence) in text


def test_one_role_sees_its_own_verbs_only(client: Client, admin: User) -> None:
    text = client.get("/duties/who-may-do-what/?role=unit_clerk").text

    assert str(line("accept").words) in text
    assert str(line("void").sentence) not in text
    assert client.get("/duties/who-may-do-what/?role=emperor").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["", "who-may-do-what/", "people/", "people/new/", "people/{pk}/", "{duty}/end/"],
)
def test_people_without_a_duty_are_told_who_may(client: Client, path: str) -> None:
    other = person("other", Role.CHECKER)
    address = "/duties/" + path.format(pk=other.pk, duty=other.duties.get().pk)
    assert client.get(address).status_code == 302

    entered(client, person("guest"))
    answer = client.get(address)
    assert answer.status_code == 403
    assert "只有" in answer.text


@pytest.mark.parametrize("path", ["give/", "password/", "close/", "open/"])
def test_a_clerk_changes_nothing(client: Client, path: str) -> None:
    other = person("other")
    entered(client, person("clerk", Role.DISPATCHER))

    answer = client.post(f"/duties/people/{other.pk}/{path}", {"role": "checker", "valid_from": "2026-01-01"})

    assert answer.status_code == 403
    assert not other.duties.exists()
    other.refresh_from_db()
    assert other.is_active


def test_a_duty_is_given_on_the_page_of_the_person(client: Client, admin: User, street: Division) -> None:
    other = person("other")

    answer = client.post(
        f"/duties/people/{other.pk}/give/",
        {"role": "checker", "division": street.pk, "valid_from": "2026-01-01"},
        follow=True,
    )

    assert "已登记" in answer.text
    assert "和平里街道，2026-01-01 起" in answer.text, "the history says so"
    assert Duty.objects.get(user=other).division == street


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"role": "unit_clerk", "valid_from": "2026-01-01"}, "单位经办人要写明是哪个单位"),
        ({"role": "checker", "valid_from": "2026-01-01", "valid_to": "2025-01-01"}, "终止日期要晚于开始日期"),
        ({"role": "", "valid_from": "2026-01-01"}, "error-summary"),
        ({"role": "checker", "valid_from": "tomorrow"}, "error-summary"),
        ({"role": "checker", "valid_from": "2026-01-01", "division": "99999"}, "error-summary"),
    ],
)
def test_a_wrong_form_says_what_to_change(
    client: Client, admin: User, form: dict[str, str], said: str
) -> None:
    other = person("other")

    answer = client.post(f"/duties/people/{other.pk}/give/", form)

    assert answer.status_code == 200
    assert said in answer.text
    assert not other.duties.exists()


def test_a_duty_is_ended_with_a_day(client: Client, admin: User) -> None:
    duty = person("other", Role.CHECKER).duties.get()
    assert "终止职责" in client.get(f"/duties/{duty.pk}/end/").text

    answer = client.post(f"/duties/{duty.pk}/end/", {"on": "2026-06-01"}, follow=True)

    assert "已终止" in answer.text
    duty.refresh_from_db()
    assert duty.valid_to == date(2026, 6, 1)
    assert client.post(f"/duties/{duty.pk}/end/", {"on": "2026-06-01"}).status_code == 409
    assert client.get("/duties/98765/end/").status_code == 404


def test_the_list_is_filtered_by_words_role_bounds_and_time(
    client: Client, admin: User, unit: Unit, street: Division
) -> None:
    clerk, checker = person("甲经办"), person("乙核查")
    services.give_duty(user=clerk, role=Role.UNIT_CLERK, unit=unit, by=admin, at=timezone.now())
    Duty.objects.create(
        user=checker, role=Role.CHECKER, division=street, valid_from=START, valid_to=date(2021, 1, 1)
    )

    def names(query: str) -> set[str]:
        text = client.get(f"/duties/{query}").text.split('id="rows"')[1]
        return {name for name in ("甲经办", "乙核查", ">admin<") if name in text}

    assert names("") == {"甲经办", ">admin<"}
    assert names("?when=ever") == {"甲经办", "乙核查", ">admin<"}
    assert names("?q=环卫") == {"甲经办"}
    assert names("?role=admin") == {">admin<"}
    assert names(f"?unit={unit.pk}") == {"甲经办"}
    assert names(f"?division={street.pk}&when=ever") == {"乙核查"}
    assert names("?q=nobody%00&unit=x&role=x&page=99") == set()


def test_the_list_takes_the_same_statements_for_any_number(client: Client, admin: User) -> None:
    person("p1", Role.CHECKER)
    one = statements(client, "/duties/")
    person("p2", Role.CHECKER, Role.GRID_WORKER)

    assert statements(client, "/duties/") == one


def test_a_persons_page_takes_the_same_statements_for_any_number(
    client: Client, admin: User, unit: Unit, street: Division
) -> None:
    other = person("other")
    now = timezone.now()
    services.give_duty(user=other, role=Role.UNIT_CLERK, unit=unit, by=admin, at=now)
    services.give_duty(user=other, role=Role.CHECKER, division=street, by=admin, at=now)
    two = statements(client, f"/duties/people/{other.pk}/")
    for role in (Role.GRID_WORKER, Role.DISPATCHER):
        services.give_duty(user=other, role=role, division=street, by=admin, at=now)

    assert statements(client, f"/duties/people/{other.pk}/") == two


def test_a_new_colleague_gets_a_password_that_is_shown_once(client: Client, admin: User) -> None:
    form = {"username": "new", "name": "新同事"}

    made = client.post("/duties/people/new/", form)

    colleague = User.objects.get(username="new")
    assert "只显示这一次" in made.text
    assert "只显示这一次" not in client.get(f"/duties/people/{colleague.pk}/").text
    assert "error-summary" in client.post("/duties/people/new/", form).text
    assert "新同事" in client.get("/duties/people/?q=新").text
    assert "没有找到这个人" in client.get("/duties/people/?q=nobody").text


def test_an_account_is_closed_opened_and_given_a_new_password(client: Client, admin: User) -> None:
    other = person("other")

    client.post(f"/duties/people/{other.pk}/close/")
    other.refresh_from_db()
    assert not other.is_active
    client.post(f"/duties/people/{other.pk}/open/")
    other.refresh_from_db()
    assert other.is_active
    assert "初始密码" in client.post(f"/duties/people/{other.pk}/password/").text
    assert client.post(f"/duties/people/{admin.pk}/close/").status_code == 409, "not one's own"


def test_everybody_sees_their_own_duties(client: Client, street: Division) -> None:
    user = person("checker")
    entered(client, user)
    assert "您还没有职责" in client.get("/duties/mine/").text
    Duty.objects.create(user=user, role=Role.CHECKER, division=street, valid_from=START)

    assert "和平里街道" in client.get("/duties/mine/").text
    assert "和平里街道" in client.get("/account/").text, "the panel on the account page"


def test_the_unit_page_names_its_people_to_people_with_a_duty(
    client: Client, admin: User, unit: Unit
) -> None:
    assert "还没有人为这个单位经办" in client.get(f"/units/{unit.pk}/").text
    services.give_duty(user=person("甲经办"), role=Role.UNIT_CLERK, unit=unit, by=admin, at=timezone.now())

    assert "甲经办" in client.get(f"/units/{unit.pk}/").text
    entered(client, person("guest"))
    assert "甲经办" not in client.get(f"/units/{unit.pk}/").text


def test_every_rule_says_its_sentence() -> None:
    for rule in permissions.RULES.values():
        assert str(sentence_of(rule))
        assert rule.__doc__
