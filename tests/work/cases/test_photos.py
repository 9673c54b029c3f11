"""Whose eyes a case's photos are for; who may open an original, and what is told of it."""

from __future__ import annotations

import base64
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from siquan.base.files import services as files
from siquan.base.files.models import StoredFile
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.city.duties.models import Role
from siquan.city.places.models import Site
from siquan.city.rules.models import CaseKind
from siquan.work.cases import queries, services
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.base.files.photos import heic
from tests.counting import statements

pytestmark = pytest.mark.django_db

REASON = "核对遗弃车辆的号牌"


def case_with_photo(state: State = State.FILED, data: bytes | None = None) -> Case:
    return make.case(state, photos=[data or make.photo()])


def file_of(case: Case) -> StoredFile:
    file: StoredFile = case.photos.get().file
    return file


def status(client: Client, case: Case) -> int:
    return client.get(reverse("files:picture", args=[file_of(case).key])).status_code


@pytest.mark.parametrize("state", [State.FILED, State.IN_HAND, State.HANDLED, State.CLOSED])
def test_everybody_sees_the_photos_of_a_filed_case(client, state):
    case = case_with_photo(state)

    assert status(client, case) == 200
    assert "files/" in client.get(reverse("portal:case", args=[case.number])).content.decode()


@pytest.mark.parametrize("state", [State.REPORTED, State.REJECTED, State.VOID])
def test_nobody_else_sees_photos_that_the_centre_has_not_filed(client, state):
    case = case_with_photo(state)

    assert status(client, case) == 404
    assert "/files/" not in client.get(reverse("portal:case", args=[case.number])).content.decode()


def test_photos_of_a_service_matter_are_not_public(client):
    case = case_with_photo()
    service = make.category("P0101", kind=CaseKind.SERVICE)
    Case.objects.filter(pk=case.pk).update(category=service)

    assert status(client, case) == 404


def test_photos_of_a_home_are_not_public(client):
    case = case_with_photo()
    site = Site.objects.create(
        code="S1",
        kind="courtyard",
        name="某院",
        lon=116.41,
        lat=39.91,
        valid_from=make.LONG_AGO,
        source="test",
    )
    Case.objects.filter(pk=case.pk).update(site=site)

    assert status(client, case) == 404


def test_what_a_reporter_adds_later_is_not_public(client):
    case = case_with_photo()
    services.say_as_reporter(
        case.pk, kind="comment", text="再看看", photos=[make.photo("#123456")], at=make.NOW
    )
    added = case.photos.get(purpose="comment").file

    assert client.get(reverse("files:picture", args=[added.key])).status_code == 404
    assert len(queries.public_photos(case.number)) == 1


def test_the_reporter_sees_the_photos_of_a_case_that_is_not_filed(client):
    case = case_with_photo(State.REPORTED)
    client.get(reverse("portal:follow", args=[case.token]))

    assert status(client, case) == 200


def test_everybody_is_shown_something_else_until_the_photo_is_blurred_and_then_the_photo(client):
    case = case_with_photo()
    address = reverse("files:picture", args=[file_of(case).key])
    before = client.get(address)
    files.blur_file(file_of(case), at=make.NOW)
    after = client.get(address)

    assert before["Content-Type"] == "image/svg+xml"
    assert after["Content-Type"] == "image/jpeg"


def test_the_public_page_asks_the_same_number_of_questions_for_one_photo_and_for_three(client):
    three_photos = [make.photo(colour) for colour in ("red", "blue", "tan")]
    one, three = case_with_photo(), make.case(State.FILED, photos=three_photos)
    pages = [reverse("portal:case", args=[each.number]) for each in (one, three)]
    client.get(pages[0])

    assert statements(client, pages[0]) == statements(client, pages[1])


def test_the_lead_of_the_centre_opens_an_original_for_a_reason_and_the_journal_tells_of_it():
    case, lead = case_with_photo(data=heic()), make.lead()

    opened = services.open_original(case.pk, key=file_of(case).key, by=lead, at=make.NOW, reason=REASON)

    assert opened.content == heic()
    assert opened.picture.startswith(b"\xff\xd8")
    entry = Entry.objects.get(event="file.original_opened")
    assert (entry.about_type, entry.about_id, entry.by_id) == ("case", case.pk, lead.pk)
    assert entry.details == {"file": file_of(case).pk, "reason": REASON}


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.LEADER, Role.ADMIN, Role.RULE_EDITOR])
def test_nobody_but_the_lead_of_the_centre_opens_an_original(role):
    case = case_with_photo()

    with pytest.raises(PermissionDenied, match="只有中心负责人"):
        services.open_original(
            case.pk, key=file_of(case).key, by=make.staff(role), at=make.NOW, reason=REASON
        )
    assert not Entry.objects.filter(event="file.original_opened").exists()


@pytest.mark.parametrize("reason", ["", "   ", "看看", "\n\t  x"])
def test_without_a_reason_no_original_is_opened(reason):
    case = case_with_photo()

    with pytest.raises(BadInput, match="理由"):
        services.open_original(case.pk, key=file_of(case).key, by=make.lead(), at=make.NOW, reason=reason)
    assert not Entry.objects.filter(event="file.original_opened").exists()


def test_a_photo_of_another_case_is_not_opened_by_way_of_this_one():
    case, other = case_with_photo(), case_with_photo()

    with pytest.raises(NotFound):
        services.open_original(case.pk, key=file_of(other).key, by=make.lead(), at=make.NOW, reason=REASON)


def test_the_page_asks_why_and_then_shows_the_original_once_inside_itself(client):
    case = case_with_photo()
    client.force_login(make.lead())
    address = reverse("cases:original", args=[case.number, file_of(case).key])

    asked = client.get(address).content.decode()
    refused = client.post(address, {"reason": ""})
    shown = client.post(address, {"reason": REASON})
    again = client.get(address).content.decode()

    assert "data:image" not in asked + again
    assert refused.status_code == 422
    assert "no-store" in shown["Cache-Control"]
    inside = re.search(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", shown.content.decode())
    assert inside
    assert base64.b64decode(inside[1]).startswith(b"\xff\xd8")
    assert Entry.objects.filter(event="file.original_opened").count() == 1


def test_the_case_tells_that_an_original_was_opened_and_why(client):
    case, lead = case_with_photo(), make.lead()
    services.open_original(case.pk, key=file_of(case).key, by=lead, at=make.NOW, reason=REASON)
    client.force_login(make.dispatcher())

    page = client.get(reverse("cases:case", args=[case.number])).content.decode()

    assert "查看了照片原图" in page
    assert REASON in page


def test_only_who_may_open_originals_is_offered_it(client):
    case = case_with_photo()
    address = reverse("cases:original", args=[case.number, file_of(case).key])
    pages = {}
    for name, person in {"lead": make.lead(), "dispatcher": make.dispatcher()}.items():
        client.force_login(person)
        pages[name] = client.get(reverse("cases:case", args=[case.number])).content.decode()

    assert address in pages["lead"]
    assert address not in pages["dispatcher"]
