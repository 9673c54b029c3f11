"""Draws that can be replayed, and what a sample says about all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel import draws, estimates
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.estimates import Stratum

populations = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.integers(0, 60), min_size=1, max_size=8
)


def test_the_draw_is_the_one_written_down_for_good() -> None:
    # printf 'seed:a' | sha256sum: 30558342…, c: e1c7f5d0…, b: e3620cd0…
    assert draws.ranked("seed", ["a", "b", "c"]) == ["a", "c", "b"]


@given(st.lists(st.text("0123456789", min_size=1, max_size=6), unique=True), st.randoms())
def test_a_draw_does_not_depend_on_the_order_of_the_list(members: list[str], luck: object) -> None:
    mixed = members[:]
    luck.shuffle(mixed)  # type: ignore[attr-defined]

    sizes = {"all": len(members) // 2}

    assert draws.drawn("s", {"all": members}, sizes) == draws.drawn("s", {"all": mixed}, sizes)


@given(populations, st.integers(0, 300), st.integers(0, 3))
def test_sizes_by_total_add_up_and_never_ask_more_than_there_are(
    population: dict[str, int], total: int, at_least: int
) -> None:
    sizes = draws.sizes_by_total(population, total, at_least=at_least)

    assert sum(sizes.values()) == min(total, sum(population.values()))
    assert all(0 <= sizes[name] <= count for name, count in population.items())
    if total >= at_least * len(population):
        assert all(sizes[name] >= min(at_least, count) for name, count in population.items())


@given(populations, st.floats(0, 1), st.integers(0, 3))
def test_sizes_by_fraction_round_up_within_the_stratum(
    population: dict[str, int], fraction: float, at_least: int
) -> None:
    for name, size in draws.sizes_by_fraction(population, fraction, at_least=at_least).items():
        assert 0 <= size <= population[name]
        assert size >= min(population[name], math.floor(fraction * population[name] + 1e-6))


def test_a_source_of_its_own_fraction_is_drawn_by_it() -> None:
    sizes = draws.sizes_by_fraction(
        {"hotline": 10, "grid": 10, "snapshot": 10}, 0.25, fractions={"hotline": 1, "grid": 0}
    )

    assert sizes == {"hotline": 10, "grid": 0, "snapshot": 3}


def test_a_fraction_beyond_all_is_refused() -> None:
    with pytest.raises(BadInput):
        draws.sizes_by_fraction({"a": 1}, 1.5)


def test_everybody_has_the_same_chance_over_many_seeds() -> None:
    times = dict.fromkeys("abcdefghij", 0)
    for number in range(3000):
        for each in draws.drawn(str(number), {"all": times}, {"all": 3})["all"]:
            times[each] += 1

    # 900 expected each, standard deviation 25: six of them on either side.
    assert all(750 < count < 1050 for count in times.values())


def test_a_seed_keeps_its_commitment_and_no_other_does() -> None:
    seed = draws.new_seed()

    assert draws.keeps(draws.commitment(seed), seed)
    assert not draws.keeps(draws.commitment(seed), seed + "x")


def test_wilson_gives_the_interval_of_the_textbook() -> None:
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
    found = estimates.wilson(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    found = estimates.wilson(15, 148)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0624, 0.1605)
    found = estimates.wilson(0, 20)
    assert (found.low, round(found.high, 4)) == (0.0, 0.1611)
    found = estimates.wilson(1, 29)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0061, 0.1718)


def test_a_census_has_no_error() -> None:
    found = estimates.stratified([Stratum(10, 10, 7), Stratum(30, 30, 30)])

    assert (found.share, found.error, found.low, found.high) == (37 / 40, 0.0, 37 / 40, 37 / 40)


def test_strata_speak_by_their_population_not_by_their_sample() -> None:
    # 80 % of 900 and 20 % of 100: 0.9·0.8 + 0.1·0.2 = 0.74; Cochran 5.10 for the variance.
    found = estimates.stratified([Stratum(900, 50, 40), Stratum(100, 50, 10)])
    by_hand = 0.9**2 * (1 - 50 / 900) * 0.16 / 49 + 0.1**2 * (1 - 50 / 100) * 0.16 / 49

    assert found.share == pytest.approx(0.74)
    assert found.error == pytest.approx(math.sqrt(by_hand))


def test_strata_nobody_answered_in_are_told_not_guessed() -> None:
    found = estimates.stratified([Stratum(10, 5, 5), Stratum(7, 0, 0)])

    assert (found.unheard, found.population) == (7, 10)


def test_nobody_answered_means_no_share() -> None:
    assert estimates.stratified([Stratum(7, 0, 0)]).share is None


strata = st.lists(
    st.integers(1, 50).flatmap(
        lambda n: st.integers(0, n).flatmap(
            lambda asked: st.builds(Stratum, st.just(n), st.just(asked), st.integers(0, asked))
        )
    ),
    max_size=6,
)


@given(strata)
def test_an_estimate_lies_in_its_interval(rows: list[Stratum]) -> None:
    found = estimates.stratified(rows)

    assert 0 <= found.low <= found.high <= 1
    if found.share is not None:
        assert found.low - 1e-9 <= found.share <= found.high + 1e-9


@given(strata)
def test_the_order_of_strata_does_not_matter(rows: list[Stratum]) -> None:
    one, other = estimates.stratified(rows), estimates.stratified(rows[::-1])

    assert (one.share or 0) == pytest.approx(other.share or 0)
    assert one.population == other.population
