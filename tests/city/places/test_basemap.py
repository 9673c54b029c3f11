"""The base map is one file that holds what it was given, the same bytes every time."""

import gzip
import math
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from pmtiles.reader import MmapSource, Reader
from shapely.geometry import LineString, MultiLineString, Point, box

from siquan.city.places import basemap

WEST, SOUTH = 116.40, 39.90
LEFT = box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01)
RIGHT = box(WEST + 0.01, SOUTH, WEST + 0.02, SOUTH + 0.01)
MIDDLE = (WEST + 0.01, SOUTH + 0.005)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("map") / "small.pmtiles")


def built(out: Path) -> Path:
    basemap.build(
        out,
        streets=[
            ({"code": "1", "name": "甲街道", "name_en": "Jia Street"}, LEFT),
            ({"code": "2", "name": "乙街道", "name_en": "Yi Street"}, RIGHT),
        ],
        blocks=[
            ({"code": "1B01", "name": "甲街区", "kind": "culture"}, LEFT),
            ({"code": "2B01", "name": "乙街区", "kind": "industry"}, RIGHT),
        ],
        roads=[
            (
                {"name": "史家胡同", "class": "alley"},
                LineString([(WEST, SOUTH + 0.005), (WEST + 0.02, SOUTH + 0.005)]),
            ),
            (
                {"name": "东单北大街", "class": "main"},
                MultiLineString(
                    [
                        [(WEST + 0.0100, SOUTH), (WEST + 0.0100, SOUTH + 0.01)],
                        [(WEST + 0.0102, SOUTH), (WEST + 0.0102, SOUTH + 0.0099)],
                    ]
                ),
            ),
            ({"name": "", "class": "branch"}, LineString([(WEST, SOUTH), (WEST + 0.002, SOUTH + 0.002)])),
        ],
        sites=[
            ({"type": "metro_station", "name": "灯市口地铁站"}, Point(*MIDDLE)),
            ({"type": "park", "name": "小公园"}, Point(WEST + 0.005, SOUTH + 0.004)),
            ({"type": "parking", "name": "停车场"}, Point(*MIDDLE)),
        ],
    )
    return out


def layers(path: Path, zoom: int, lon: float = MIDDLE[0], lat: float = MIDDLE[1]) -> dict[str, Any]:
    """Return the layers of the tile at a place."""
    column = int((lon / 360 + 0.5) * 2**zoom)
    row = int((0.5 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)) * 2**zoom)
    with path.open("rb") as handle:
        tile = Reader(MmapSource(handle)).get(zoom, column, row)
    return mapbox_vector_tile.decode(gzip.decompress(tile), default_options={"y_coord_down": True})


def values(tile: dict[str, Any], layer: str, field: str) -> set[Any]:
    return {f["properties"].get(field) for f in tile.get(layer, {"features": []})["features"]}


def test_roads_and_their_names_are_in_the_tile(small):
    tile = layers(small, 16)

    assert values(tile, "roads", "class") == {"alley", "main"}
    assert values(tile, "road_names", "name") == {"史家胡同", "东单北大街"}


def test_two_carriageways_bear_one_name(small):
    tile = layers(small, 14)

    named = [f for f in tile["road_names"]["features"] if f["properties"]["name"] == "东单北大街"]
    assert len(named) == 1
    drawn = next(f for f in tile["roads"]["features"] if f["properties"]["class"] == "main")
    assert len(drawn["geometry"]["coordinates"]) == 2


def test_small_roads_and_places_wait_for_a_closer_look(small):
    far, near = layers(small, 11), layers(small, 14)

    assert values(far, "roads", "class") == {"main"}
    assert values(near, "roads", "class") == {"main", "alley", "branch"}
    assert "places" not in far
    assert values(near, "places", "name") == {"灯市口", "小公园"}


def test_blocks_carry_their_kind_and_borders_are_drawn_once(small):
    tile = layers(small, 12)

    assert values(tile, "blocks", "kind") == {"culture", "industry"}
    assert sorted(f["properties"]["level"] for f in tile["borders"]["features"]) == ["district", "street"]
    assert values(tile, "labels", "short") == {"甲", "乙"}
    assert values(tile, "labels", "name_en") == {"Jia Street", "Yi Street"}


def test_the_file_says_where_and_how_close_it_reaches(small):
    with small.open("rb") as handle:
        header = Reader(MmapSource(handle)).header()

    assert (header["min_zoom"], header["max_zoom"]) == (10, 16)
    assert header["min_lon_e7"] == round(WEST * 1e7)
    assert header["max_lat_e7"] == round((SOUTH + 0.01) * 1e7)


def test_the_same_input_gives_the_same_bytes(small, tmp_path):
    assert built(tmp_path / "again.pmtiles").read_bytes() == small.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.pmtiles"]


def test_a_drawn_place_lies_where_it_is(small):
    tile = layers(small, 16)
    column = (MIDDLE[0] / 360 + 0.5) * 2**16
    station = next(f for f in tile["places"]["features"] if f["properties"]["type"] == "metro_station")

    assert station["geometry"]["coordinates"][0] == pytest.approx((column % 1) * 4096, abs=1)
