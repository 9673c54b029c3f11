"""Signing in, signing out, and the door that closes after too many wrong passwords."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from siquan.base.accounts import queries, services
from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry

pytestmark = pytest.mark.django_db
SIGN_IN, ACCOUNT = "/account/sign-in/", "/account/"
PASSWORD = "correct horse 42"


@pytest.fixture(autouse=True)
def _home(settings: Any) -> None:
    settings.LOGIN_REDIRECT_URL = "/account/"


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li.jingban", PASSWORD, name="李经办")


def sign_in(client: Client, password: str = PASSWORD, name: str = "li.jingban", **more: Any) -> Any:
    return client.post(
        SIGN_IN, {"username": name, "password": password, "next": more.pop("next", "")}, **more
    )


def test_the_right_password_opens_and_changes_the_session_key(client: Client, person: User) -> None:
    client.get(SIGN_IN)
    client.session["seen"] = True
    before = client.session.session_key

    answer = sign_in(client)

    assert answer.status_code == 302
    assert answer.url == ACCOUNT
    assert client.session.session_key != before
    assert "李经办" in client.get(ACCOUNT).text


def test_the_wrong_password_does_not_say_which_half_was_wrong(client: Client, person: User) -> None:
    for name in ("li.jingban", "nobody"):
        answer = sign_in(client, "wrong", name)
        assert answer.status_code == 200
        assert "登录名或密码不对" in answer.text
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/account/tokens/?a=1", "/account/tokens/?a=1"),
        ("https://evil.example/", ACCOUNT),
        ("//evil.example/", ACCOUNT),
        ("javascript:alert(1)", ACCOUNT),
        ("http:///evil.example", ACCOUNT),
        ("\\\\evil.example", ACCOUNT),
    ],
)
def test_next_is_followed_within_this_site_only(
    client: Client, person: User, asked: str, led_to: str
) -> None:
    assert sign_in(client, next=asked).url == led_to


def test_a_stranger_is_asked_to_sign_in_and_led_back(client: Client, person: User) -> None:
    answer = client.get("/account/tokens/")

    assert answer.url == f"{SIGN_IN}?next=/account/tokens/"
    assert 'name="next" value="/account/tokens/"' in client.get(answer.url).text


def test_a_closed_account_cannot_sign_in(client: Client, person: User) -> None:
    services.set_active(person, is_active=False, by=None, at=timezone.now())

    assert sign_in(client).status_code == 200


def test_closing_an_account_ends_its_sessions(client: Client, person: User) -> None:
    sign_in(client)
    services.set_active(person, is_active=False, by=None, at=timezone.now())

    assert client.get(ACCOUNT).status_code == 302


def test_an_account_that_is_opened_again_lets_no_old_session_and_no_old_token_in(
    client: Client, person: User
) -> None:
    now = timezone.now()
    sign_in(client)
    token = services.make_token(person, "大屏", now)
    assert queries.user_by_token(token, now) == person

    services.set_active(person, is_active=False, by=None, at=now)
    services.set_active(person, is_active=True, by=None, at=now)

    assert client.get(ACCOUNT).status_code == 302
    assert queries.user_by_token(token, now) is None
    assert sign_in(client).url == ACCOUNT


@pytest.mark.parametrize("name", ["甲" * 100_000, "nul\0", "<script>", "' or 1=1 --", "😀"])
def test_odd_names_do_no_harm(client: Client, name: str) -> None:
    assert sign_in(client, "wrong", name).status_code == 200


def test_a_password_set_by_somebody_else_is_changed_first(client: Client, person: User) -> None:
    new = services.reset_password(person, by=None, at=timezone.now())

    assert sign_in(client, new).url == "/account/password/"


def test_signing_in_speaks_the_persons_language(client: Client, person: User) -> None:
    services.change_account(person, name=person.name, language="en", at=timezone.now())

    answer = sign_in(client)

    assert answer.cookies[django_settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert "My account" in client.get(ACCOUNT).text


def test_the_language_switch_is_remembered_on_the_account(client: Client, person: User) -> None:
    client.force_login(person, "siquan.base.accounts.sessions.Accounts")

    client.post(reverse("web:language"), {"language": "en", "next": "/"})
    person.refresh_from_db()
    assert person.language == "en"

    client.post(reverse("web:language"), {"language": "tlh", "next": "/"})
    person.refresh_from_db()
    assert person.language == "en"


def test_signing_out_ends_the_session_and_needs_a_button(client: Client, person: User) -> None:
    sign_in(client)
    assert client.get("/account/sign-out/").status_code == 405

    assert client.post("/account/sign-out/").url == SIGN_IN
    assert client.get(ACCOUNT).status_code == 302


def test_signing_out_everywhere_ends_every_session(client: Client, person: User) -> None:
    phone, desk = Client(), client
    sign_in(phone)
    sign_in(desk)

    desk.post("/account/sign-out-everywhere/")

    assert phone.get(ACCOUNT).status_code == 302
    assert desk.get(ACCOUNT).status_code == 302
    assert Entry.objects.filter(event="account.signed_out_everywhere", by=person).count() == 1
    assert sign_in(phone).status_code == 302


def test_every_page_of_the_account_needs_a_person(client: Client) -> None:
    for name in ("account", "change_password", "tokens"):
        assert client.get(reverse(f"accounts:{name}")).status_code == 302
    for name in ("sign_out_everywhere",):
        assert client.post(reverse(f"accounts:{name}")).url.startswith(SIGN_IN)
