"""Waits that grow for strangers, and never lock somebody out of a browser that knows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone

from siquan.base.accounts import pacing, services
from siquan.base.accounts.models import Tries, User

pytestmark = pytest.mark.django_db
PASSWORD, BETTER = "correct horse 42", "battery staple 77"
TRIES = django_settings.SIGN_IN_TRIES


@pytest.fixture(autouse=True)
def _home(settings: Any) -> None:
    settings.LOGIN_REDIRECT_URL = "/account/"


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice", PASSWORD, name="爱丽")


def attempt(client: Client, password: str = PASSWORD, name: str = "alice", **more: Any) -> Any:
    return client.post("/account/sign-in/", {"username": name, "password": password}, **more)


def test_too_many_wrong_passwords_close_the_door_and_the_page_says_until_when(
    client: Client, alice: User
) -> None:
    answers = [attempt(client, "wrong") for _ in range(TRIES + 1)]

    assert [each.status_code for each in answers] == [200] * TRIES + [429]
    assert "约 1 分钟后" in answers[-1].text
    assert "管理员可以重设密码" in answers[-1].text
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert attempt(client).status_code == 429, "the right password does not open a closed door"


def test_waits_double_to_a_quarter_of_an_hour() -> None:
    minutes = [pacing.wait_after(excess) / timedelta(minutes=1) for excess in (-1, 0, 1, 2, 3, 4, 5, 1000)]

    assert minutes == [0, 1, 2, 4, 8, 15, 15, 15]


def test_the_door_opens_when_the_page_said_and_trying_does_not_prolong_it(
    client: Client, alice: User
) -> None:
    for _ in range(TRIES):
        attempt(client, "wrong")
    before = set(Tries.objects.values_list("key", "failures", "last_at"))
    attempt(client, "wrong")
    assert set(Tries.objects.values_list("key", "failures", "last_at")) == before

    Tries.objects.update(last_at=timezone.now() - timedelta(seconds=61))
    assert attempt(client).status_code == 302


def test_strangers_from_many_networks_do_not_keep_the_owner_out_of_a_known_browser(
    client: Client, alice: User
) -> None:
    attempt(client)
    client.post("/account/sign-out/")
    stranger = Client()
    seen = [
        attempt(stranger, "wrong", REMOTE_ADDR=f"198.51.{number // 200}.{number % 200 + 1}").status_code
        for number in range(TRIES * 6 + 5)
    ]

    assert 429 in seen, "the name is slowed for browsers that are not known"
    assert attempt(Client(), REMOTE_ADDR="203.0.113.5").status_code == 429
    assert attempt(client).status_code == 302


def test_a_known_browser_has_a_limit_of_its_own(client: Client, alice: User) -> None:
    attempt(client)
    client.post("/account/sign-out/")

    assert [attempt(client, "wrong").status_code for _ in range(TRIES + 1)][-1] == 429


def test_a_cookie_for_another_name_or_a_made_up_one_knows_nobody(client: Client, alice: User) -> None:
    attempt(client)
    client.post("/account/sign-out/")
    User.objects.create_user("bob", PASSWORD, name="鲍")
    for _ in range(TRIES * 6 + 1):
        Tries.objects.exclude(key=pacing.account_key("bob")).delete()
        attempt(Client(), "wrong", "bob")
    Tries.objects.exclude(key=pacing.account_key("bob")).delete()

    assert attempt(client, name="bob").status_code == 429
    client.cookies[pacing.cookie_name()] = "made:up"
    assert attempt(client, name="bob").status_code == 429


def test_nobody_locks_a_colleague_out_from_another_network(client: Client, alice: User) -> None:
    for _ in range(TRIES + 1):
        attempt(client, "wrong", REMOTE_ADDR="203.0.113.9")

    assert attempt(Client(), REMOTE_ADDR="10.1.2.3").status_code == 302


def test_spraying_many_names_from_one_network_is_slowed(client: Client) -> None:
    answers = [attempt(client, "Spring-2026", f"name{number}").status_code for number in range(TRIES * 5 + 1)]

    assert answers[-1] == 429
    assert attempt(client, "Spring-2026", "else", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_one_network_of_ipv6_is_one_sender(client: Client, alice: User) -> None:
    answers = [
        attempt(client, "wrong", REMOTE_ADDR=f"2001:db8::{number:x}").status_code
        for number in range(TRIES + 1)
    ]

    assert answers[-1] == 429


def test_a_right_password_forgets_the_wrong_ones(client: Client, alice: User) -> None:
    for _ in range(3):
        for _ in range(TRIES - 1):
            attempt(client, "wrong")
        assert attempt(client).status_code == 302
        client.post("/account/sign-out/")


def test_a_reset_password_forgets_what_strangers_tried(client: Client, alice: User) -> None:
    Tries.objects.create(key=pacing.account_key("alice"), failures=1000, last_at=timezone.now())
    assert attempt(client).status_code == 429

    new = services.reset_password(alice, by=None, at=timezone.now())

    assert attempt(client, new).status_code == 302


def test_tries_hold_no_names_and_no_addresses(client: Client) -> None:
    attempt(client, "wrong", "alice", REMOTE_ADDR="203.0.113.9")

    assert all(len(key) == 64 for key in Tries.objects.values_list("key", flat=True))


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        """Count, and hash."""
        type(self).hashed += 1
        return super().encode(password, salt)


def test_an_unknown_name_costs_the_same_hash_as_a_known_one(client: Client, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    User.objects.create_user("alice", PASSWORD, name="爱丽")
    User.objects.create_user("gone", PASSWORD, name="走", is_active=False)
    costs = []
    for name in ("alice", "gone", "nobody"):
        before = CountingHasher.hashed
        attempt(client, "wrong", name)
        costs.append(CountingHasher.hashed - before)

    assert costs[0] == costs[1] == costs[2] > 0
