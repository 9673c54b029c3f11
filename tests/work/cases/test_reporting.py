"""How a case begins: one report, one case, whatever happens on the way."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from siquan.base.files.models import StoredFile
from siquan.base.journal.models import Entry
from siquan.base.kernel.checkdigits import is_valid
from siquan.base.kernel.coordinates import Datum, convert
from siquan.base.kernel.errors import BadInput, OutsideDistrict
from siquan.work.cases.models import Case, CasePhoto, Submission
from siquan.work.cases.services import report_case
from siquan.work.cases.services.reporting import KeyUsedTwice
from siquan.work.cases.states import State
from tests import make


@pytest.fixture(autouse=True)
def _district(db: None) -> None:
    make.rules()
    make.street()


def send(key: str = "k1", **fields: object) -> Case:
    return report_case(make.report(**fields), key=key, by=None, at=make.NOW).case


def test_a_report_becomes_a_case_with_number_place_clock_and_history() -> None:
    case = send()

    assert is_valid(case.number)
    assert (case.state, case.street.code, case.block.code, case.cell.code) == (
        State.REPORTED,
        "110101001",
        "110101001B01",
        "110101001B01001",
    )
    assert case.due_at == make.NOW + make.hours(2)
    assert [entry.event for entry in Entry.objects.about(case)] == ["case.reported"]


def test_the_same_key_again_gives_the_same_case() -> None:
    first = report_case(make.report(), key="k", by=None, at=make.NOW)
    again = report_case(make.report(), key="k", by=None, at=make.NOW + make.hours(1))

    assert (first.is_new, again.is_new, again.case) == (True, False, first.case)
    assert Case.objects.count() == 1


def test_the_same_key_with_another_report_is_refused() -> None:
    send("k")

    with pytest.raises(KeyUsedTwice):
        send("k", text="别的事情")


@pytest.mark.django_db(transaction=True)
def test_ten_taps_at_once_make_one_case() -> None:
    make.rules()
    make.street()
    numbers: list[str] = []
    start = threading.Barrier(10)

    def tap() -> None:
        start.wait()
        try:
            numbers.append(send("same", photos=(make.photo(),)).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=tap) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(numbers) == 10
    assert len(set(numbers)) == 1
    assert Case.objects.count() == Submission.objects.count() == CasePhoto.objects.count() == 1


def test_a_photo_is_kept_with_the_case() -> None:
    case = send(photos=(make.photo("red"), make.photo("green")))

    assert [photo.purpose for photo in case.photos.all()] == ["report", "report"]
    assert StoredFile.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \x00\n "}, "text"),
        ({"text": "长" * 5001}, "text"),
        ({"lat": None}, "lon"),
        ({"lon": None, "lat": None}, "lon"),
        ({"category_code": "nothing"}, "category"),
        ({"photos": (b"not a picture",)}, "photo"),
        ({"photos": (make.photo(),) * 7}, "photos"),
        ({"lon": float("nan")}, "lon"),
        ({"lon": 1e9}, "lon"),
    ],
)
def test_a_report_that_cannot_be_used_is_refused_whole(fields: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        send(**fields)

    assert refused.value.field == field
    assert not Case.objects.exists()
    assert not Entry.objects.exists()
    assert not Submission.objects.exists()


def test_a_place_outside_the_district_is_told() -> None:
    with pytest.raises(OutsideDistrict, match="不在本区"):
        send(lon=make.OUTSIDE[0], lat=make.OUTSIDE[1])


@pytest.mark.parametrize("datum", list(Datum))
def test_a_point_in_any_datum_lands_on_the_same_spot(datum: Datum) -> None:
    lon, lat = convert(*make.INSIDE, Datum.WGS84, datum)

    case = send(lon=lon, lat=lat, datum=datum)

    assert case.lon == pytest.approx(make.INSIDE[0], abs=1e-7)
    assert case.lat == pytest.approx(make.INSIDE[1], abs=1e-7)
    assert case.given_datum == datum


@pytest.mark.parametrize(
    "text", ["'; drop table cases_case; --", "<script>alert(1)</script>", "🚮" * 100, "a\x00b", "\ud800 lone"]
)
def test_strange_words_do_no_harm(text: str) -> None:
    case = send(text=text)

    assert Case.objects.get(pk=case.pk).text
