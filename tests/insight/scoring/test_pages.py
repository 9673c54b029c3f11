"""Pages of the rates: who sees what, figures that open, the cost of a page."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from siquan.city.units.models import Unit
from siquan.insight.scoring import services
from siquan.insight.scoring.models import Rate
from siquan.work.cases.states import State
from tests import make
from tests.counting import statements
from tests.insight.scoring import packs

pytestmark = pytest.mark.django_db
PERIOD = "?period=2026-09"


def signed_in(person: object) -> Client:
    """Return a browser of somebody."""
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


@pytest.fixture
def reckoned() -> None:
    """Three closed cases of September, reckoned."""
    packs.load()
    for _each in range(3):
        make.case(State.CLOSED)
    services.reckon("2026-09", at=make.NOW + timedelta(days=1))


@pytest.mark.parametrize("address", ["", "response/", "resolution/", "formula/", "resolution/cases/"])
def test_the_centre_sees_every_page_in_both_languages(reckoned: None, address: str) -> None:
    client = signed_in(make.lead())
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        assert client.get(f"/rates/{address}{PERIOD}").status_code == 200


def test_a_tile_shows_two_integers_a_date_and_that_the_formula_is_assumed(reckoned: None) -> None:
    words = signed_in(make.lead()).get(f"/rates/{PERIOD}").content.decode()

    assert "6 / 6" in words
    assert "100.0" in words
    assert "9月24日" in words


def test_a_figure_opens_to_the_cases_it_counted(reckoned: None) -> None:
    client = signed_in(make.lead())
    row = Rate.objects.get(rate="resolution", scope="unit", code="HW")
    address = f"/rates/resolution/cases/{PERIOD}&scope=unit&code=HW"

    shown = client.get(address)
    listed = client.get(address.replace("cases/", "cases.csv"))
    lines = list(csv.reader(io.StringIO(b"".join(listed.streaming_content).decode("utf-8-sig"))))  # type: ignore[arg-type]

    assert len(shown.context["lines"]) == len(lines) - 1 == row.cases == 3
    assert sum(int(line[6]) for line in lines[1:]) == row.numerator == 6


def test_no_name_in_a_list_that_leaves_is_a_formula(reckoned: None) -> None:
    Unit.objects.filter(code="HW").update(name="=HYPERLINK(1)", short_name="=HYPERLINK(1)")
    listed = signed_in(make.lead()).get(f"/rates/resolution/cases.csv{PERIOD}&scope=unit&code=HW")
    lines = list(csv.reader(io.StringIO(b"".join(listed.streaming_content).decode("utf-8-sig"))))  # type: ignore[arg-type]

    assert {line[3] for line in lines[1:]} == {"'=HYPERLINK(1)"}


def test_a_unit_opens_its_own_list_only(reckoned: None) -> None:
    own, other = signed_in(make.clerk(make.unit("HW"))), signed_in(make.clerk(make.unit("OTHER")))
    address = f"/rates/resolution/cases/{PERIOD}&scope=unit&code=HW"

    assert own.get(address).status_code == 200
    assert other.get(address).status_code == 403
    assert own.get(f"/rates/resolution/cases/{PERIOD}").status_code == 403
    assert own.get(f"/rates/{PERIOD}").status_code == 200


def test_who_holds_no_duty_sees_no_rates(reckoned: None) -> None:
    assert signed_in(make.user()).get(f"/rates/{PERIOD}").status_code == 403
    assert Client().get(f"/rates/{PERIOD}").status_code == 302


def test_unknown_rates_places_and_periods_are_told_apart(reckoned: None) -> None:
    client = signed_in(make.lead())

    assert client.get(f"/rates/coverage/{PERIOD}").status_code == 404
    assert client.get(f"/rates/resolution/cases/{PERIOD}&scope=person&code=1").status_code == 404
    assert client.get(f"/rates/resolution/cases/{PERIOD}&scope=unit&code=NOBODY").status_code == 404
    assert client.get(f"/rates/resolution/cases/{PERIOD}&part=some").status_code == 404
    assert client.get("/rates/?period=soon").status_code == 400
    assert "还没有计算" in client.get("/rates/?period=2025-01").content.decode()


def test_a_page_costs_the_same_for_one_case_and_for_many(reckoned: None) -> None:
    client = signed_in(make.lead())
    addresses = ["", "resolution/", "resolution/cases/"]
    few = [statements(client, f"/rates/{each}{PERIOD}") for each in addresses]
    for number in range(3):
        make.case(State.CLOSED, of=make.unit(f"MORE{number}"))
    services.reckon("2026-09", at=make.NOW + timedelta(days=2))

    assert [statements(client, f"/rates/{each}{PERIOD}") for each in addresses] == few


def test_pages_work_before_anything_was_loaded() -> None:
    make.street()
    client = signed_in(make.lead())

    assert "还没有计算" in client.get("/rates/").content.decode()
    assert client.get("/rates/formula/").status_code == 404


def test_a_page_never_offers_a_list_that_would_be_refused(reckoned: None) -> None:
    own, other = signed_in(make.clerk(make.unit("HW"))), signed_in(make.clerk(make.unit("OTHER")))

    for address in (f"/rates/{PERIOD}", f"/rates/resolution/{PERIOD}&by=unit"):
        assert "scope=unit&amp;code=HW" in own.get(address).content.decode()
        assert "/cases/?period" not in other.get(address).content.decode()
