"""One-time codes."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.accounts import onetime

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 9, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert onetime.code_of(RFC_SECRET, seconds // 30, digits=8) == code


@given(st.integers(-10, 10))
def test_a_clock_may_be_one_step_off_and_not_more(drift: int) -> None:
    secret = onetime.new_secret()
    code = onetime.code_of(secret, onetime.step_at(NOW) + drift)
    near = {onetime.code_of(secret, onetime.step_at(NOW) + each) for each in (-1, 0, 1)}

    assert (onetime.matching_step(secret, code, NOW, after=0) is not None) == (code in near)


def test_a_code_that_was_used_and_older_ones_open_nothing() -> None:
    secret, step = onetime.new_secret(), onetime.step_at(NOW)
    code = onetime.code_of(secret, step)

    assert onetime.matching_step(secret, code, NOW, after=0) == step
    assert onetime.matching_step(secret, code, NOW, after=step) is None
    assert onetime.matching_step(secret, onetime.code_of(secret, step - 1), NOW, after=step) is None


@pytest.mark.parametrize(
    "code", ["", "123", "汉字汉字汉字", "\ud800".encode("utf-8", "replace").decode(), "1" * 1000]
)
def test_odd_codes_open_nothing(code: str) -> None:
    assert onetime.matching_step(RFC_SECRET, code, NOW, after=0) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    code = onetime.code_of(RFC_SECRET, onetime.step_at(NOW))

    assert onetime.matching_step(RFC_SECRET, f" {code[:3]} {code[3:]} ", NOW, after=0)


def test_the_picture_says_secret_issuer_and_account() -> None:
    parts = urlsplit(onetime.setup_uri(RFC_SECRET, "li.jingban", "四全"))

    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {
        "secret": [RFC_SECRET],
        "issuer": ["四全"],
        "digits": ["6"],
        "period": ["30"],
    }


def test_recovery_codes_are_many_different_and_read_as_they_are_typed() -> None:
    codes = onetime.new_recovery_codes()

    assert len(set(codes)) == onetime.RECOVERY_CODES
    typed = codes[0].upper().replace("-", " ")
    assert onetime.digest_of(typed, 1) == onetime.digest_of(codes[0], 1)
    assert onetime.digest_of(codes[0], 1) != onetime.digest_of(codes[0], 2)


def test_time_goes_in_half_minutes() -> None:
    assert onetime.step_at(NOW + timedelta(seconds=30)) == onetime.step_at(NOW) + 1
