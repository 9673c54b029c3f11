"""Coordinates go from datum to datum and back without loss, and agree with an independent library."""

import math
from itertools import permutations

import numpy as np
import pytest
from coord_convert import transform
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.coordinates import Datum, convert, convert_many, distance_m, parse_datum
from siquan.base.kernel.errors import BadInput, UnknownDatum

lons = st.floats(73.5, 135.0)
lats = st.floats(18.0, 53.5)
pairs = st.sampled_from(list(permutations(Datum, 2)))

TIANANMEN = (116.391280, 39.907360)  # WGS-84

REFERENCE = {
    (Datum.WGS84, Datum.GCJ02): (transform.wgs2gcj, 0.001),
    (Datum.GCJ02, Datum.BD09): (transform.gcj2bd, 0.001),
    (Datum.WGS84, Datum.BD09): (transform.wgs2bd, 0.001),
    (Datum.GCJ02, Datum.WGS84): (transform.gcj2wgs, 0.005),  # the reference stops iterating at 1e-6 degrees
    (Datum.BD09, Datum.GCJ02): (transform.bd2gcj, 1.0),  # the reference inverts in one approximate step
    (Datum.BD09, Datum.WGS84): (transform.bd2wgs, 1.0),
}


@pytest.mark.parametrize("pair", REFERENCE, ids="-".join)
@given(lons, lats)
def test_agrees_with_an_independent_library(pair: tuple[Datum, Datum], lon: float, lat: float) -> None:
    reference, metres = REFERENCE[pair]

    assert distance_m(*convert(lon, lat, *pair), *reference(lon, lat)) < metres


@given(lons, lats, pairs)
def test_there_and_back_is_less_than_a_tenth_of_a_millimetre(
    lon: float, lat: float, pair: tuple[Datum, Datum]
) -> None:
    there, back = pair
    lon2, lat2 = convert(*convert(lon, lat, there, back), back, there)

    assert distance_m(lon, lat, lon2, lat2) < 1e-4


@given(lons, lats)
def test_by_way_of_a_third_datum_is_the_same_place(lon: float, lat: float) -> None:
    direct = convert(lon, lat, Datum.WGS84, Datum.BD09)
    detour = convert(*convert(lon, lat, Datum.WGS84, Datum.GCJ02), Datum.GCJ02, Datum.BD09)

    assert direct == detour


def test_in_beijing_a_mix_up_is_half_a_kilometre() -> None:
    gcj = convert(*TIANANMEN, Datum.WGS84, Datum.GCJ02)

    assert 500 < distance_m(*TIANANMEN, *gcj) < 600
    assert gcj[0] > TIANANMEN[0]
    assert gcj[1] > TIANANMEN[1]


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-89, 89)), max_size=30), pairs)
def test_many_at_once_agree_with_one_by_one(
    points: list[tuple[float, float]], pair: tuple[Datum, Datum]
) -> None:
    many_lon, many_lat = convert_many([p[0] for p in points], [p[1] for p in points], *pair)

    for point, lon, lat in zip(points, many_lon, many_lat, strict=True):
        assert (lon, lat) == pytest.approx(convert(*point, *pair), abs=1e-9)


@given(st.tuples(lons, lats), pairs)
def test_arrays_given_are_not_changed(point: tuple[float, float], pair: tuple[Datum, Datum]) -> None:
    lon, lat = np.array([point[0]]), np.array([point[1]])
    convert_many(lon, lat, *pair)

    assert (lon[0], lat[0]) == point


def test_what_is_not_a_number_stays_so_in_bulk() -> None:
    lon, lat = convert_many([math.nan, TIANANMEN[0]], [math.nan, TIANANMEN[1]], Datum.GCJ02, Datum.WGS84)

    assert np.isnan(lon).tolist() == [True, False]
    assert np.isnan(lat).tolist() == [True, False]


def test_outside_china_gcj02_is_wgs84() -> None:
    assert convert(-122.4, 37.8, Datum.WGS84, Datum.GCJ02) == (-122.4, 37.8)


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [(math.nan, 39.9, "lon"), (math.inf, 39.9, "lon"), (116.4, math.nan, "lat"),
     (181, 0, "lon"), (500, 500, "lon")],
)  # fmt: skip
def test_what_is_no_place_is_refused(lon: float, lat: float, field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        convert(lon, lat, Datum.GCJ02, Datum.WGS84)

    assert refusal.value.field == field


def test_swapped_longitude_and_latitude_are_told() -> None:
    with pytest.raises(BadInput, match="写反"):
        convert(39.9, 116.4, Datum.WGS84, Datum.WGS84)


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("wgs84", Datum.WGS84), ("WGS-84", Datum.WGS84), ("GPS", Datum.WGS84), ("EPSG:4326", Datum.WGS84),
        ("CGCS2000", Datum.WGS84), ("天地图", Datum.WGS84),
        ("gcj02", Datum.GCJ02), ("GCJ-02", Datum.GCJ02), ("火星坐标系", Datum.GCJ02), (" 高德 ", Datum.GCJ02),
        ("amap", Datum.GCJ02), ("Tencent", Datum.GCJ02), ("腾讯地图", Datum.GCJ02),
        ("bd09", Datum.BD09), ("BD_09", Datum.BD09), ("bd09ll", Datum.BD09), ("百度", Datum.BD09),
    ],
)  # fmt: skip
def test_datums_are_known_by_the_names_people_use(text: str, datum: Datum) -> None:
    assert parse_datum(text) is datum


@pytest.mark.parametrize("text", ["", "xian80", "北京54", "\x00", "w" * 1_000_000, "wgs 72"])
def test_another_datum_is_refused(text: str) -> None:
    with pytest.raises(UnknownDatum) as refusal:
        parse_datum(text)

    assert refusal.value.field == "datum"


def test_distance_of_one_degree_of_latitude() -> None:
    assert distance_m(116.4, 39.5, 116.4, 40.5) == pytest.approx(2 * math.pi * 6371.0088 / 360 * 1000)


@given(lons, lats, lons, lats)
def test_distance_is_the_same_both_ways(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    there = distance_m(lon1, lat1, lon2, lat2)

    assert there == pytest.approx(distance_m(lon2, lat2, lon1, lat1))
    assert there >= 0
    assert distance_m(lon1, lat1, lon1, lat1) == 0
