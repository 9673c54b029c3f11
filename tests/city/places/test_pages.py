"""The pages about divisions."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from siquan.base.accounts.models import User
from siquan.city.places import services
from tests import make
from tests.city.places import ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_district")]
MERGER = date(2026, 7, 1)


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(User.objects.create_user("reader"))
    return client


def test_the_streets_are_listed_with_what_lies_in_them(reader: Client) -> None:
    answer = reader.get("/places/")

    seen = answer.context["seen"]
    assert [(line.area.name, dict(line.counts), line.sites) for line in seen.streets] == [
        ("东山街道", {"community": 2, "block": 2, "cell": 4}, 3),
        ("西水街道", {"community": 2, "block": 2, "cell": 4}, 2),
    ]
    assert (seen.totals["cell"], seen.sites) == (8, 5)
    assert seen.streets[0].km2 == pytest.approx(4 * 0.2374, abs=0.01)
    assert "东山街道" in answer.content.decode()


def test_a_day_before_a_merger_shows_the_old_streets(reader: Client) -> None:
    services.merge_divisions(
        list(ground.STREETS),
        into="110101909",
        name="山水街道",
        on=MERGER,
        by=None,
        at=make.NOW,
        reason="撤并",
    )

    def names(on: str) -> list[str]:
        return [line.area.name for line in reader.get("/places/", {"on": on}).context["seen"].streets]

    assert names("2026-06-30") == ["东山街道", "西水街道"]
    assert names("2026-07-01") == ["山水街道"]
    block = reader.get(f"/places/{ground.A}B01/", {"on": "2026-07-01"})
    assert block.context["seen"].parent.name == "山水街道"
    assert [version.valid_from for version in block.context["seen"].versions] == [MERGER, make.LONG_AGO]


def test_a_street_shows_its_blocks_communities_and_kinds_of_sites(reader: Client) -> None:
    seen = reader.get(f"/places/{ground.A}/").context["seen"]

    assert [line.area.code for line in seen.blocks] == [f"{ground.A}B01", f"{ground.A}B02"]
    assert [line.kind_name for line in seen.blocks] == ["文化型", "文化型"]
    assert len(seen.communities) == 2
    assert seen.cells == 4
    assert sorted(seen.kinds) == [("小学", 1), ("背街小巷", 1), ("菜市场", 1)]


@pytest.mark.parametrize("code", ["999", f"{ground.A}B01001", "110101", "x" * 300])
def test_what_is_no_street_and_no_block_has_no_page(reader: Client, code: str) -> None:
    assert reader.get(f"/places/{code}/").status_code == 404


@pytest.mark.parametrize("on", ["", "yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "\0"])
def test_any_day_can_be_asked_for(reader: Client, on: str) -> None:
    assert reader.get("/places/", {"on": on}).status_code == 200


def test_a_day_without_divisions_says_what_to_do(reader: Client) -> None:
    assert "这一天还没有区划" in reader.get("/places/", {"on": "1999-01-01"}).content.decode()


@pytest.mark.parametrize("address", ["/places/", f"/places/{ground.A}/"])
def test_strangers_are_asked_to_sign_in(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302


def test_the_number_of_statements_does_not_grow_with_the_streets(
    reader: Client, settings: object, django_assert_max_num_queries: object
) -> None:
    reader.get("/places/")
    settings.RECHECK_SECONDS = 3600.0  # type: ignore[attr-defined]
    for address in ("/places/", f"/places/{ground.A}/", f"/places/{ground.A}B01/"):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            reader.get(address)
