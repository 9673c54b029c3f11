"""Everything held about a person, handed out or erased; the cases stay, and nobody is named in doing so."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from siquan.base.journal import worker
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.privacy import services
from siquan.base.privacy.models import PersonRequest, Tombstone, Why
from siquan.work.cases import services as cases
from siquan.work.cases.models import Case, CommentKind, Reporter
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db
PHONE = "13812345678"
TEXT = "家里漏水，打13812345678"
LATER = make.NOW + timedelta(days=31)


def ask(person: str = PHONE, **more: Any) -> dict[str, Any]:
    return {"person": person, "by": None, "at": LATER, "reason": "本人申请", **more}


def reported(state: State = State.CLOSED, **fields: Any) -> Case:
    return make.case(state, **{"text": TEXT, "name": "王小明", "phone": PHONE, **fields})


def test_everything_told_is_handed_out_with_the_photos() -> None:
    case = reported(photos=[make.photo()])
    cases.say_as_reporter(case.pk, at=make.NOW, kind=CommentKind.COMMENT, text="或13912345678")
    reported(phone="13700000000")
    early = zipfile.ZipFile(io.BytesIO(services.export_person(**ask("+86 138 1234 5678"))))
    assert json.loads(early.read("data.json"))[0]["photos_not_ready"] == 1
    assert early.namelist() == ["data.json"], "nothing unblurred leaves"
    worker.drain_beside()

    packed = zipfile.ZipFile(io.BytesIO(services.export_person(**ask("+86 138 1234 5678"))))

    (found,) = json.loads(packed.read("data.json"))
    assert (found["number"], found["name"], found["phone"]) == (case.number, "王小明", PHONE)
    assert (found["text"], found["remarks"][0]["text"]) == (TEXT, "或13912345678")
    assert found["history"][0]["event"] == "case.reported"
    assert packed.read(f"pictures/{found['photos'][0]}").startswith(b"\xff\xd8")


def test_the_private_link_gives_its_one_case() -> None:
    case = reported()
    reported()

    found = services.look_up(**ask(f"https://siquan.example/r/{case.token}/"))

    assert [each.title for each in found] == [case.number]
    assert len(services.look_up(**ask())) == 2


def test_erasing_leaves_the_case_and_a_tombstone() -> None:
    case = reported()

    (done,) = services.erase_person(**ask())

    assert (done.title, done.refused) == (case.number, "")
    assert Case.objects.get(pk=case.pk).text == "家里漏水，打138****5678"
    assert Reporter.objects.get(case=case).phone == ""
    stone = Tombstone.objects.get()
    assert (stone.why, stone.about_id, stone.kind) == (Why.ERASURE, case.pk, "contact")
    with pytest.raises(NotFound):
        services.look_up(**ask())


def test_what_must_be_kept_is_refused_with_the_reason() -> None:
    reported(State.IN_HAND)
    (still_open,) = services.erase_person(**ask())
    assert "还在办理" in str(still_open.refused)

    reported(phone="13700000000")
    (too_early,) = services.erase_person(**ask("13700000000", at=make.NOW + timedelta(days=10)))
    assert "30天" in str(too_early.refused)
    assert "还差20天" in str(too_early.refused)
    assert not Tombstone.objects.exists()
    assert Reporter.objects.filter(phone__empty=False).count() == 2


def test_a_colleague_has_to_be_closed_first() -> None:
    person = make.user(phone=PHONE, email="li@example.org")
    (kept,) = services.erase_person(**ask())
    assert "停用" in str(kept.refused)

    person.is_active = False
    person.save()
    (gone,) = services.erase_person(**ask())

    person.refresh_from_db()
    assert gone.refused == ""
    assert (person.phone, person.phone_print, person.email) == ("", "", "")
    assert services_found() == []


def services_found() -> list[Any]:
    try:
        return services.look_up(**ask())
    except NotFound:
        return []


def test_the_journal_says_who_asked_and_why_but_not_about_whom() -> None:
    case, admin = reported(), make.user()
    services.look_up(**ask(by=admin, reason="本人来电13812345678"))
    services.export_person(**ask(by=admin))
    services.erase_person(**ask(by=admin))

    entries = list(Entry.objects.filter(event__startswith="privacy.").order_by("id"))
    assert [each.event.rpartition("_")[2] for each in entries] == ["up", "exported", "erased"]
    told = json.dumps([each.details for each in entries], ensure_ascii=False)
    for secret in (PHONE, "王小明", case.number, case.token):
        assert secret not in told
    assert entries[0].details["reason"] == "本人来电138****5678"
    assert PersonRequest.objects.filter(by=admin).count() == 3
    assert not PersonRequest.objects.filter(reason__contains=PHONE).exists()


@pytest.mark.parametrize("person", ["", "王小明", "123", "https://siquan.example/c/2600012349/"])
def test_what_names_nobody_is_refused(person: str) -> None:
    with pytest.raises(BadInput):
        services.look_up(**ask(person))


def test_without_a_reason_nothing_is_told() -> None:
    reported()
    for service in (services.look_up, services.export_person, services.erase_person):
        with pytest.raises(BadInput):
            service(**ask(reason=" "))
    assert not PersonRequest.objects.exists()


def test_the_commands_do_the_same(tmp_path: Path) -> None:
    reported(at=make.NOW - timedelta(days=60))
    out, told = tmp_path / "person.zip", StringIO()

    call_command("privacy_export", "--phone", PHONE, "--reason", "本人申请", "--out", str(out), stdout=told)
    call_command("privacy_erase", "--phone", PHONE, "--reason", "本人申请", stdout=told)

    assert TEXT in zipfile.ZipFile(out).read("data.json").decode()
    assert out.stat().st_mode & 0o077 == 0
    assert "erased" in told.getvalue()
    with pytest.raises(CommandError):
        call_command(
            "privacy_export", "--phone", PHONE, "--reason", "本人申请", "--out", str(out), stdout=told
        )
