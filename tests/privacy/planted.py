"""Unmistakable personal data, and the world in which it is planted through every door people use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from siquan.base.journal.worker import drain
from siquan.base.notices import jobs as notices
from siquan.work.cases import services
from siquan.work.cases.models import Case, CommentKind
from siquan.work.cases.services import import_files
from tests import make
from tests.architecture.test_addresses import World

NAME: Final = "欧阳晓泉"
PHONE: Final = "13987654321"
SECOND_PHONE: Final = "13787654322"
TICKET_PHONE: Final = "13687654323"
STAFF_PHONE: Final = "13587654324"
EMAIL: Final = "ouyang.xq@planted.example"
STAFF_EMAIL: Final = "zhu.staff@planted.example"
CARD: Final = "110101198807230016"
PLATE: Final = "京Q8K7M2"
DOOR: Final = "6单元1403室"
ADDRESS: Final = f"北锣鼓巷77号院4号楼{DOOR}"
HOME: Final = (116.4112345, 39.9123456)
REASON_PHONE: Final = "13487654325"

# What must be found nowhere, by the name under which a leak is told.
NEEDLES: Final = {
    "name": NAME,
    "phone": PHONE,
    "second phone": SECOND_PHONE,
    "ticket phone": TICKET_PHONE,
    "staff phone": STAFF_PHONE,
    "reason phone": REASON_PHONE,
    "email": EMAIL,
    "staff email": STAFF_EMAIL,
    "card": CARD,
    "plate": PLATE,
    "door": DOOR,
}
# Where a home is, to some metres.
POSITIONS: Final = ("116.41123", "39.91234")
TEXT: Final = f"我是{NAME}，家里漏水，电话{PHONE}，邮箱{EMAIL}，身份证{CARD}，车{PLATE}堵了门。"


@dataclass
class Planted:
    """The world with the cases that hold what was planted."""

    world: World
    case: Case  # the one every address of the world leads to
    home: Case  # reported from a home by the page for residents
    ticket: Case

    @property
    def tokens(self) -> list[str]:
        """Return the private links."""
        return [self.case.token, self.home.token, self.ticket.token]


def plant(world: World) -> Planted:
    """Let people say everything about themselves wherever they can write something."""
    people, now = world.people, timezone.now()
    home = _by_page()
    _by_api()
    ticket = _by_file(world)
    case = Case.objects.get(number=world.parts["number"])
    for each in (home, ticket):
        _say(each)
    _say(case)
    services.set_place(
        home.pk, by=people["dispatcher"], at=now, lon=HOME[0], lat=HOME[1], address=f"{ADDRESS}，{PHONE}"
    )
    services.ACTS["ask-reporter"](case.pk, by=people["clerk"], at=now, question=f"是{REASON_PHONE}的机主吗？")
    services.ACTS["hear-reporter"](case.pk, by=people["clerk"], at=now, note=f"打过{REASON_PHONE}")
    services.ACTS["ask-extension"](
        case.pk, by=people["clerk"], at=make.NOW, amount=2, measure="working-days", reason=f"等{REASON_PHONE}"
    )
    services.unmask(case.pk, by=people["lead"], at=now, reason=f"核实{REASON_PHONE}")
    for number, person in enumerate(people.values()):
        person.phone = STAFF_PHONE
        person.email = f"{number}{STAFF_EMAIL}"
        person.save()
    services.ACTS["reject"](home.pk, by=people["dispatcher"], at=now, reason=f"请改打{REASON_PHONE}")
    services.say_as_reporter(
        home.pk, at=now, kind=CommentKind.REOPEN_WISH, text=f"我是{NAME}，打{SECOND_PHONE}"
    )
    drain()
    while notices.deliver_due():
        pass
    return Planted(world, case, Case.objects.get(pk=home.pk), ticket)


def _say(case: Case) -> None:
    words = f"再打{SECOND_PHONE}或写{EMAIL}，证{CARD}"
    services.say_as_reporter(case.pk, at=timezone.now(), kind=CommentKind.COMMENT, text=words)


def _by_page() -> Case:
    client = Client()
    client.get("/report/")
    given = {
        "text": TEXT,
        "lon": str(HOME[0]),
        "lat": str(HOME[1]),
        "accuracy": "12",
        "address": ADDRESS,
        "phone": PHONE,
        "category": "",
        "key": _key(client),
    }
    answer: Any = client.post("/report/", given)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    changed = client.post("/report/", {**given, "text": f"{TEXT}又：{SECOND_PHONE}"})  # kept in the session
    assert changed.status_code == 302
    return Case.objects.get(token=answer["Location"].strip("/").split("/")[1])


def _key(client: Client) -> str:
    page = client.get("/report/").content.decode()
    return page.split('name="key" value="')[1].split('"')[0]


def _by_api() -> None:
    body = {
        "text": TEXT,
        "lon": HOME[0],
        "lat": HOME[1],
        "datum": "WGS84",
        "phone": PHONE,
        "address": ADDRESS,
    }
    answer: Any = Client().post(
        "/api/v1/reports", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": "p"}
    )
    assert answer.status_code == 201
    assert Client().post("/api/v1/reports", "{", content_type="application/json").status_code == 422


def _by_file(world: World) -> Case:
    table = (
        f"工单编号,内容,地址,姓名,电话,类别,经度,纬度,坐标系\n"
        f"P1,{TEXT},{ADDRESS},{NAME},{TICKET_PHONE},找{TICKET_PHONE}问,,,\n"
        f"P2,,{ADDRESS},{NAME},{TICKET_PHONE},,{TICKET_PHONE},x{PHONE},\n"
    ).encode()
    by = world.people["dispatcher"]
    client = world.clients["dispatcher"]
    shown: Any = client.post("/cases/import/", {"file": SimpleUploadedFile("t.csv", table)})
    assert shown.status_code == 302, shown.content.decode()[:2000]
    key = int(shown["Location"].rstrip("/").rsplit("/", 1)[1])
    client.get(shown["Location"])
    import_files.start_import(key, by=by, at=timezone.now())
    world.parts["import"] = key
    return Case.objects.get(source_ref="P1")
