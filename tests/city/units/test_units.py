"""Units: loading a file, asking, looking."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.city.places.models import Division, Level
from siquan.city.units import queries, services
from siquan.city.units.models import Kind, Unit
from tests.counting import statements

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
START, TODAY = date(2020, 1, 1), date(2026, 11, 23)
BACKEND = "siquan.base.accounts.sessions.Accounts"


def row(code: str = "B01", **more: str) -> dict[str, str]:
    return {
        "code": code,
        "name_zh": "东城区城市管理委员会",
        "name_en": "Urban Management Commission",
        "short_zh": "区城管委",
        "kind": "bureau",
        "division": "",
        "source": "test",
    } | more


@pytest.fixture
def street() -> Division:
    return Division.objects.create(
        code="S1", name="和平里街道", level=Level.STREET, valid_from=START, source="test"
    )


def load(*rows: dict[str, str], **more: Any) -> services.Loaded:
    return services.load_units(rows, by=None, at=NOW, valid_from=START, **more)


def test_a_file_is_loaded_once(street: Division, django_assert_max_num_queries: Any) -> None:
    rows = [row(f"U{n}") for n in range(100)] + [row("S01", kind="street_office", division="S1")]

    with django_assert_max_num_queries(8):
        assert len(load(*rows).added) == 101
    again = load(*rows)

    assert (again.added, again.corrected, again.unchanged) == ([], [], 101)
    assert Entry.objects.filter(event="unit.added").count() == 101
    assert Unit.objects.get(code="S01").division == street
    assert Unit.objects.get(code="S01").valid_from == START


def test_a_changed_row_corrects_the_unit_and_says_what_it_was() -> None:
    load(row())

    assert load(row(short_zh="城管委")).corrected == ["B01"]

    assert Unit.objects.get().short_name == "城管委"
    assert Entry.objects.get(event="unit.corrected").details == {"before": {"short_name": "区城管委"}}


def test_every_wrong_row_is_named_and_nothing_is_loaded() -> None:
    with pytest.raises(BadInput) as refused:
        load(row(), row(), row("X", kind="kingdom"), row("Y", division="nowhere"), row("Z", name_zh=" "))

    said = str(refused.value)
    for part in ("code B01 ×2", "4: kind 'kingdom'", "5: division 'nowhere'", "6: no name_zh"):
        assert part in said
    assert not Unit.objects.exists()


def test_units_are_asked_for_as_of_a_day() -> None:
    load(row())
    Unit.objects.update(valid_to=date(2026, 1, 1))
    unit = Unit.objects.get()

    assert queries.unit_by_code("B01", date(2025, 12, 31)) == unit
    with pytest.raises(NotFound):
        queries.unit_by_code("B01", TODAY)
    assert queries.unit_by_id(unit.pk) == unit
    assert queries.units_by_code(["B01"], TODAY) == {}


def test_units_are_found_by_kind_and_words() -> None:
    load(row(), row("E01", name_zh="首开物业", name_en="Shoukai", short_zh="首开", kind="enterprise"))

    assert [each.code for each in queries.units_found("", "", TODAY)] == ["B01", "E01"]
    assert [each.code for each in queries.units_found("shou", "", TODAY)] == ["E01"]
    assert [each.code for each in queries.units_found("e01", "enterprise", TODAY)] == ["E01"]
    assert not queries.units_found("首开", Kind.BUREAU, TODAY)
    assert not queries.units_found("nul\0 %_'", "", TODAY)
    assert [each[::2] for each in queries.kinds_with_counts(TODAY)] == [("bureau", 1), ("enterprise", 1)]


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(User.objects.create_user("reader", name="某人"), BACKEND)
    return client


def test_the_list_shows_names_in_the_readers_language(reader: Client) -> None:
    load(row())
    assert "区城管委" in reader.get("/units/").text

    reader.cookies["django_language"] = "en"
    text = reader.get("/units/").text
    assert "Urban Management Commission" in text
    assert "Units" in text


def test_the_list_is_filtered_and_says_when_it_is_empty(reader: Client) -> None:
    load(row())

    assert "区城管委" in reader.get("/units/?kind=bureau&q=城管").text
    assert "没有找到单位" in reader.get("/units/?kind=garrison").text
    assert reader.get("/units/?kind=%00&q=%00&page=x").status_code == 200


def test_the_list_takes_the_same_statements_for_any_number(reader: Client) -> None:
    load(row())
    one = statements(reader, "/units/")
    load(row("U2"), row("U3"))

    assert statements(reader, "/units/") == one


def test_the_page_of_a_unit_shows_its_facts(reader: Client) -> None:
    load(row())
    unit = Unit.objects.get()

    assert "东城区城市管理委员会" in reader.get(f"/units/{unit.pk}/").text
    Unit.objects.update(valid_to=START)
    assert "已撤销或合并" in reader.get(f"/units/{unit.pk}/").text
    assert reader.get("/units/987654/").status_code == 404


def test_units_need_a_person(client: Client) -> None:
    assert client.get("/units/").status_code == 302
