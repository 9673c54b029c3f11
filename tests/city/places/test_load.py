"""Loading a geography: checked, repeatable, all or nothing."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import Point, shape

import siquan.demo
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput
from siquan.city.places import queries, services
from siquan.city.places.models import Division, Level, Site
from siquan.city.places.services import GeographyFaults, Loaded
from tests import make
from tests.city.places import ground

pytestmark = pytest.mark.django_db
DEMO = Path(siquan.demo.__file__).parent / "data"
LATER = date(2026, 7, 1)


def faults_of(folder: Path, **options: Any) -> list[tuple[str, int, str]]:
    """Load, expect a refusal, and return its faults as (file, row, code)."""
    before = Division.objects.count(), Site.objects.count()
    with pytest.raises(GeographyFaults) as refused:
        ground.load(folder, **options)
    assert (Division.objects.count(), Site.objects.count()) == before, "nothing half done"
    assert all(fault.message for fault in refused.value.faults)
    return [(fault.file, fault.row, fault.code) for fault in refused.value.faults]


def test_the_small_district_is_loaded_with_parents_and_positions(small_district: Loaded) -> None:
    assert (small_district.divisions_new, small_district.sites_new) == (1 + 2 + 4 + 4 + 8, 5)
    district, cell = (
        Division.objects.get(level=Level.DISTRICT),
        Division.objects.get(code=f"{ground.B}B02001"),
    )
    assert district.boundary["type"] == "Polygon", "drawn around the streets"
    assert cell.parent.code == f"{ground.B}B02"
    assert cell.parent.parent.code == ground.B
    # 0.005° by 0.005° at 39.9°: 427.6 m by 555.2 m on the ellipsoid
    assert cell.area_m2 == pytest.approx(427.6 * 555.2, rel=0.002)
    alley = Site.objects.get(code="S1")
    assert (alley.street.code, alley.cell.code) == (ground.A, f"{ground.A}B01001")
    entry = Entry.objects.get(event="places_geography.loaded")
    assert entry.details["divisions_new"] == 19


def test_the_same_folder_again_changes_nothing(small_district: Loaded, tmp_path: Path) -> None:
    for on in (make.LONG_AGO, LATER):
        again = ground.load(tmp_path / "geography", on=on)
        assert not again.is_change
        assert (again.divisions_unchanged, again.sites_unchanged) == (19, 5)
    assert Entry.objects.filter(event="places_geography.loaded").count() == 1


def test_a_site_told_otherwise_gets_a_new_row(small_district: Loaded, tmp_path: Path) -> None:
    moved = [row | ({"lon": ground.middle(1, 0)[0]} if row["code"] == "S1" else {}) for row in ground.sites()]

    loaded = ground.load(ground.write(tmp_path, sites=moved), on=LATER)

    assert (loaded.sites_changed, loaded.sites_unchanged) == (1, 4)
    before, after = Site.objects.filter(code="S1").order_by("valid_from")
    assert (before.valid_to, after.valid_from, after.valid_to) == (LATER, LATER, None)
    assert (before.cell.code, after.cell.code) == (f"{ground.A}B01001", f"{ground.A}B01002")


def test_positions_may_be_given_in_another_datum(tmp_path: Path, db: None) -> None:
    lon, lat = ground.middle(0, 0)
    shifted = ground.site("S1", "alley", "背街小巷", "柳树胡同", (lon + 0.00624, lat + 0.00140)) | {
        "datum": "GCJ-02"
    }

    ground.load(ground.write(tmp_path, sites=[shifted]))

    site = Site.objects.get()
    assert (site.lon, site.lat) == pytest.approx((lon, lat), abs=0.0003)


def test_zipped_files_and_a_byte_order_mark_are_read(tmp_path: Path, db: None) -> None:
    ground.write(tmp_path)
    for name in ("cells.geojson", "sites.csv"):
        text = (tmp_path / name).read_text("utf-8")
        (tmp_path / name).unlink()
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(("\ufeff" + text).encode()))

    loaded = ground.load(tmp_path)

    assert (loaded.divisions_new, loaded.sites_new) == (19, 5)


def test_what_the_folder_no_longer_names_ends_only_when_told(small_district: Loaded, tmp_path: Path) -> None:
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    ground.write(fewer, cells=ground.cells()[:-1])

    assert ground.load(fewer, on=LATER).divisions_ended == 0
    replaced = ground.load(fewer, on=LATER, replace=True)

    assert replaced.divisions_ended == 1
    lon, lat = ground.middle(3, 1)
    assert queries.locate(lon, lat, on=LATER).cell is None
    assert queries.locate(lon, lat, on=LATER - timedelta(days=1)).cell is not None
    assert Site.objects.get(code="S3", valid_to=None).cell is None


def ring(*corners: tuple[Any, Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [corners]}


WRONG_OUTLINES = {
    "crosses itself": ring((116.4, 39.9), (116.41, 39.91), (116.41, 39.9), (116.4, 39.91), (116.4, 39.9)),
    "a line": {"type": "LineString", "coordinates": [[116.4, 39.9], [116.41, 39.91]]},
    "swapped": ring((39.9, 116.4), (39.91, 116.4), (39.91, 116.41), (39.9, 116.4)),
    "empty": {"type": "Polygon", "coordinates": []},
    "words": {"type": "Polygon", "coordinates": "round the corner"},
    "a number": 7,
    "not closed": ring((116.4, 39.9), (116.41, 39.91)),
    "no number": ring((None, 39.9), (116.41, 39.91), (116.41, 39.9), (None, 39.9)),
}


@pytest.mark.parametrize("what", WRONG_OUTLINES)
def test_an_outline_that_is_none_is_refused_with_its_row(tmp_path: Path, what: str) -> None:
    blocks = ground.blocks()
    blocks[2]["geometry"] = WRONG_OUTLINES[what]

    assert ("blocks.geojson", 3, "bad-input") in faults_of(ground.write(tmp_path, blocks=blocks, cells=None))


def test_an_overlap_is_refused_with_both_codes(tmp_path: Path) -> None:
    blocks = ground.blocks()
    blocks[1]["geometry"] = ground.square(0, 0.9, 2, 1.1)

    with pytest.raises(GeographyFaults, match=rf"{ground.A}B0[12] 与 {ground.A}B0[12] 重叠"):
        ground.load(ground.write(tmp_path, blocks=blocks, cells=None))


def test_what_sticks_out_of_its_parent_is_refused(tmp_path: Path) -> None:
    streets = ground.streets()
    streets[1]["geometry"] = ground.square(2, 0, 1.9, 2)

    rows = faults_of(ground.write(tmp_path, streets=streets))

    assert rows == [("blocks.geojson", 3, "outside-parent"), ("blocks.geojson", 4, "outside-parent")]


def test_noise_along_a_border_is_no_overlap(tmp_path: Path, db: None) -> None:
    blocks = ground.blocks()
    blocks[1]["geometry"] = ground.square(0, 0.99999, 2, 1.00001)  # 5 mm

    assert ground.load(ground.write(tmp_path, blocks=blocks)).divisions_new == 19


@pytest.mark.parametrize(
    ("stem", "wrong", "fault"),
    [
        ("communities", {"street": "999"}, "no-parent"),
        ("communities", {"street": f"{ground.A}B01"}, "no-parent"),
        ("communities", {"name": ""}, "bad-input"),
        ("communities", {"code": "x" * 25}, "bad-input"),
        ("communities", {"name": "甲\0乙"}, "bad-input"),
        ("communities", {"code": f"{ground.A}002"}, "double"),
        ("sites", {"lon": "here"}, "bad-input"),
        ("sites", {"lon": "nan"}, "bad-input"),
        ("sites", {"lat": 116.4, "lon": 39.9}, "bad-input"),
        ("sites", {"lon": 116.9}, "outside-district"),
        ("sites", {"name": "名" * 101}, "bad-input"),
        ("sites", {"code": "S2"}, "double"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(
    tmp_path: Path, stem: str, wrong: dict[str, Any], fault: str
) -> None:
    rows = getattr(ground, stem)()
    rows[0] = rows[0] | wrong

    found = faults_of(ground.write(tmp_path, **{stem: rows}))

    assert [(file, code) for file, _row, code in found] == [(f"{stem}.csv", fault)]
    assert found[0][1] == (3 if fault == "double" else 2)


def test_an_unknown_kind_of_block_is_refused(tmp_path: Path) -> None:
    blocks = ground.blocks()
    blocks[0]["properties"]["kind"] = "seaside"

    assert ("blocks.geojson", 1, "bad-input") in faults_of(ground.write(tmp_path, blocks=blocks))


@pytest.mark.parametrize("raw", [b"{", b"[]", b"\xff\xfe", b'{"features": 3}', b'{"features": [3]}'])
def test_a_file_that_is_none_is_refused(tmp_path: Path, raw: bytes) -> None:
    ground.write(tmp_path, streets=None)
    (tmp_path / "streets.geojson").write_bytes(raw)

    assert ("streets.geojson", 0, "unreadable") in faults_of(tmp_path)


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    ground.write(tmp_path, sites=None)
    (tmp_path / "sites.csv.gz").write_bytes(gzip.compress(b"code,name\n" * 50)[:-9])

    assert faults_of(tmp_path) == [("sites.csv.gz", 0, "unreadable")]


def test_boundaries_in_another_datum_are_refused(tmp_path: Path) -> None:
    ground.write(tmp_path)
    collection = json.loads((tmp_path / "streets.geojson").read_text("utf-8"))
    (tmp_path / "streets.geojson").write_text(json.dumps(collection | {"datum": "GCJ-02"}))

    assert ("streets.geojson", 0, "unreadable") in faults_of(tmp_path)


def test_a_code_of_another_level_is_refused(small_district: Loaded, tmp_path: Path) -> None:
    taken = [{"code": f"{ground.A}B01", "name": "新社区", "street": ground.A}]

    found = faults_of(ground.write(tmp_path, communities=taken, blocks=None, cells=None), on=LATER)

    assert ("communities.csv", 2, "other-level") in found


def test_an_empty_or_missing_folder_is_refused(tmp_path: Path, db: None) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadInput, match="没有可载入的文件"):
            ground.load(folder)


def test_a_change_on_the_day_of_the_last_change_is_refused(small_district: Loaded, tmp_path: Path) -> None:
    streets = ground.streets()
    streets[0]["properties"]["name"] = "新名街道"

    assert faults_of(ground.write(tmp_path, streets=streets)) == [("streets.geojson", 1, "too-early")]
    assert ground.load(tmp_path, on=LATER).divisions_changed == 1


def test_the_demo_district_is_loaded_whole_and_its_names_are_found() -> None:
    loaded = services.load_geography(DEMO, on=make.LONG_AGO, by=None, at=make.NOW)

    counted = Counter(Division.objects.values_list("level", flat=True))
    assert (counted["district"], counted["street"], counted["block"]) == (1, 17, 81)
    assert counted["community"] == 169
    assert loaded.divisions_new == sum(counted.values())
    assert loaded.sites_new == Site.objects.filter(street__isnull=False, cell__isnull=False).count()
    area = Division.objects.get(level=Level.DISTRICT).area_m2
    assert area == pytest.approx(41.84e6, rel=0.005)  # the official area
    # every corner of every outline lies on a border: one answer, whatever the order, of an area it touches
    ground_now = queries.areas_on(make.LONG_AGO)
    outlines = Division.objects.filter(level=Level.CELL).values_list("code", "boundary")
    corners = sorted({tuple(point) for _code, outline in outlines for point in outline["coordinates"][0]})
    lons, lats = np.array(corners).T
    forwards, backwards = ground_now.find(lons, lats), ground_now.find(lons[::-1], lats[::-1])
    assert forwards.inside.all()
    assert (forwards.cell == backwards.cell[::-1]).all()
    shapes = {code: shape(outline) for code, outline in outlines}
    for i in range(0, len(corners), 1999):
        touched = min(code for code, outline in shapes.items() if outline.distance(Point(corners[i])) == 0)
        assert ground_now.area(int(forwards.cell[i])).code == touched  # type: ignore[union-attr]

    assert queries.search_names("安定门内大街")[0].name == "安定门内大街"
    assert queries.search_names("东华门街道")[0].kind == "street"
    found = queries.find_place("东城区史家胡同有人乱堆垃圾，没有人管。")
    assert found is not None
    assert (found.name, found.street) == ("史家胡同", "朝阳门街道")
    tiananmen = queries.locate(116.39741, 39.90872, on=make.LONG_AGO)
    assert tiananmen.street is not None
    assert tiananmen.street.name == "东华门街道"
