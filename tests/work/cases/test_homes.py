"""What happens in a home is told to the public on a fixed grid; no number of questions finds more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.coordinates import distance_m
from siquan.city.places.models import Site
from siquan.city.rules.models import Category
from siquan.work.cases.models import Case
from siquan.work.cases.queries import public
from siquan.work.cases.queries.homes import snapped
from siquan.work.cases.queries.maps import Window
from siquan.work.cases.states import State
from tests import make

ALL = public.PublicFilters(period="365d")


def site(kind: str, lon: float, lat: float, **fields: Any) -> Site:
    return Site.objects.create(
        code=kind, kind=kind, kind_name=kind, name=kind, lon=lon, lat=lat, valid_from=make.LONG_AGO, **fields
    )


def shown(case: Case) -> tuple[float | None, float | None]:
    facts = public.public_case(case.number)
    return facts.lon, facts.lat


@given(st.floats(116.3, 116.5), st.floats(39.8, 40.0))
def test_a_square_is_about_a_hundred_metres_and_its_middle_stays_in_it(lon: float, lat: float) -> None:
    middle = snapped(lon, lat)

    assert distance_m(lon, lat, *middle) < 75
    assert snapped(*middle) == middle


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["compound", "courtyard"])
def test_a_point_in_a_compound_is_rounded_and_one_beside_is_not(kind: str) -> None:
    lon, lat = make.INSIDE
    site(kind, lon + 0.0005, lat)
    inside = make.case(State.FILED)
    beside = make.case(State.FILED, lat=lat + 0.003)

    assert shown(inside) == snapped(lon, lat)
    assert shown(beside) == (lon, lat + 0.003)


@pytest.mark.django_db
def test_a_large_compound_reaches_as_far_as_its_extent() -> None:
    lon, lat = make.INSIDE
    site("compound", lon, lat + 0.003, extent_m=400.0)

    assert shown(make.case(State.FILED)) == snapped(lon, lat)


@pytest.mark.django_db
def test_a_park_is_nobodys_home() -> None:
    site("park", *make.INSIDE)

    assert shown(make.case(State.FILED)) == make.INSIDE


@pytest.mark.django_db
def test_a_category_that_the_pack_marks_private_is_rounded() -> None:
    make.rules()
    make.category("E0199", parent=Category.objects.get(code="E01"), is_private=True)
    case = make.case(State.REPORTED, category_code="E0199")

    assert shown(case) == snapped(*make.INSIDE)
    assert public.public_case(case.number).is_rounded


@pytest.mark.django_db
def test_many_reports_around_one_home_tell_no_more_than_one() -> None:
    lon, lat = snapped(*make.INSIDE)
    for step in range(-2, 3):
        make.case(lon=lon + step * 0.0001, lat=lat - step * 0.0001)
    window = Window(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)

    cases, _clusters = public.public_window(ALL, window, at=make.NOW)

    assert {(each.lon, each.lat) for each in cases} == {(lon, lat)}


@pytest.mark.django_db
def test_the_edges_of_clusters_moved_about_do_not_find_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "MOST_POINTS", 1)
    middle = snapped(*make.INSIDE)

    def asked() -> list[Any]:
        found = []
        for step in range(12):  # windows whose clusters have ever other edges
            width = 0.005 + step * 0.0013
            window = Window(
                middle[0] - width, middle[1] - width, middle[0] + width / 2, middle[1] + width / 3
            )
            _cases, clusters = public.public_window(ALL, window, at=make.NOW)
            found.append([(each.lon, each.lat, each.count) for each in clusters])
        return found

    answers = []
    for shift in (-0.0004, 0.0, 0.0004):  # the home is somewhere else in its square each time
        Case.objects.all().delete()
        for _each in range(2):
            make.case(lon=middle[0] + shift, lat=middle[1] + shift)
        make.case(State.FILED, lon=middle[0] + 0.0024, lat=middle[1])
        answers.append(asked())

    assert answers[0] == answers[1] == answers[2]
