"""What residents see of the three rates: what the pack makes public, places only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from siquan.base.kernel.periods import Kind, period_of
from siquan.insight.scoring import services
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.counting import statements
from tests.insight.scoring import packs

pytestmark = pytest.mark.django_db


def reckoned(public: str) -> str:
    """Reckon the last month with one case; return its code."""
    packs.load(packs.PLAIN.replace("public: streets", f"public: {public}"))
    case = make.case(State.CLOSED)
    last = period_of(timezone.now(), Kind.MONTH).previous
    Case.objects.filter(pk=case.pk).update(closed_at=last.start + timedelta(days=3))
    services.reckon(last.code, at=timezone.now())
    return last.code


def test_residents_see_the_district_and_its_streets_and_never_a_unit() -> None:
    reckoned("streets")
    words = Client().get("/figures/").content.decode()

    assert "100.0" in words
    assert "东华门街道" in words
    assert "环卫中心" not in words


def test_the_pack_decides_what_is_public() -> None:
    code = reckoned("district")
    assert "东华门街道" not in Client().get("/figures/").content.decode()
    packs.load(packs.PLAIN.replace("public: streets", "public: none").replace('version: "1"', 'version: "2"'))
    services.reckon(code, at=timezone.now())

    assert Client().get("/figures/").status_code == 404


def test_a_month_that_is_not_over_is_not_shown() -> None:
    code = reckoned("streets")
    running = period_of(timezone.now(), Kind.MONTH).code

    for asked in (running, "soon", "2026", "9998-01"):
        assert Client().get(f"/figures/?period={asked}").context["board"].period.code == code


def test_an_older_month_without_figures_leads_back_to_the_newest() -> None:
    code = reckoned("streets")
    older = period_of(timezone.now(), Kind.MONTH).previous.previous.code

    page = Client().get(f"/figures/?period={older}").content.decode()
    assert f'href="?period={code}"' in page
    newest = Client().get("/figures/").content.decode()
    assert f'href="?period={older}"' in newest
    assert f'href="?period={period_of(timezone.now(), Kind.MONTH).code}"' not in newest


def test_before_anything_was_reckoned_the_page_says_what_will_be_there() -> None:
    make.street()

    assert "每个月结束以后" in Client().get("/figures/").content.decode()


def test_the_page_costs_the_same_for_one_street_and_for_three() -> None:
    code = reckoned("streets")
    Client().get("/figures/")
    few = statements(Client(), "/figures/")
    here = make.street()
    for number in range(2, 4):
        make.division(code=f"11010100{number}", parent=here.parent, square=(116.43, 39.93, 116.44, 39.94))
    services.reckon(code, at=timezone.now())
    Client().get("/figures/")  # what changed on the ground is read once

    assert statements(Client(), "/figures/") == few
