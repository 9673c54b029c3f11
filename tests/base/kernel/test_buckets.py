"""Token buckets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.buckets import Allowance, Buckets, parse_allowance


def test_so_many_at_once_and_then_at_the_pace_of_the_allowance() -> None:
    buckets = Buckets(Allowance(3, 60))

    assert [buckets.take("a", 0.0) for _ in range(4)] == [0, 0, 0, 20.0]
    assert buckets.take("a", 10.0) == pytest.approx(10.0)
    assert buckets.take("a", 20.0) == 0.0
    assert buckets.take("b", 0.0) == 0.0, "everybody has their own"


@given(
    st.integers(1, 50),
    st.integers(1, 600),
    st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200),
)
def test_no_pattern_of_asking_gets_more_than_the_allowance(
    amount: int, seconds: int, gaps: list[float]
) -> None:
    buckets, at, let_in = Buckets(Allowance(amount, seconds)), 0.0, 0
    for gap in gaps:
        at += gap
        let_in += buckets.take("a", at) == 0.0

    assert let_in <= amount + at * amount / seconds + 1e-6


@given(st.integers(1, 50), st.integers(1, 600))
def test_whoever_waits_as_long_as_told_is_let_in(amount: int, seconds: int) -> None:
    buckets = Buckets(Allowance(amount, seconds))
    waits = [buckets.take("a", 0.0) for _ in range(amount + 1)]

    assert buckets.take("a", waits[-1] + 1e-6) == 0.0


def test_a_clock_set_back_gives_nothing_and_takes_nothing() -> None:
    buckets = Buckets(Allowance(1, 60))
    buckets.take("a", 100.0)

    assert buckets.take("a", 40.0) == 60.0


def test_memory_is_bounded() -> None:
    buckets = Buckets(Allowance(1, 60), most_keys=10)
    for number in range(100):
        buckets.take(str(number), 0.0)

    assert len(buckets) == 10
    assert buckets.take("99", 0.0) > 0, "those asked for last are remembered"


def test_processes_share_an_allowance() -> None:
    assert Allowance(60, 600).shared_by(2) == Allowance(30, 600)
    assert Allowance(1, 600).shared_by(4) == Allowance(1, 600)


@pytest.mark.parametrize("text", ["", "60", "0/60", "x/60", "60/0", "-1/5"])
def test_what_is_no_allowance_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"allowance|float"):
        parse_allowance(text)
