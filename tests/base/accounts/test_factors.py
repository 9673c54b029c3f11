"""Second factors: adding, signing in with them, losing them, being required to have one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from siquan.base.accounts import factors, onetime, pacing, services, steps
from siquan.base.accounts.models import Factor, RecoveryCode, Tries, User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.notices.account_events import tell_owner
from siquan.base.notices.models import Notice

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 42"
PAGE = "/account/second-factor/"
SECRET = onetime.new_secret()


@pytest.fixture(autouse=True)
def _home(settings: Any) -> None:
    settings.LOGIN_REDIRECT_URL = "/account/"


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice", PASSWORD, name="爱丽")


def sign_in(client: Client, to: str = "") -> Any:
    return client.post("/account/sign-in/", {"username": "alice", "password": PASSWORD, "next": to})


def code_now(ahead: int = 0, secret: str = SECRET) -> str:
    return onetime.code_of(secret, onetime.step_at(timezone.now()) + ahead)


def with_app(user: User) -> list[str]:
    return factors.add_code(user, secret=SECRET, code=code_now(-1), label="手机", at=timezone.now())


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_adding_an_app_shows_the_codes_once_and_is_journalled(client: Client, alice: User) -> None:
    sign_in(client)
    shown = client.get(f"{PAGE}code/")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown.text)
    assert secret
    picture = client.get(f"{PAGE}code/qr.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content

    added = client.post(f"{PAGE}code/", {"label": "我的手机", "code": code_now(secret=secret[1])})

    codes = re.findall(r"<code class=\"number\">([a-z0-9-]{19})</code>", added.text)
    assert len(codes) == onetime.RECOVERY_CODES
    assert "no-store" in added["Cache-Control"]
    assert not any(code in client.get(PAGE).text for code in codes)
    assert Entry.objects.get(event="account.factor_added").details["kind"] == "code"
    assert secret[1] not in client.get(f"{PAGE}code/").text, "the next one has another secret"


def test_neither_the_secret_nor_a_code_lies_readable_in_the_database(alice: User) -> None:
    from django.db import connection

    codes = with_app(alice)
    with connection.cursor() as cursor:
        cursor.execute("select secret from accounts_factor")
        assert SECRET.encode() not in bytes(cursor.fetchone()[0])
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code in kept for code in codes)


def test_a_wrong_first_code_adds_nothing(client: Client, alice: User) -> None:
    sign_in(client)
    client.get(f"{PAGE}code/")

    answer = client.post(f"{PAGE}code/", {"label": "手机", "code": "000000x"})

    assert "验证码不对" in answer.text
    assert not Factor.objects.exists()


def test_adding_needs_a_fresh_sign_in(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert (
        client.get(f"{PAGE}code/")["Location"] == "/account/prove/?next=%2Faccount%2Fsecond-factor%2Fcode%2F"
    )

    wrong = client.post("/account/prove/", {"password": "wrong", "next": f"{PAGE}code/"})
    assert "密码不对" in wrong.text
    right = client.post("/account/prove/", {"password": PASSWORD, "next": f"{PAGE}code/"})

    assert right["Location"] == f"{PAGE}code/"
    assert client.get(f"{PAGE}code/").status_code == 200


@pytest.mark.parametrize(
    "asked", ["https://evil.example/", "//evil.example/", "\\\\evil.example", "javascript:1"]
)
def test_proving_leads_within_this_site_only(client: Client, alice: User, asked: str) -> None:
    client.force_login(alice)

    assert client.post("/account/prove/", {"password": PASSWORD, "next": asked})["Location"] == "/account/"


def test_the_password_alone_does_not_let_in(client: Client, alice: User) -> None:
    with_app(alice)

    answer = sign_in(client, "/account/tokens/")

    assert answer["Location"] == "/account/sign-in/second/"
    assert not is_signed_in(client)
    assert client.get("/account/tokens/").status_code == 302
    done = client.post("/account/sign-in/second/", {"code": code_now()})
    assert done["Location"] == "/account/tokens/"
    assert is_signed_in(client)


def test_the_same_code_does_not_open_twice(client: Client, alice: User) -> None:
    with_app(alice)
    code = code_now()
    for expected in (302, 200):
        sign_in(client)
        assert client.post("/account/sign-in/second/", {"code": code}).status_code == expected
        client.post("/account/sign-out/")


def test_a_recovery_code_opens_once_and_says_how_many_are_left(client: Client, alice: User) -> None:
    code = with_app(alice)[0]
    sign_in(client)
    client.post("/account/sign-in/second/", {"code": code.upper()})
    assert "还剩9个" in client.get("/account/").text
    client.post("/account/sign-out/")

    sign_in(client)
    assert client.post("/account/sign-in/second/", {"code": code}).status_code == 200
    assert Entry.objects.get(event="account.recovery_code_used").details == {"left": 9}


def test_guessing_codes_is_slowed(client: Client, alice: User, settings: Any) -> None:
    with_app(alice)
    sign_in(client)

    answers = [
        client.post("/account/sign-in/second/", {"code": "abc"}).status_code
        for _ in range(settings.SIGN_IN_TRIES + 1)
    ]

    assert answers[-1] == 429
    assert client.post("/account/sign-in/second/", {"code": code_now()}).status_code == 429
    assert not is_signed_in(client)


def test_half_a_sign_in_ends_with_time_and_with_a_new_password(client: Client, alice: User) -> None:
    with_app(alice)
    sign_in(client)
    session = client.session
    session[steps.HALFWAY] |= {"at": session[steps.HALFWAY]["at"] - steps.HALFWAY_SECONDS - 5}
    session.save()
    assert client.post("/account/sign-in/second/", {"code": code_now()})["Location"] == "/account/sign-in/"

    sign_in(client)
    services.reset_password(alice, by=None, at=timezone.now())
    assert client.post("/account/sign-in/second/", {"code": code_now()})["Location"] == "/account/sign-in/"


def test_a_factor_is_renamed_and_removed_by_its_owner_with_the_password(client: Client, alice: User) -> None:
    with_app(alice)
    factor = Factor.objects.get()
    client.force_login(alice)
    client.post(f"{PAGE}{factor.pk}/rename/", {"label": "备用机"})
    assert "备用机" in client.get(PAGE).text

    assert "密码不对" in client.post(f"{PAGE}{factor.pk}/remove/", {"password": "wrong"}).text
    assert Factor.objects.exists()
    client.post(f"{PAGE}{factor.pk}/remove/", {"password": PASSWORD})

    assert not Factor.objects.exists()
    assert not RecoveryCode.objects.exists(), "with the last factor the recovery codes go"


def test_nobody_touches_the_factor_of_another(alice: User) -> None:
    with_app(alice)
    other = User.objects.create_user("bob", PASSWORD, name="鲍")

    with pytest.raises(NotFound):
        factors.rename(Factor.objects.get().pk, label="x", by=other)
    with pytest.raises(NotFound):
        factors.remove(Factor.objects.get().pk, by=other, at=timezone.now())


def test_new_recovery_codes_replace_the_old_ones(alice: User) -> None:
    old = with_app(alice)
    new = factors.renew_codes(alice, at=timezone.now())

    with pytest.raises(BadInput):
        factors.check_code(alice, old[0], timezone.now())
    assert factors.check_code(alice, new[0], timezone.now()) == "recovery"


@pytest.fixture
def required() -> Any:
    before = list(factors._must_have)
    factors.use(lambda user: user.username == "alice")
    yield
    factors._must_have[:] = before


def test_who_must_have_a_factor_adds_one_before_coming_in(
    client: Client, alice: User, required: None
) -> None:
    answer = sign_in(client, "/account/tokens/")
    assert answer["Location"] == f"{PAGE}code/"
    assert not is_signed_in(client)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", client.get(f"{PAGE}code/").text)
    assert secret

    added = client.post(f"{PAGE}code/", {"label": "手机", "code": code_now(secret=secret[1])})

    assert "备用码" in added.text
    assert is_signed_in(client)
    assert pacing.cookie_name() in client.cookies


def test_who_must_have_a_factor_does_not_remove_the_last(client: Client, alice: User, required: None) -> None:
    with_app(alice)
    client.force_login(alice)

    client.post(f"{PAGE}{Factor.objects.get().pk}/remove/", {"password": PASSWORD})

    assert Factor.objects.exists()
    assert "不能移除" in client.get(PAGE).text


def test_somebody_half_in_with_a_factor_adds_none(client: Client, alice: User) -> None:
    with_app(alice)
    sign_in(client)

    assert client.get(f"{PAGE}code/")["Location"] == "/account/sign-in/"
    assert client.get(f"{PAGE}code/qr.svg").status_code == 404


def test_the_owner_is_told_of_every_change_once(alice: User) -> None:
    with_app(alice)
    entry = Entry.objects.get(event="account.factor_added")
    for _ in range(2):
        tell_owner(entry)

    assert str(Notice.objects.get(to_user=alice).title) == "您的账号登记了第二重验证"


def test_codes_of_the_right_person_only(client: Client, alice: User) -> None:
    with_app(alice)
    bob = User.objects.create_user("bob", PASSWORD, name="鲍")

    with pytest.raises(BadInput):
        factors.check_code(bob, code_now(), timezone.now())
    assert not Tries.objects.exists()


def test_an_operator_helps_whoever_has_lost_everything(client: Client, alice: User) -> None:
    with_app(alice)

    call_command("second_factor_reset", "alice")

    assert sign_in(client)["Location"] == "/account/"
    assert not RecoveryCode.objects.exists()
    with pytest.raises(CommandError, match="nobody"):
        call_command("second_factor_reset", "nobody")
