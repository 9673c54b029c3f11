"""Agreement of raters, against the literature."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.work.evaluations.agreement import cohen_kappa, krippendorff_alpha


def pairs_of(table: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    return [pair for pair, count in table.items() for _each in range(count)]


def test_kappa_of_the_diagnoses_of_fleiss() -> None:
    # J. L. Fleiss, "Statistical Methods for Rates and Proportions" (1981), 13.1: kappa 0.68.
    table = {("p", "p"): 75, ("p", "n"): 1, ("p", "o"): 4, ("n", "p"): 5, ("n", "n"): 4, ("n", "o"): 1}
    table |= {("o", "o"): 10}

    assert cohen_kappa(pairs_of(table)) == pytest.approx(0.676, abs=0.001)


def test_kappa_of_two_readers_of_fifty_proposals() -> None:
    # The usual worked example: 20 both yes, 15 both no, 5 and 10 apart: observed 0.70, by chance 0.50.
    table = {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}

    assert cohen_kappa(pairs_of(table)) == pytest.approx(0.4)


def test_alpha_of_two_observers_and_ten_units() -> None:
    # Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), part A: 0.095.
    first, second = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]

    assert krippendorff_alpha(list(zip(first, second, strict=True))) == pytest.approx(0.095, abs=0.001)


FOUR_OBSERVERS = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""


def test_alpha_of_four_observers_who_miss_some() -> None:
    # The same, part C: nominal 0.743; its ordinal and interval values are 0.815 and 0.849.
    rows = [line.split() for line in FOUR_OBSERVERS.strip().splitlines()]
    units = [[value for value in unit if value != "."] for unit in zip(*rows, strict=True)]

    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=0.001)
    assert krippendorff_alpha(units, order="12345") == pytest.approx(0.815, abs=0.001)


def test_nothing_can_be_said_without_pairs_or_difference() -> None:
    assert cohen_kappa([]) is None
    assert cohen_kappa([("y", "y"), ("y", "y")]) is None
    assert krippendorff_alpha([["y"], ["n"]]) is None
    assert krippendorff_alpha([["y", "y"]]) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=30))
def test_agreement_never_passes_one_and_does_not_care_who_is_first(pairs: list[tuple[str, str]]) -> None:
    turned = [(other, one) for one, other in pairs]

    for measure in (cohen_kappa, krippendorff_alpha):
        found = measure(pairs)
        assert found is None or found <= 1 + 1e-9
        assert found == pytest.approx(measure(turned))
