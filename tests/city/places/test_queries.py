"""Where is this point, what is near, which place is meant."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from django.utils import translation

from siquan.base.kernel.coordinates import Datum, convert, distance_m
from siquan.base.kernel.errors import BadInput, OutsideDistrict
from siquan.city.places import queries
from siquan.city.places.queries import Outcome
from tests.city.places import ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_district")]
DAY = date(2026, 9, 23)
HERE = ground.middle(0, 0)
AWAY = (116.30, 39.90)


def test_a_point_is_told_with_all_its_areas() -> None:
    found = queries.locate(*HERE, on=DAY)

    assert found.is_inside
    assert (found.lon, found.lat) == HERE
    assert found.street is not None and found.block is not None and found.cell is not None
    assert (found.street.name, found.block.kind) == ("东山街道", "culture")
    assert found.cell.code == f"{ground.A}B01001"
    assert found.community is None, "communities have no outlines here, and none is guessed"


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_point_of_another_datum_is_the_same_place(datum: Datum) -> None:
    given = convert(*HERE, Datum.WGS84, datum)

    found = queries.locate(*given, datum=datum, on=DAY)

    assert distance_m(found.lon, found.lat, *HERE) < 0.01
    assert found.cell == queries.locate(*HERE, on=DAY).cell


def test_outside_the_district_is_told() -> None:
    assert not queries.locate(*AWAY, on=DAY).is_inside
    with pytest.raises(OutsideDistrict, match="不在本区范围内，请拨打12345"):
        queries.locate_inside(*AWAY, on=DAY)


def test_a_probably_wrong_datum_is_pointed_at() -> None:
    edge = ground.WEST + 0.001, ground.SOUTH + 0.001  # read as BD-09 it lies 1.2 km to the south-west
    with pytest.raises(OutsideDistrict, match="核对坐标系"):
        queries.locate_inside(*edge, datum=Datum.BD09, on=DAY)


@pytest.mark.parametrize("point", [(39.9, 116.4), (181, 39.9), (float("nan"), 39.9), (float("inf"), 39.9)])
def test_what_is_no_place_on_earth_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(BadInput):
        queries.locate(*point, on=DAY)


def test_many_points_are_told_like_one() -> None:
    rng = np.random.default_rng(7)
    lons, lats = rng.uniform(116.395, 116.425, 500), rng.uniform(39.895, 39.915, 500)

    many = queries.locate_many(lons, lats, on=DAY)

    for i in range(0, 500, 7):
        one = queries.locate(lons[i], lats[i], on=DAY)
        assert one.is_inside == many.inside[i]
        for level in ("district", "street", "block", "cell"):
            area = getattr(one, level)
            assert (area.id if area else 0) == getattr(many, level)[i]
            assert many.areas.get(int(getattr(many, level)[i])) == area
        assert one.version == many.version


def test_many_points_of_no_place_lie_nowhere() -> None:
    many = queries.locate_many([float("nan"), 200.0, HERE[0]], [39.9, 100.0, HERE[1]], on=DAY)
    assert many.inside.tolist() == [False, False, True]
    assert queries.locate_many([], [], on=DAY).inside.tolist() == []
    with pytest.raises(BadInput):
        queries.locate_many([1.0], [1.0, 2.0], on=DAY)


def test_near_sites_come_nearest_first_with_their_distance() -> None:
    near = queries.near_sites(*HERE, 300, on=DAY)

    assert [found.site.code for found in near] == ["S1", "S2", "S4"]
    assert near[0].distance_m == 0
    assert near[1].distance_m == pytest.approx(111, abs=1)
    assert [found.site.code for found in queries.near_sites(*HERE, 300, ["market"], on=DAY)] == ["S4"]
    assert [found.site.code for found in queries.near_sites(*HERE, 112, on=DAY)] == ["S1", "S2"]
    assert queries.near_sites(*HERE, 300, [], on=DAY) == []


@pytest.mark.parametrize("radius", [0, -1, 5001, float("nan"), float("inf")])
def test_a_radius_that_is_none_is_refused(radius: float) -> None:
    with pytest.raises(BadInput):
        queries.near_sites(*HERE, radius, on=DAY)


def test_near_sites_use_the_index() -> None:
    from django.db import connection

    from siquan.city.places.models import InWindow, Site

    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    window = InWindow(116.39, 39.89, 116.41, 39.91)
    assert "places_site_point" in Site.objects.filter(window).explain()


def test_names_are_found_while_typing() -> None:
    found = queries.search_names("柳树")

    assert [(place.name, place.kind) for place in found] == [
        ("柳树胡同", "alley"),
        ("柳树胡同小学", "primary_school"),
    ]
    assert (found[0].lon, found[0].lat, found[0].street) == (*HERE, "东山街道")
    assert queries.search_names("西水")[0].kind == "street"
    assert len(queries.search_names("街", limit=1)) == 1
    assert len(queries.search_names("街", limit=-5)) == 1


def test_the_nearer_of_two_namesakes_comes_first() -> None:
    for where in (ground.middle(0, 0), ground.middle(3, 1)):
        first = queries.search_names("便民菜市场", near=where)[0]
        assert distance_m(first.lon or 0, first.lat or 0, *where) < 300


def test_kinds_are_named_in_the_readers_language() -> None:
    with translation.override("en"):
        assert queries.search_names("东山街道")[0].kind_name == "Street"
        assert queries.read_place("柳树胡同").reason == "The text names “柳树胡同” (背街小巷)."
        assert queries.describe_spot(*HERE, on=DAY).words == "东山街道, near 柳树胡同"


@pytest.mark.parametrize(
    ("text", "name", "outcome"),
    [
        ("柳树胡同里有人乱扔垃圾", "柳树胡同", Outcome.FOUND),
        ("孩子在柳树胡同小学上学，门口堵车", "柳树胡同小学", Outcome.FOUND),
        ("东门大街上路灯不亮，靠近柳树胡同", "柳树胡同", Outcome.FOUND),  # the finer place
        ("便民菜市场脏乱差", "", Outcome.AMBIGUOUS),
        ("西水街道的便民菜市场脏乱差", "便民菜市场", Outcome.FOUND),
        ("西水街道没人管", "", Outcome.TOO_WIDE),
        ("我要投诉小区物业", "", Outcome.NOTHING),
        ("", "", Outcome.NOTHING),
    ],
)
def test_the_place_a_letter_means_is_read(text: str, name: str, outcome: Outcome) -> None:
    reading = queries.read_place(text)

    assert reading.outcome == outcome
    assert (reading.place.name if reading.place else "") == name
    assert reading.reason
    assert queries.find_place(text) == reading.place


def test_a_namesake_in_the_street_named_is_the_one_meant() -> None:
    place = queries.find_place("西水街道的便民菜市场脏乱差")
    assert place is not None
    assert place.street == "西水街道"
    assert place.why
    assert place.accuracy_m == 50


def test_an_ambiguous_reading_names_both_places() -> None:
    reading = queries.read_place("便民菜市场脏乱差")
    assert [candidate.street for candidate in reading.candidates] == ["东山街道", "西水街道"]
    assert "东山街道" in reading.reason and "西水街道" in reading.reason
