"""The demo district is whole: what the district published is there, and the areas fit into each other."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

import siquan.demo

DATA = Path(siquan.demo.__file__).parent / "data"


def features(name: str) -> list[dict]:
    raw = (DATA / name).read_bytes()
    return json.loads(gzip.decompress(raw) if name.endswith(".gz") else raw)["features"]


def rows(name: str) -> list[dict[str, str]]:
    raw = (DATA / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def streets() -> dict[str, shapely.Geometry]:
    return {f["properties"]["code"]: shape(f["geometry"]) for f in features("streets.geojson")}


@pytest.fixture(scope="module")
def blocks() -> dict[str, shapely.Geometry]:
    return {f["properties"]["code"]: shape(f["geometry"]) for f in features("blocks.geojson")}


@pytest.fixture(scope="module")
def cells() -> dict[str, shapely.Geometry]:
    return {f["properties"]["code"]: shape(f["geometry"]) for f in features("cells.geojson.gz")}


def test_the_district_has_the_published_numbers(streets, blocks):
    assert len(streets) == 17
    assert len(rows("communities.csv")) == 169
    assert len(blocks) == 81
    assert {f["properties"]["kind"] for f in features("blocks.geojson")} == {
        "government",
        "culture",
        "residential",
        "industry",
    }
    types = Counter(row["type"] for row in rows("sites.csv.gz"))
    assert types["alley"] >= 425
    assert types["courtyard"] >= 44


def test_the_data_stays_small():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 3_000_000


def test_the_district_is_as_large_as_published(streets):
    lon_m, lat_m = 111_320 * np.cos(np.radians(39.91)), 111_035
    area_km2 = sum(street.area for street in streets.values()) * lon_m * lat_m / 1e6

    assert area_km2 == pytest.approx(41.84, rel=0.005)


def test_blocks_tile_their_street_exactly(streets, blocks):
    assert shapely.coverage_is_valid(list(streets.values()))
    assert shapely.coverage_is_valid(list(blocks.values()))
    for code, street in streets.items():
        inside = shapely.union_all([block for c, block in blocks.items() if c.startswith(f"{code}B")])
        assert inside.symmetric_difference(street).area < 0.001 * street.area


def test_cells_tile_their_block_exactly(blocks, cells):
    assert shapely.coverage_is_valid(list(cells.values()))
    own = defaultdict(list)
    for code, cell in cells.items():
        own[code[:-3]].append(cell)
    assert own.keys() == blocks.keys()
    for code, block in blocks.items():
        assert shapely.union_all(own[code]).symmetric_difference(block).area < 0.001 * block.area


def test_cells_are_of_about_ten_thousand_square_metres(cells):
    areas = np.array([cell.area for cell in cells.values()]) * 85_516.7 * 111_034.6

    assert 9_000 < areas.mean() < 11_000
    assert (areas > 3_000).all()
    assert np.percentile(areas, 99) < 20_000


def test_every_block_says_that_it_is_not_official():
    assert "not the official 81" in json.loads((DATA / "blocks.geojson").read_text())["note"]


def test_names_are_unique_where_people_choose_by_name():
    for name in ("streets.geojson", "blocks.geojson"):
        names = [f["properties"]["name"] for f in features(name)]
        assert len(names) == len(set(names))


def test_communities_belong_to_a_street(streets):
    communities = rows("communities.csv")
    assert len({row["code"] for row in communities}) == 169
    assert {row["street"] for row in communities} == streets.keys()


def test_sites_lie_in_the_district_in_the_street_they_name(streets):
    district = shapely.union_all(list(streets.values())).buffer(0.00002)
    sites = rows("sites.csv.gz")
    points = shapely.points([(float(row["lon"]), float(row["lat"])) for row in sites])

    assert shapely.intersects(district, points).all()
    wrong = [
        r["name"] for r, p in zip(sites, points, strict=True) if streets[r["street"]].distance(p) > 0.00002
    ]
    assert wrong == []


def test_every_site_has_name_type_and_source():
    types = {row["code"] for row in rows("site_types.csv")}
    for row in rows("sites.csv.gz"):
        assert row["name"] and row["source"] and row["type"] in types
    assert all(row["source"] for row in rows("site_types.csv"))


def test_no_site_is_there_twice_within_sixty_metres():
    groups = defaultdict(list)
    for row in rows("sites.csv.gz"):
        place = (float(row["lon"]) * 85_516.7, float(row["lat"]) * 111_034.6)
        groups[row["type"], row["name"]].append(place)
    for key, places in groups.items():
        for i, a in enumerate(places):
            for b in places[:i]:
                assert np.hypot(a[0] - b[0], a[1] - b[1]) > 59, key


def test_well_known_places_are_where_they_are():
    """Positions from common knowledge (WGS-84), to notice a wrong datum: 600 m would show."""
    known = {
        ("天坛东门地铁站", "metro_station"): (116.4155, 39.8817),
        ("北京站地铁站", "metro_station"): (116.4213, 39.9034),
        ("雍和宫地铁站", "metro_station"): (116.4110, 39.9480),
    }
    found = {(r["name"], r["type"]): (float(r["lon"]), float(r["lat"])) for r in rows("sites.csv.gz")}
    for key, (lon, lat) in known.items():
        assert np.hypot((found[key][0] - lon) * 85_516, (found[key][1] - lat) * 111_034) < 250, key


def test_people_are_given_for_every_cell(cells):
    people = rows("population.csv.gz")
    hours = rows("activity.csv.gz")

    assert [row["cell"] for row in people] == list(cells) == [row["cell"] for row in hours]
    assert sum(float(row["residents"]) for row in people) == pytest.approx(850_805, abs=200)
    assert all(len(row) == 25 for row in hours)


def test_roads_have_a_class_and_the_alleys_their_names():
    roads = [f["properties"] for f in features("roads.geojson.gz")]
    assert {road["class"] for road in roads} == {"main", "secondary", "branch", "alley"}
    assert sum(road["name"].endswith("胡同") for road in roads) >= 330
    by_name = {road["name"]: road["class"] for road in roads}
    assert by_name["王府井大街"] == "main"
    assert by_name["史家胡同"] == "alley"
