"""A case number survives being written down, read out and typed in, and a slip is noticed."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.checkdigits import case_number, is_valid, parse_number, spoken, with_check
from siquan.base.kernel.errors import BadInput

serials = st.integers(1, 9_999_999)
years = st.integers(2020, 2099)


def test_damm_published_example() -> None:
    assert with_check("572") == "5724"
    assert is_valid("5724")
    assert not is_valid("5727")


def test_a_number_is_year_serial_and_check_digit() -> None:
    number = case_number(2026, 1234)

    assert number[:-1] == "260001234"
    assert is_valid(number)
    assert spoken(number) == f"26 0001234 {number[-1]}"


@given(years, serials, st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(year: int, serial: int, place: int, shift: int) -> None:
    number = case_number(year, serial)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    assert not is_valid(wrong)


@given(years, serials, st.integers(0, 8))
def test_every_swap_of_neighbours_is_noticed(year: int, serial: int, place: int) -> None:
    number = case_number(year, serial)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert swapped == number or not is_valid(swapped)


@given(years, serials)
def test_the_spoken_number_is_read_back(year: int, serial: int) -> None:
    number = case_number(year, serial)
    full_width = number.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})

    assert parse_number(spoken(number)) == number
    assert parse_number(full_width) == number
    assert parse_number(f"  {number[:2]}-{number[2:9]}－{number[9]}\n") == number


@pytest.mark.parametrize(
    "text", ["", "12", "26000123", "abcdefghij", "\x00" * 10, "9" * 1_000_000, "٢٦٠٠٠١٢٣٤٥"]
)
def test_what_is_no_number_is_refused_with_the_field(text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_number(text)

    assert refusal.value.field == "number"


def test_a_slip_is_told_apart_from_nonsense() -> None:
    number = case_number(2026, 1234)

    with pytest.raises(BadInput, match="核对"):
        parse_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@given(st.text())
def test_any_text_is_either_a_valid_number_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert is_valid(parse_number(text))


def test_the_example_in_the_refusal_is_itself_a_valid_number() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_number("?")

    example = re.search(r"\d\d \d{7} \d", str(refusal.value))
    assert example is not None
    assert parse_number(example[0]) == case_number(2026, 1234)


@pytest.mark.parametrize("serial", [0, -1, 10_000_000])
def test_a_serial_that_does_not_fit_is_refused(serial: int) -> None:
    with pytest.raises(BadInput):
        case_number(2026, serial)


def test_only_digits_get_a_check_digit() -> None:
    with pytest.raises(BadInput):
        with_check("26A")
    assert not is_valid("²²")
    assert not is_valid("0")
