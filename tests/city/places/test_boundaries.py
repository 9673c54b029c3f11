"""Which area a point lies in, checked against shapely asked area by area."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, shape

from siquan.city.places.boundaries import TOLERANCE, Area, Boundaries
from tests.city.places import ground


def paper() -> tuple[list[Area], list[shapely.Geometry]]:
    """Return the small district as areas and shapes, numbered from 1."""
    rows = [("district", ground.feature(ground.square(0, 0, 4, 2), code="110101"), "")]
    rows += [("street", street, "110101") for street in ground.streets()]
    rows += [("block", block, block["properties"]["street"]) for block in ground.blocks()]
    rows += [("cell", cell, cell["properties"]["code"][:-3]) for cell in ground.cells()]
    areas = [
        Area(i + 1, row["properties"]["code"], level, row["properties"].get("name", ""), parent=parent)
        for i, (level, row, parent) in enumerate(rows)
    ]
    return areas, [shape(row["geometry"]) for _level, row, _parent in rows]


AREAS, SHAPES = paper()
BOUNDARIES = Boundaries(AREAS, SHAPES)

# a few steps of the grid and beyond: most points lie between, many exactly on borders and corners
on_lines = st.integers(-2, 10).map(lambda half: half * ground.STEP / 2)
anywhere = st.floats(-0.01, 0.03, allow_nan=False)
points = st.tuples(st.one_of(on_lines, anywhere), st.one_of(on_lines, anywhere)).map(
    lambda xy: (ground.WEST + xy[0], ground.SOUTH + xy[1])
)


def asked_one_by_one(lon: float, lat: float, level: str) -> int:
    """Return the lowest code among the areas that hold the point, or else among those a hair away."""
    point = Point(lon, lat)
    members = [(area, outline) for area, outline in zip(AREAS, SHAPES, strict=True) if area.level == level]
    holding = [area for area, outline in members if outline.intersects(point)]
    beside = [area for area, outline in members if outline.distance(point) <= TOLERANCE]
    found = sorted(holding or beside, key=lambda area: area.code)
    return found[0].id if found else 0


@given(st.lists(points, min_size=1, max_size=30))
def test_all_at_once_is_one_by_one_is_plain_shapely(some: list[tuple[float, float]]) -> None:
    lons, lats = np.array(some).T

    found = BOUNDARIES.find(lons, lats)

    for i, (lon, lat) in enumerate(some):
        alone = BOUNDARIES.find(lons[i : i + 1], lats[i : i + 1])
        for level in ("district", "street", "block", "cell"):
            here = int(getattr(found, level)[i])
            assert here == int(getattr(alone, level)[0])
            assert here == asked_one_by_one(lon, lat, level)


@given(points)
def test_the_larger_areas_are_those_of_the_finest(point: tuple[float, float]) -> None:
    found = BOUNDARIES.find(np.array([point[0]]), np.array([point[1]]))

    cell, block = BOUNDARIES.area(int(found.cell[0])), BOUNDARIES.area(int(found.block[0]))
    street = BOUNDARIES.area(int(found.street[0]))
    assert (cell is None) == (block is None) == (street is None) == (not found.inside[0])
    if cell and block and street:
        assert (cell.parent, block.parent) == (block.code, street.code)


def test_the_corner_of_four_cells_belongs_to_the_lowest_code() -> None:
    found = BOUNDARIES.find(np.array([116.41]), np.array([39.905]))

    assert BOUNDARIES.area(int(found.cell[0])).code == f"{ground.A}B01002"  # type: ignore[union-attr]


def test_a_hairline_gap_between_two_areas_belongs_to_the_lower_code() -> None:
    shapes = [shapely.box(116.40, 39.90, 116.41, 39.91), shapely.box(116.410001, 39.90, 116.42, 39.91)]
    apart = Boundaries([Area(1, "X1", "street", ""), Area(2, "X2", "street", "")], shapes)

    found = apart.find(np.array([116.4100008, 116.43]), np.array([39.905] * 2))

    assert found.street.tolist() == [1, 0]


def test_where_no_cell_is_drawn_block_and_street_are_found_by_themselves() -> None:
    kept = [i for i, area in enumerate(AREAS) if area.level != "cell" or area.code.endswith("B01001")]
    partly = Boundaries([AREAS[i] for i in kept], [SHAPES[i] for i in kept])
    lon, lat = ground.middle(3, 1)

    found = partly.find(np.array([lon]), np.array([lat]))

    assert found.cell[0] == 0
    assert partly.area(int(found.block[0])).code == f"{ground.B}B02"  # type: ignore[union-attr]
    assert partly.area(int(found.street[0])).code == ground.B  # type: ignore[union-attr]


def test_a_community_is_only_ever_one_of_the_street_the_point_lies_in() -> None:
    over_both = Area(50, "C1", "community", "", parent=ground.A)
    with_community = Boundaries([*AREAS, over_both], [*SHAPES, shape(ground.square(0, 0, 4, 2))])
    (lon_a, lat_a), (lon_b, lat_b) = ground.middle(0, 0), ground.middle(3, 0)

    found = with_community.find(np.array([lon_a, lon_b]), np.array([lat_a, lat_b]))

    assert found.community.tolist() == [50, 0]


def test_what_is_no_number_lies_nowhere() -> None:
    lon, lat = ground.middle(0, 0)

    found = BOUNDARIES.find(np.array([np.nan, lon, np.inf, lon]), np.array([lat, np.nan, lat, lat]))

    assert found.inside.tolist() == [False, False, False, True]


def test_without_any_area_everything_is_outside() -> None:
    assert not Boundaries([], []).find(np.array([116.4]), np.array([39.9])).inside.any()


@pytest.mark.parametrize("change", ["outline", "name", "parent"])
def test_the_version_names_the_set_and_its_outlines(change: str) -> None:
    same = Boundaries(AREAS[::-1], SHAPES[::-1])
    areas, shapes = list(AREAS), list(SHAPES)
    if change == "outline":
        shapes[-1] = shapes[-1].buffer(0.0001)
    elif change == "name":
        areas[1] = Area(areas[1].id, areas[1].code, "street", "新名字", parent=areas[1].parent)
    else:
        areas[-1] = Area(areas[-1].id, areas[-1].code, "cell", areas[-1].name, parent=f"{ground.A}B01")

    assert same.version == BOUNDARIES.version
    assert Boundaries(areas, shapes).version != BOUNDARIES.version
