"""The rates for programs: integers, the lists behind them, appeals by the same rules as the pages."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.accounts.services import make_token
from siquan.insight.scoring import services
from siquan.insight.scoring.models import Appeal
from siquan.insight.scoring.states import VERBS
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.insight.scoring import packs

pytestmark = pytest.mark.django_db
RATES = "/api/v1/rates"


def bearer(person: User) -> dict[str, str]:
    return {"authorization": f"Bearer {make_token(person, label='test', at=make.NOW)}"}


def get(url: str, person: User) -> Any:
    return Client().get(f"{RATES}{url}", headers=bearer(person))


def post(url: str, person: User, **body: Any) -> Any:
    return Client().post(
        f"{RATES}{url}", json.dumps(body), content_type="application/json", headers=bearer(person)
    )


@pytest.fixture(autouse=True)
def reckoned() -> None:
    """Two closed cases of September, reckoned."""
    packs.load()
    make.case(State.CLOSED), make.case(State.CLOSED)
    services.reckon("2026-09", at=make.NOW + timedelta(days=1))


def test_a_period_is_told_in_integers_and_opens_to_its_cases() -> None:
    found = get("/2026-09", make.lead()).json()
    unit = next(each for each in found["units"] if each["code"] == "HW")
    figure = next(each for each in unit["rates"] if each["rate"] == "resolution")
    listed = get("/2026-09/resolution/cases?scope=unit&code=HW&limit=1", make.lead()).json()

    assert (figure["numerator"], figure["denominator"], figure["first_rank"]) == (4, 4, 1)
    assert listed["total"] == figure["cases"] == 2
    assert listed["next"] == 1
    assert sum(each["points"] for each in listed["items"]) == 2
    assert found["source"] == "test"


def test_who_may_not_gets_no_list() -> None:
    other = make.clerk(make.unit("OTHER"))

    assert get("/2026-09", make.user()).status_code == 403
    assert get("/2026-09/resolution/cases?scope=unit&code=HW", other).status_code == 403
    assert get("/2026-09/coverage/cases", make.lead()).status_code == 404
    assert get("/2026-08", make.lead()).status_code == 404
    assert get("/soon", make.lead()).status_code == 422
    assert Client().get(f"{RATES}/2026-09").status_code == 401


def test_an_appeal_goes_its_way_by_the_api() -> None:
    clerk, lead = make.clerk(make.unit("HW")), make.lead()
    case = Case.objects.first()
    assert case is not None
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now())
    said = {"reason": "outside-duty", "text": "不属本区"}

    assert post(f"/appeals/new/{case.number}", make.clerk(make.unit("OTHER")), **said).status_code == 404
    assert post(f"/appeals/new/{case.number}", clerk, reason="sleet", text="x").status_code == 422
    made = post(f"/appeals/new/{case.number}", clerk, **said)
    assert (made.status_code, made.json()["verbs"]) == (201, ["withdraw"])
    key = made.json()["id"]
    assert post(f"/appeals/{key}/grant", clerk, answer="同意").status_code == 403
    assert post(f"/appeals/{key}/grant", lead).status_code == 422
    assert post(f"/appeals/{key}/grant", lead, answer="属实").json()["state"] == "granted"
    assert post(f"/appeals/{key}/refuse", lead, answer="不").status_code == 409
    assert [each["id"] for each in get("/appeals", lead).json()["items"]] == [key]
    assert get(f"/appeals/{key}", make.clerk(make.unit("OTHER"))).status_code == 404
    assert Appeal.objects.get().state == "granted"


def test_every_verb_of_an_appeal_has_an_operation() -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]

    for verb in VERBS:
        assert f"{RATES}/appeals/{{appeal_id}}/{verb}" in paths
