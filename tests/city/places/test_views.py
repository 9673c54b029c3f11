"""What pages ask while a person types or points."""

from __future__ import annotations

import pytest
from django.test import Client

from siquan.base.kernel.coordinates import Datum, convert
from siquan.city.places import geography
from siquan.city.places.models import Division
from tests.city.places import ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_district")]
HERE = ground.middle(0, 0)


def test_a_name_is_found_while_typing(client: Client) -> None:
    answer = client.get("/places/search", {"q": "柳树"})

    assert answer.status_code == 200
    assert answer.json()[0] == {
        "name": "柳树胡同",
        "kind": "alley",
        "kind_name": "背街小巷",
        "lon": HERE[0],
        "lat": HERE[1],
        "accuracy": 150,
        "street": "东山街道",
        "why": "",
    }
    assert answer["Cache-Control"] == "private, max-age=60"


def test_streets_are_told_in_english(client: Client) -> None:
    Division.objects.filter(name="东山街道").update(name_en="East Hill Street")
    geography.forget()

    answer = client.get("/places/search", {"q": "柳树"}, headers={"accept-language": "en"})

    assert answer.json()[0]["street"] == "East Hill Street"


def test_only_what_has_a_point_is_offered(client: Client) -> None:
    assert client.get("/places/search", {"q": "东山街道"}).json() == []
    assert client.get("/places/search", {"q": ""}).json() == []
    assert client.get("/places/search").json() == []


def test_the_nearer_namesake_is_offered_first(client: Client) -> None:
    lon, lat = ground.middle(3, 1)
    offered = client.get("/places/search", {"q": "便民菜市场", "lon": lon, "lat": lat}).json()
    assert [place["street"] for place in offered] == ["西水街道", "东山街道"]


@pytest.mark.parametrize("datum", Datum)
def test_a_point_is_told_with_what_is_near(client: Client, datum: Datum) -> None:
    lon, lat = convert(*HERE, Datum.WGS84, datum)

    told = client.get("/places/here", {"lon": lon, "lat": lat, "datum": datum.value}).json()

    assert told["inside"] is True
    assert told["street"] == {"code": ground.A, "name": "东山街道", "kind": ""}
    assert told["block"]["kind"] == "culture"
    assert told["community"] is None
    assert told["near"] == {"name": "柳树胡同", "kind": "alley", "metres": 0}
    assert told["words"] == "东山街道，柳树胡同附近"


def test_outside_is_told_in_words(client: Client) -> None:
    told = client.get("/places/here", {"lon": 116.0, "lat": 39.0}).json()
    assert (told["inside"], told["street"], told["near"]) == (False, None, None)
    assert "不在本区范围内" in told["words"]


@pytest.mark.parametrize(
    ("address", "given", "field"),
    [
        ("/places/search", {"q": "长" * 61}, "q"),
        ("/places/search", {"q": "柳树", "lon": "116.4", "lat": "Infinity"}, "lat"),
        ("/places/search", {"q": "街", "lon": "x"}, "lon"),
        ("/places/here", {}, "lon"),
        ("/places/here", {"lon": "116.4"}, "lat"),
        ("/places/here", {"lon": "116.4", "lat": "nan"}, "lat"),
        ("/places/here", {"lon": "39.9", "lat": "116.4"}, "lon"),
        ("/places/here", {"lon": "116.4", "lat": "39.9", "datum": "moon"}, "datum"),
        ("/places/here", {"lon": "9" * 100_000, "lat": "39.9"}, "lon"),
        ("/places/here", {"lon": "'; drop table places_site; --", "lat": "\0"}, "lon"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_field(
    client: Client, address: str, given: dict[str, str], field: str
) -> None:
    answer = client.get(address, given)

    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["errors"][0]["field"] == field
    assert "max-age" not in answer["Cache-Control"]


@pytest.mark.parametrize("typed", ["<script>", "\0", "%_\\", "😀", "' or 1=1 --", "\u202e"])
def test_strange_characters_do_no_harm(client: Client, typed: str) -> None:
    assert client.get("/places/search", {"q": typed}).status_code == 200


@pytest.mark.parametrize("address", ["/places/search", "/places/here"])
def test_only_reading_is_answered(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_the_number_of_statements_does_not_grow_with_what_is_found(
    client: Client, settings: object, django_assert_num_queries: object
) -> None:
    client.get("/places/search", {"q": "街"})
    settings.RECHECK_SECONDS = 3600.0  # type: ignore[attr-defined]
    for typed in ("柳树胡同小学", "街", "市场"):
        with django_assert_num_queries(0):  # type: ignore[operator]
            client.get("/places/search", {"q": typed})
    with django_assert_num_queries(1):  # type: ignore[operator]
        client.get("/places/here", {"lon": HERE[0], "lat": HERE[1]})
