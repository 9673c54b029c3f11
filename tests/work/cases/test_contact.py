"""Who reported is masked everywhere; seeing it takes a reason, leaves a trace, and happens once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from siquan.base.accounts.services import make_token
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput
from siquan.city.duties.models import Role
from siquan.work.cases import services
from siquan.work.cases.models import Case, CommentKind
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db
TEXT = "家里漏水，打13812345678"
PRIVATE = ("13812345678", "王小明", "501室")


def reported() -> Case:
    case = make.case(
        State.IN_HAND, text=TEXT, name="王小明", phone="13812345678", address="钱粮胡同3号楼2单元501室"
    )
    services.say_as_reporter(case.pk, at=make.NOW, kind=CommentKind.COMMENT, text="或者打13912345678")
    return case


def test_a_reason_opens_everything_and_stays_in_the_journal() -> None:
    case, centre = reported(), make.dispatcher()

    found = services.unmask(case.pk, by=centre, at=make.NOW, reason="电话核实地点")

    assert (found.name, found.phone, found.text) == ("王小明", "13812345678", TEXT)
    assert found.address == "钱粮胡同3号楼2单元501室"
    assert [each.text for each in found.remarks] == ["或者打13912345678"]
    entry = Entry.objects.get(event="case.unmasked")
    assert (entry.by_id, entry.details["reason"]) == (centre.pk, "电话核实地点")
    assert entry.details["fields"] == ["name", "phone", "text", "address", "remarks"]
    assert not any(each in json.dumps(entry.details, ensure_ascii=False) for each in PRIVATE)


@pytest.mark.parametrize("reason", ["", " ", "。"])
def test_without_a_reason_nothing_opens(reason: str) -> None:
    case = reported()

    with pytest.raises(BadInput, match="为什么"):
        services.unmask(case.pk, by=make.dispatcher(), at=make.NOW, reason=reason)
    assert not Entry.objects.filter(event="case.unmasked").exists()


def test_only_the_unit_and_the_centre_may_see_it() -> None:
    case = reported()
    assert services.unmask(case.pk, by=make.clerk(case.unit), at=make.NOW, reason="预约上门").phone

    for person in (make.clerk(make.unit("OTHER")), make.checker(make.street()), make.staff(Role.LEADER)):
        with pytest.raises(PermissionDenied, match="责任单位或中心"):
            services.unmask(case.pk, by=person, at=make.NOW, reason="预约上门")


def test_a_case_without_contact_opens_to_nothing() -> None:
    found = services.unmask(make.case().pk, by=make.dispatcher(), at=make.NOW, reason="核实")

    assert (found.name, found.phone, found.text, list(found.remarks)) == ("", "", "", [])


def test_the_page_asks_why_shows_once_and_is_kept_by_no_browser(client: Client) -> None:
    case = reported()
    client.force_login(make.dispatcher())
    address = f"/cases/{case.number}/contact/"

    asked: Any = client.get(address)
    refused: Any = client.post(address, {"reason": ""})
    shown: Any = client.post(address, {"reason": "电话核实地点"})
    again: Any = client.get(address)

    assert (asked.status_code, refused.status_code, shown.status_code) == (200, 422, 200)
    for each in PRIVATE:
        assert each in shown.content.decode()
        assert each not in asked.content.decode() + refused.content.decode() + again.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert "138****5678" in asked.content.decode()


def test_the_case_page_stays_masked_and_leads_there(client: Client) -> None:
    case = reported()
    client.force_login(make.dispatcher())

    page = client.get(f"/cases/{case.number}/").content.decode()

    assert f"/cases/{case.number}/contact/" in page
    assert "138****5678" in page
    assert not any(each in page for each in PRIVATE)
    client.force_login(make.checker(make.street()))
    assert f"/cases/{case.number}/contact/" not in client.get(f"/cases/{case.number}/").content.decode()


def test_a_program_gives_a_reason_too(client: Client) -> None:
    case, centre = reported(), make.dispatcher()
    headers = {"authorization": f"Bearer {make_token(centre, label='x', at=make.NOW)}"}
    address = f"/api/v1/cases/{case.number}"

    def ask(body: Any) -> Any:
        return client.post(
            f"{address}/contact", json.dumps(body), content_type="application/json", headers=headers
        )

    assert ask({}).status_code == 422
    found = ask({"reason": "电话核实地点"})
    assert found.status_code == 200
    assert found.json()["phone"] == "13812345678"
    assert found.json()["remarks"] == ["或者打13912345678"]
    assert "no-store" in found["Cache-Control"]
    plain = client.get(address, headers=headers).content.decode()
    assert not any(each in plain for each in PRIVATE)
