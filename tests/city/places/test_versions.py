"""Places as of a day: a change never rewrites what was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.city.places import queries, services
from siquan.city.places.models import Division, Site
from siquan.city.places.services import GeographyFaults, Loaded
from tests import make
from tests.city.places import ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_district")]
MERGER = date(2026, 7, 1)
BEFORE = MERGER - timedelta(days=1)


def merge(*codes: str, **options: object) -> Division:
    said = {
        "into": "110101909",
        "name": "山水街道",
        "on": MERGER,
        "by": None,
        "at": make.NOW,
        "reason": "撤并",
    }
    return services.merge_divisions(codes, **(said | options))  # type: ignore[arg-type]


def street_at(column: int, row: int, on: date) -> str:
    street = queries.locate(*ground.middle(column, row), on=on).street
    return street.name if street else ""


def test_a_merger_leaves_every_earlier_day_as_it_was() -> None:
    merge(ground.A, ground.B)

    assert [street_at(0, 0, BEFORE), street_at(3, 1, BEFORE)] == ["东山街道", "西水街道"]
    assert [street_at(0, 0, MERGER), street_at(3, 1, MERGER)] == ["山水街道", "山水街道"]


def test_what_lay_in_the_merged_streets_lies_in_the_new_one() -> None:
    new = merge(ground.A, ground.B)

    after = queries.locate(*ground.middle(3, 1), on=MERGER)
    assert after.street is not None and after.block is not None and after.cell is not None
    assert (after.street.id, after.block.parent) == (new.pk, new.code)
    assert after.cell.code == f"{ground.B}B02002", "the cell keeps its row: only its block has a new one"
    assert Division.objects.as_of(MERGER).filter(parent=new, level="community").count() == 4
    assert new.area_m2 == pytest.approx(
        sum(Division.objects.filter(code__in=ground.STREETS).values_list("area_m2", flat=True))
    )
    assert Site.objects.as_of(MERGER).get(code="S3").street == new
    assert Site.objects.as_of(BEFORE).get(code="S3").street.name == "西水街道"


def test_the_answer_names_the_version_it_rests_on() -> None:
    where = ground.middle(0, 0)
    before = queries.locate(*where, on=BEFORE).version

    merge(ground.A, ground.B)

    assert queries.locate(*where, on=BEFORE).version == before
    assert queries.locate(*where, on=MERGER).version != before
    assert (
        queries.locate(*where, on=MERGER + timedelta(days=400)).version
        == queries.locate(*where, on=MERGER).version
    )


def test_before_the_first_day_there_is_no_district() -> None:
    assert not queries.locate(*ground.middle(0, 0), on=make.LONG_AGO - timedelta(days=1)).is_inside


def test_a_merger_is_journalled() -> None:
    new = merge(ground.A, ground.B)

    opened = Entry.objects.get(event="places_division.opened")
    assert (opened.about_id, opened.details["replaces"]) == (new.pk, sorted(ground.STREETS))
    assert opened.details["reason"] == "撤并"
    assert Entry.objects.filter(event="places_division.ended").count() == 2
    assert Entry.objects.filter(event="places_division.changed").count() == 8, "four blocks, four communities"


@pytest.mark.parametrize(
    ("codes", "options", "refusal"),
    [
        ([ground.A, "110101999"], {}, NotFound),
        ([ground.A], {}, BadInput),
        ([ground.A, ground.A], {}, BadInput),
        ([ground.A, f"{ground.B}B01"], {}, BadInput),
        ([f"{ground.A}B01", f"{ground.B}B01"], {}, BadInput),
        ([ground.A, ground.B], {"into": ground.A}, BadInput),
        ([ground.A, ground.B], {"on": make.LONG_AGO}, GeographyFaults),
    ],
)
def test_a_merger_that_cannot_be_is_refused(
    codes: list[str], options: dict[str, object], refusal: type
) -> None:
    count = Division.objects.count()

    with pytest.raises(refusal):
        merge(*codes, **options)

    assert Division.objects.count() == count


def change(outlines: dict[str, object], on: date = MERGER) -> list[Division]:
    return services.change_boundaries(outlines, on=on, by=None, at=make.NOW, reason="调整")


def test_a_border_moves_from_its_day_on() -> None:
    # the border between the two southern cells of street A moves west by half a cell
    change(
        {
            f"{ground.A}B01001": ground.square(0, 0, 0.5, 1),
            f"{ground.A}B01002": ground.square(0.5, 0, 1.5, 1),
        }
    )
    lon, lat = ground.middle(0, 0)
    point = lon + 0.001, lat

    before, after = (queries.locate(*point, on=day).cell for day in (BEFORE, MERGER))

    assert before is not None and after is not None
    assert (before.code, after.code) == (f"{ground.A}B01001", f"{ground.A}B01002")
    assert Division.objects.get(pk=before.id).valid_to == MERGER
    assert Entry.objects.filter(event="places_division.changed").count() == 2


def test_a_border_may_not_move_over_the_neighbour_alone() -> None:
    with pytest.raises(GeographyFaults, match="重叠"):
        change({f"{ground.A}B01002": ground.square(0.5, 0, 1.5, 1)})
    assert Division.objects.filter(code=f"{ground.A}B01002").count() == 1


def test_a_street_may_not_leave_its_blocks_outside() -> None:
    with pytest.raises(GeographyFaults, match="之外"):
        change({ground.A: ground.square(0, 0, 2, 1)})


@pytest.mark.parametrize("outline", [None, {}, {"type": "Point", "coordinates": [116.4, 39.9]}, "x"])
def test_a_border_that_is_none_is_refused(outline: object) -> None:
    with pytest.raises(BadInput):
        change({ground.A: outline})


def test_a_change_can_be_written_for_a_day_to_come() -> None:
    ahead = date(2030, 1, 1)
    merge(ground.A, ground.B, on=ahead)

    assert street_at(0, 0, MERGER) == "东山街道"
    assert street_at(0, 0, ahead) == "山水街道"
    with pytest.raises(NotFound):  # what ends in 2030 cannot be merged again before
        merge(ground.A, ground.B, into="110101908")


def test_another_process_changing_a_row_is_noticed() -> None:
    assert street_at(0, 0, MERGER) == "东山街道"

    with connection.cursor() as cursor:
        cursor.execute("update places_division set name = '东岳街道' where code = %s", [ground.A])

    assert street_at(0, 0, MERGER) == "东岳街道"


def test_between_two_looks_at_the_tables_no_statement_is_needed(
    settings: object, django_assert_num_queries: object
) -> None:
    street_at(0, 0, MERGER)
    settings.RECHECK_SECONDS = 3600.0  # type: ignore[attr-defined]

    with django_assert_num_queries(0):  # type: ignore[operator]
        for column in range(4):
            street_at(column, 0, MERGER)
            street_at(column, 0, BEFORE)


def test_a_committed_load_is_seen_at_once(
    settings: object, small_district: Loaded, django_capture_on_commit_callbacks: object
) -> None:
    assert street_at(0, 0, MERGER) == "东山街道"
    settings.RECHECK_SECONDS = 3600.0  # type: ignore[attr-defined]

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        merge(ground.A, ground.B)

    assert street_at(0, 0, MERGER) == "山水街道"
