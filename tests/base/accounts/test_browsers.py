"""Where somebody is signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from siquan.base.accounts import browsers
from siquan.base.accounts.models import SignIn, User

pytestmark = pytest.mark.django_db
PASSWORD, BETTER = "correct horse 42", "battery staple 77"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604.1"
)
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0"


@pytest.fixture(autouse=True)
def _home(settings: Any) -> None:
    settings.LOGIN_REDIRECT_URL = "/account/"


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice", PASSWORD, name="爱丽")


def signed_in(agent: str) -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR="203.0.113.77")
    client.post("/account/sign-in/", {"username": "alice", "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_the_list_tells_browser_system_and_a_masked_address(alice: User) -> None:
    signed_in(PHONE)
    text = signed_in(DESK).get("/account/sign-ins/").text

    for words in ("Safari · iOS", "Edge · Windows", "203.0.*.*", "这台设备"):
        assert words in text
    assert "203.0.113" not in text


def test_one_browser_or_all_others_are_ended(alice: User) -> None:
    phone, tablet, desk = signed_in(PHONE), signed_in(PHONE), signed_in(DESK)
    first = SignIn.objects.order_by("pk")[0]

    desk.post(f"/account/sign-ins/{first.pk}/end/")
    assert [is_in(each) for each in (phone, tablet, desk)] == [False, True, True]

    desk.post("/account/sign-ins/end-others/")
    assert [is_in(each) for each in (phone, tablet, desk)] == [False, False, True]


def test_nobody_ends_the_sign_in_of_another(alice: User) -> None:
    phone = signed_in(PHONE)
    other = Client()
    other.force_login(User.objects.create_user("bob", PASSWORD, name="鲍"))

    assert other.post(f"/account/sign-ins/{SignIn.objects.get().pk}/end/").status_code == 404
    assert is_in(phone)


def test_a_new_password_ends_the_others_and_keeps_this_one_in_the_list(alice: User) -> None:
    phone, desk = signed_in(PHONE), signed_in(DESK)
    desk.post(
        "/account/password/", {"old_password": PASSWORD, "new_password1": BETTER, "new_password2": BETTER}
    )

    assert [is_in(phone), is_in(desk)] == [False, True]
    assert SignIn.objects.get().session_key == desk.session.session_key


def test_seen_is_written_at_most_every_five_minutes(alice: User) -> None:
    desk = signed_in(DESK)
    first = SignIn.objects.get().seen_at
    desk.get("/account/")
    assert SignIn.objects.get().seen_at == first

    session = desk.session
    session[browsers.MARK] = [SignIn.objects.get().pk, session[browsers.MARK][1] - 301]
    session.save()
    SignIn.objects.update(seen_at=first - timedelta(minutes=6))
    desk.get("/account/")
    assert SignIn.objects.get().seen_at >= first


def test_strangers_cost_no_statement(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get("/account/sign-in/")


def test_an_ended_session_leaves_the_list(alice: User) -> None:
    phone, desk = signed_in(PHONE), signed_in(DESK)
    phone.post("/account/sign-out/")

    assert "Safari" not in desk.get("/account/sign-ins/").text


def test_the_list_needs_the_same_statements_for_one_and_for_three(
    alice: User, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    desk = signed_in(DESK)
    desk.get("/account/sign-ins/")
    with django_assert_max_num_queries(10) as counted:
        desk.get("/account/sign-ins/")
        for_one = len(counted)
    signed_in(PHONE), signed_in(PHONE)

    with django_assert_num_queries(for_one):
        desk.get("/account/sign-ins/")


@pytest.mark.parametrize(
    ("address", "shown"),
    [("203.0.113.77", "203.0.*.*"), ("2001:db8:1:2::7", "2001:db8:1:…")],
)
def test_an_address_loses_its_end(address: str, shown: str) -> None:
    assert browsers.masked(address) == shown


def test_an_unknown_browser_has_no_words() -> None:
    assert browsers.browser_words("curl/8") == ""
