"""Intervals, ranks and percentages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.insight.scoring.intervals import (
    Count,
    Rank,
    differ,
    effective_count,
    percent,
    ranks,
    wilson,
    z_of,
)

shares = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
counts = shares.map(lambda each: Count(each[0], each[1], each[1]))


def test_wilson_agrees_with_the_published_example() -> None:
    # Newcombe 1998, table I: 81 of 263, 95 %: 0.2553 to 0.3662.
    found = wilson(Count(81, 263, 263), z_of(95))

    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_differences_agree_with_the_published_example() -> None:
    # Newcombe 1998, table II: 56/70 and 48/80: 0.0524 to 0.3339, so they differ; 9/10 and 3/10 too.
    assert differ(Count(56, 70, 70), Count(48, 80, 80), z_of(95))
    assert differ(Count(9, 10, 10), Count(3, 10, 10), z_of(95))
    assert not differ(Count(10, 10, 10), Count(8, 10, 10), z_of(95))


@given(counts)
def test_the_interval_holds_the_rate_and_stays_between_none_and_all(count: Count) -> None:
    found = wilson(count, z_of(95))

    assert 0 <= found.low <= count.share <= found.high <= 1


@given(shares, st.integers(2, 50))
def test_more_of_the_same_narrows_the_interval(share: tuple[int, int], times: int) -> None:
    n, of = share
    once, often = wilson(Count(n, of, of), 1.96), wilson(Count(n * times, of * times, of * times), 1.96)

    assert often.high - often.low < once.high - once.low


@given(st.lists(counts, min_size=1, max_size=12), st.randoms())
def test_ranks_do_not_depend_on_the_order(listed: list[Count], random: object) -> None:
    order = list(range(len(listed)))
    random.shuffle(order)  # type: ignore[attr-defined]
    found = ranks(listed)

    assert ranks([listed[each] for each in order]) == [found[each] for each in order]


@given(st.lists(counts, min_size=1, max_size=12))
def test_a_higher_rate_never_has_a_worse_best_rank_among_equals_in_size(listed: list[Count]) -> None:
    same = [Count(round(each.share * 400), 400, 400) for each in listed]
    found = ranks(same)

    for one, rank in zip(same, found, strict=True):
        assert 1 <= rank.first <= rank.last <= len(same)
        for other, lower in zip(same, found, strict=True):
            if one.numerator >= other.numerator:
                assert rank.first <= lower.first
                assert rank.last <= lower.last


def test_rates_that_do_not_differ_share_their_ranks() -> None:
    close = [Count(80, 100, 100), Count(81, 100, 100), Count(79, 100, 100)]

    assert ranks(close) == [Rank(1, 3)] * 3
    assert ranks([*close, Count(100, 1000, 1000)])[-1] == Rank(4, 4)


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=50))
def test_unequal_weights_never_make_answers_worth_more(weights: list[int]) -> None:
    worth = effective_count(sum(weights), sum(each * each for each in weights))

    assert worth <= len(weights) + 1e-9
    assert effective_count(7000, 7 * 1000 * 1000) == pytest.approx(7)


@given(shares)
def test_all_and_none_are_said_only_when_it_is_so(share: tuple[int, int]) -> None:
    n, of = share

    assert (percent(n, of) == "100.0") == (n == of)
    assert (percent(n, of) == "0.0") == (n == 0)


def test_a_rate_is_rounded_half_up() -> None:
    assert [percent(1, 8), percent(1, 3), percent(2, 3), percent(9999, 10000)] == [
        "12.5",
        "33.3",
        "66.7",
        "99.9",
    ]
