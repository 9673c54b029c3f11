"""`siquan people add`: how a new installation gets its first administrator."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from siquan.base.accounts.models import User
from siquan.city.duties.models import Duty, Role

pytestmark = pytest.mark.django_db


def add(*words: str) -> str:
    out = io.StringIO()
    call_command("people_add", *words, stdout=out)
    return out.getvalue().strip()


def test_the_first_administrator_gets_a_password_to_be_changed() -> None:
    password = add("root", "赵管理")

    user = User.objects.get(username="root")
    assert user.check_password(password)
    assert user.must_change_password
    assert Duty.objects.get(user=user).role == Role.ADMIN


@pytest.mark.parametrize(
    "words",
    [
        ("root", "赵管理", "--role", "unit_clerk"),
        ("root", "赵管理", "--role", "unit_clerk", "--unit", "nowhere"),
        ("root", "赵管理", "--role", "checker", "--division", "nowhere"),
        ("", "赵管理"),
    ],
)
def test_what_does_not_fit_leaves_nothing_behind(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        add(*words)
    assert not User.objects.exists()
