"""Squares counted in advance, and the wide windows of the map that are answered from them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.periods import parse_period
from siquan.work.cases.density import Density
from siquan.work.cases.queries import densities
from siquan.work.cases.queries.densities import Squares
from siquan.work.cases.services.counting import count_density
from siquan.work.cases.states import State
from tests import make

BACKEND = "siquan.base.accounts.sessions.Accounts"
ROWS = st.lists(
    st.tuples(
        st.sampled_from([202608, 202609]),
        st.integers(0, 3),
        st.floats(116.0, 117.0),
        st.floats(39.0, 40.0),
        st.integers(densities.MANY, 10 * densities.MANY),
    ),
    min_size=1,
    max_size=40,
)


def squares(rows: list[tuple[int, int, float, float, int]]) -> Squares:
    kinds = (np.int64, np.int64, np.float64, np.float64, np.int64)
    return Squares(
        *(np.array(each, dtype=kind) for each, kind in zip(zip(*rows, strict=True), kinds, strict=True))
    )


@given(ROWS, st.integers(1, 12))
def test_heaps_hold_every_case_of_the_window_once_and_lie_in_it(rows: Any, across: int) -> None:
    heaps = squares(rows).heaps((116.0, 39.0, 117.001, 40.001), across)

    assert heaps is not None
    assert sum(each.count for each in heaps) == sum(row[-1] for row in rows)
    assert all(116 <= each.lon <= 117.001 and 39 <= each.lat <= 40.001 for each in heaps)
    assert len({each.key for each in heaps}) == len(heaps)


@given(ROWS)
def test_heaps_of_a_month_and_a_state_hold_only_these(rows: Any) -> None:
    wanted = [row[-1] for row in rows if row[0] == 202609 and row[1] == 0]
    first = next(iter(State)).value

    heaps = squares(rows).heaps(
        (116.0, 39.0, 117.001, 40.001), 8, states=[first], period=parse_period("2026-09")
    )

    assert sum(each.count for each in heaps or []) == sum(wanted)


@pytest.mark.django_db
def test_squares_are_counted_anew_only_after_something_happened() -> None:
    make.case(State.DISPATCHED)
    make.case(State.REPORTED)

    assert count_density(at=make.NOW)
    assert sum(Density.objects.values_list("count", flat=True)) == 2
    assert not count_density(at=make.NOW)
    make.case(State.REPORTED)
    assert count_density(at=make.NOW)
    assert sum(Density.objects.values_list("count", flat=True)) == 3


def counts(client: Client, query: str) -> list[int]:
    answer = client.get(f"/cases/map.json?bbox=116,39,117,41&{query}")
    return [each["properties"].get("count", 1) for each in json.loads(answer.content)["features"]]


@pytest.mark.django_db
def test_a_wide_window_is_answered_from_the_squares_for_who_sees_all(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(densities, "MANY", 2)
    here = make.unit("HERE")
    for unit in (here, make.unit("THERE"), make.unit("ELSEWHERE")):
        make.case(State.DISPATCHED, of=unit)
    count_density(at=make.NOW)
    Density.objects.update(count=500)  # only one who is answered from the squares can see this

    client.force_login(make.dispatcher(), BACKEND)
    assert sum(counts(client, "")) == 500
    assert sum(counts(client, "state=dispatched")) == 500
    assert counts(client, "state=closed") == []
    assert sum(counts(client, "source=snapshot")) == 3, "squares do not know sources"
    assert sum(counts(client, f"period={make.NOW:%Y-%m-%d}")) == 3, "nor days"
    client.force_login(make.clerk(here), BACKEND)
    assert sum(counts(client, "")) == 1, "a unit sees its own"
