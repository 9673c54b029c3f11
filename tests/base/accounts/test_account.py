"""One's own account: name, language, password; and adding accounts."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from siquan.base.accounts import services
from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.web import panels

pytestmark = pytest.mark.django_db
PASSWORD, BETTER = "correct horse 42", "battery staple 77"
BACKEND = "siquan.base.accounts.sessions.Accounts"


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li.jingban", PASSWORD, name="李经办")


def change(client: Client, old: str = PASSWORD, new: str = BETTER, again: str = "") -> object:
    return client.post(
        "/account/password/", {"old_password": old, "new_password1": new, "new_password2": again or new}
    )


def test_name_and_language_are_kept_and_journalled(client: Client, person: User) -> None:
    client.force_login(person, BACKEND)

    answer = client.post("/account/", {"name": "李经办员", "language": "en"})

    person.refresh_from_db()
    assert (answer.status_code, person.name, person.language) == (302, "李经办员", "en")
    assert Entry.objects.get(event="account.changed").details == {"fields": ["name", "language"]}


def test_an_unknown_language_is_refused(client: Client, person: User) -> None:
    client.force_login(person, BACKEND)

    assert client.post("/account/", {"name": "李", "language": "tlh"}).status_code == 200
    with pytest.raises(BadInput):
        services.change_account(person, name="李", language="tlh", at=timezone.now())


def test_the_password_page_explains_the_rules(client: Client, person: User) -> None:
    client.force_login(person, BACKEND)

    assert "10" in client.get("/account/password/").text


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client: Client, person: User) -> None:
    phone = Client()
    for each in (client, phone):
        each.force_login(person, BACKEND)

    assert change(client).status_code == 302  # type: ignore[attr-defined]

    assert client.get("/account/").status_code == 200
    assert phone.get("/account/").status_code == 302
    person.refresh_from_db()
    assert person.check_password(BETTER)
    assert Entry.objects.filter(event="account.password_changed", by=person).exists()


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", BETTER, BETTER),
        (PASSWORD, BETTER, "something else"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "1234567890123", "1234567890123"),
        (PASSWORD, "password123456", "password12345"),
        (PASSWORD, "li.jingban1", "li.jingban1"),
    ],
)
def test_a_password_against_the_rules_changes_nothing(
    client: Client, person: User, old: str, new: str, again: str
) -> None:
    client.force_login(person, BACKEND)

    answer = change(client, old, new, again)

    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "error-summary" in answer.text  # type: ignore[attr-defined]
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_an_account_is_added_with_a_password_to_be_changed(person: User) -> None:
    made = services.add_user(username="wang", name="王核查", password=PASSWORD, by=person, at=timezone.now())

    assert made.must_change_password
    assert made.check_password(PASSWORD)
    assert Entry.objects.get(event="account.added").about_id == made.pk


@pytest.mark.parametrize(
    ("username", "name", "password"),
    [("", "王", PASSWORD), ("li.jingban", "王", PASSWORD), ("wang", "", PASSWORD), ("wang", "王", "123")],
)
def test_a_wrong_account_is_refused(person: User, username: str, name: str, password: str) -> None:
    with pytest.raises(BadInput):
        services.add_user(username=username, name=name, password=password, by=person, at=timezone.now())
    assert User.objects.count() == 1


def test_nobody_closes_their_own_account(person: User) -> None:
    with pytest.raises(NotPossible):
        services.set_active(person, is_active=False, by=person, at=timezone.now())


def test_rooms_above_add_their_panels(client: Client, person: User) -> None:
    before = dict(panels._panels)
    panels.use(
        {
            "account": [
                panels.Panel("web/parts/empty.html", lambda thing, _reader: {"title": thing.username}),
                panels.Panel("web/parts/empty.html", lambda _thing, _reader: {}),
            ]
        }
    )
    client.force_login(person, BACKEND)
    try:
        assert [each["title"] for each in panels.panels_on("account", person, person)] == ["li.jingban"]
        assert panels.panels_on("unit", person, person) == []
        assert client.get("/account/").status_code == 200
    finally:
        panels.use(before)
