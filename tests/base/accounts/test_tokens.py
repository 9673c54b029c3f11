"""Keys with which programs act as a person."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from siquan.base.accounts import queries, services, steps
from siquan.base.accounts.models import ApiToken, User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import NotFound, NotPossible

pytestmark = pytest.mark.django_db
BACKEND = "siquan.base.accounts.sessions.Accounts"


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li.jingban", name="李经办")


def signed_in_just_now(client: Client) -> None:
    session = client.session
    session[steps.PROVED] = timezone.now().timestamp()
    session.save()


def test_a_token_opens_with_one_statement_and_is_not_kept(
    person: User, django_assert_num_queries: object
) -> None:
    token = services.make_token(person, "大屏", timezone.now())

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert queries.user_by_token(token, timezone.now()) == person
    kept = ApiToken.objects.get()
    assert token not in {str(getattr(kept, field.attname)) for field in kept._meta.fields}
    assert token not in str(Entry.objects.get(event="account.token_made").details)


@pytest.mark.parametrize("token", ["", "siquan_", "nul\0", "汉字", "\ud800", "x" * 1_000_000])
def test_anything_else_opens_nothing(person: User, token: str) -> None:
    services.make_token(person, "大屏", timezone.now())

    assert queries.user_by_token(token, timezone.now()) is None


def test_a_token_ends_with_its_date_its_revocation_or_its_person(person: User) -> None:
    now = timezone.now()
    tokens = [services.make_token(person, name, now, expires_at=now + timedelta(days=1)) for name in "ab"]
    assert queries.user_by_token(tokens[0], now + timedelta(days=1)) is None

    services.revoke_token(queries.tokens_of(person)[1].pk, by=person, at=now)
    assert queries.user_by_token(tokens[0], now) is None
    assert queries.user_by_token(tokens[1], now) == person

    services.set_active(person, is_active=False, by=None, at=now)
    assert queries.user_by_token(tokens[1], now) is None


def test_nobody_revokes_the_token_of_another(person: User) -> None:
    other = User.objects.create_user("other", name="旁人")
    services.make_token(person, "大屏", timezone.now())

    with pytest.raises(NotFound):
        services.revoke_token(ApiToken.objects.get().pk, by=other, at=timezone.now())


def test_tokens_are_limited(person: User) -> None:
    for number in range(services.MOST_TOKENS):
        services.make_token(person, str(number), timezone.now())

    with pytest.raises(NotPossible, match="20"):
        services.make_token(person, "more", timezone.now())


def test_the_page_shows_a_new_token_once(client: Client, person: User) -> None:
    client.force_login(person, BACKEND)
    signed_in_just_now(client)

    made = client.post("/account/tokens/", {"label": "大屏"})

    assert services.TOKEN_START in made.text
    again = client.get("/account/tokens/")
    assert services.TOKEN_START not in again.text
    assert "大屏" in again.text
    assert "no-store" in made.headers["Cache-Control"]

    token = ApiToken.objects.get()
    client.post(f"/account/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "已停用" in client.get("/account/tokens/").text


def test_a_token_needs_a_fresh_sign_in(client: Client, person: User) -> None:
    client.force_login(person, BACKEND)

    answer = client.post("/account/tokens/", {"label": "大屏"})

    assert (answer.status_code, answer["Location"]) == (302, "/account/prove/?next=%2Faccount%2Ftokens%2F")
    assert not ApiToken.objects.exists()


def test_the_command_prints_the_token_and_nothing_else(person: User) -> None:
    out = io.StringIO()

    call_command("token", "li.jingban", "--label", "外部检查", stdout=out)

    assert queries.user_by_token(out.getvalue().rstrip("\n"), timezone.now()) == person
    assert ApiToken.objects.get().label == "外部检查"


def test_the_command_refuses_an_unknown_person() -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("token", "nobody")
