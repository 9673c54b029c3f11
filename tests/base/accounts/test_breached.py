"""Passwords from breaches."""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.accounts import breached


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx3edc",
        "Password2024!",
        "P@ssw0rd123",
        "woaini1314",
        "dragondragon",
        "qwertyuiop",
        "!!Beijing2008",
    ],
)
def test_what_was_in_a_breach_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="泄露"):
        breached.NotBreached().validate(password)


@pytest.mark.parametrize(
    "password", ["correct horse 42", "Red-Wall-1420", "胡同口的三棵老槐树", "\ud800 half a letter"]
)
def test_what_nobody_else_thinks_of_is_let_through(password: str) -> None:
    breached.NotBreached().validate(password)


def write(path: Path, words: list[str], end: str = "\r\n") -> Path:
    hashes = sorted(sha1(word.encode()).hexdigest().upper() for word in words)
    path.write_bytes("".join(f"{each}:{number}{end}" for number, each in enumerate(hashes)).encode())
    return path


@given(
    st.sets(st.text(st.characters(codec="utf-8"), max_size=8), min_size=1, max_size=40), st.text(max_size=8)
)
def test_a_file_in_order_of_hashes_is_searched_exactly(
    tmp_path_factory: Any, words: set[str], other: str
) -> None:
    path = write(tmp_path_factory.mktemp("list") / "list.txt", sorted(words))

    for word in {*words, other.encode("utf-8", "replace").decode()}:
        assert breached.holds(path, sha1(word.encode()).hexdigest().upper()) == (word in words)


def test_the_setting_names_such_a_file(settings: Any, tmp_path: Path) -> None:
    settings.BREACHED_FILE = str(write(tmp_path / "list.txt", ["胡同口的三棵老槐树"], "\n"))

    with pytest.raises(ValidationError):
        breached.NotBreached().validate("胡同口的三棵老槐树")
    breached.NotBreached().validate("胡同口的四棵老槐树")


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    assert not breached.holds(tmp_path / "empty", "A" * 40)
