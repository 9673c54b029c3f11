"""What ends: originals of photos, numbers of those who saw it too, files of tickets."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from siquan.base.files import queries as stored
from siquan.base.files import services as files
from siquan.base.files.models import StoredFile
from siquan.base.files.services import originals
from siquan.base.kernel import sealing
from siquan.base.kernel.errors import NotPossible
from siquan.base.privacy import services as privacy
from siquan.base.privacy.models import Tombstone
from siquan.base.privacy.registry import Person
from siquan.work.cases import services
from siquan.work.cases.joiners import Joiner
from siquan.work.cases.models import Case
from siquan.work.cases.services import (
    forgetting,
    import_files,
    joined_forgetting,
    old_originals,
    ticket_bytes,
)
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db
LATER = make.NOW + timedelta(days=731)
PHONE = "13812345678"


def case_with_photo(state: State = State.CLOSED) -> Case:
    case = make.case(state, photos=[make.photo()])
    files.blur_file(file_of(case), at=make.NOW)
    return case


def file_of(case: Case) -> StoredFile:
    file: StoredFile = case.photos.get().file
    return file


def test_an_original_ends_and_the_picture_its_hash_and_a_tombstone_stay(django_capture_on_commit_callbacks):
    case = case_with_photo()
    before = file_of(case)
    assert default_storage.exists(before.sealed_path)

    with django_capture_on_commit_callbacks(execute=True):
        gone = privacy.retain(at=LATER)

    after = file_of(case)
    assert gone["originals"] == 1
    assert not default_storage.exists(before.sealed_path)
    assert bytes(after.sealed_key) == b""
    assert (after.sha256, after.original_sha256, after.likeness) == (
        before.sha256,
        before.original_sha256,
        before.likeness,
    )
    assert stored.picture_bytes(after).startswith(b"\xff\xd8")
    stone = Tombstone.objects.get(kind="originals")
    assert (stone.about_type, stone.about_id) == ("storedfile", after.pk)


@pytest.mark.parametrize("state", [State.FILED, State.IN_HAND, State.HANDLED])
def test_the_original_of_an_open_case_is_kept(state):
    case_with_photo(state)

    assert old_originals.count_originals(LATER) == 0


def test_an_original_that_was_never_covered_is_kept_and_the_database_insists():
    case = make.case(State.CLOSED, photos=[make.photo()])

    assert privacy.retain(at=LATER)["originals"] == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=file_of(case).pk).update(
            sealed_name="", sealed_key=b"", original_removed_at=LATER
        )


def test_an_original_is_kept_until_its_days_are_over():
    case_with_photo()

    assert privacy.retain(at=make.NOW + timedelta(days=729))["originals"] == 0


def test_a_dry_run_counts_and_removes_nothing(monkeypatch, settings):
    case = case_with_photo()
    call_command("privacy_retention", "--dry-run", stdout=(out := io.StringIO()))
    line = next(line for line in out.getvalue().splitlines() if line.startswith("originals"))

    assert "730 days" in line
    assert "to remove" in line
    assert old_originals.count_originals(LATER) == 1
    assert file_of(case).has_original


def test_a_removed_original_is_neither_opened_nor_asked_for_nor_made_anew(client):
    case, lead = case_with_photo(), make.lead()
    privacy.retain(at=LATER)
    client.force_login(lead)
    page = client.get(reverse("cases:case", args=[case.number])).content.decode()
    given = {"key": file_of(case).key, "by": lead, "at": LATER, "reason": "核对号牌"}

    assert "查看原图" not in page
    assert "/cover-photo/" not in page
    assert "/withhold-photo/" in page
    with pytest.raises(NotPossible, match="保存期限"):
        services.open_original(case.pk, **given)
    with pytest.raises(NotPossible, match="不能重做"):
        services.cover_photo(case.pk, **given, areas=[(0, 0, 500, 500)])


def test_rotating_keys_passes_by_what_was_removed():
    case_with_photo()
    privacy.retain(at=LATER)

    assert originals.rotate_keys() == 0


def joined(phone: str = PHONE, state: State = State.FILED) -> Joiner:
    joiner = services.join_case(make.case(state).number, key=f"k{Joiner.objects.count()}", at=make.NOW)
    services.leave_number(joiner.pk, phone=phone)
    return joiner


@pytest.mark.parametrize("written", [PHONE, "138 1234 5678", "+86 138-1234-5678"])
def test_the_number_of_somebody_who_saw_it_too_is_handed_out(written):
    joiner = joined()
    joined("13900000000")

    held = joined_forgetting.hold_joined(Person(phone=written), pictures=False)

    assert [(each.kind, each.title, each.content["phone"]) for each in held] == [
        ("joined", joiner.case.number, PHONE)
    ]


def test_somebody_who_saw_it_too_is_known_by_their_private_link():
    joiner = joined(phone="")

    held = joined_forgetting.hold_joined(Person(token=joiner.token), pictures=False)

    assert [each.title for each in held] == [joiner.case.number]


def test_the_number_is_erased_also_while_the_case_is_open_and_the_count_stays():
    joiner, other = joined(), joined("13900000000")

    erased = joined_forgetting.erase_joined(Person(phone=PHONE), make.NOW)

    joiner.refresh_from_db()
    other.refresh_from_db()
    assert [(each.title, each.refused) for each in erased] == [(joiner.case.number, "")]
    assert (joiner.phone, joiner.phone_print) == ("", "")
    assert other.phone == "13900000000"
    assert Joiner.objects.count() == 2


def test_whoever_asks_for_everything_gets_what_they_joined_too():
    joiner = joined()

    package = privacy.export_person(person=PHONE, by=make.user(), at=make.NOW, reason="本人申请")

    listed = json.loads(zipfile.ZipFile(io.BytesIO(package)).read("data.json"))
    assert [(each["kind"], each["number"]) for each in listed] == [("joined", joiner.case.number)]


def test_when_the_contact_ends_the_print_of_the_number_ends_too():
    joiner = joined(state=State.FILED)
    forgetting._forget([joiner.case], at=make.NOW)
    joiner.refresh_from_db()

    assert (joiner.phone, joiner.phone_print) == ("", "")


TICKETS = f"编号,内容,地址,姓名,电话\n1,井盖坏了,东口,王小明,{PHONE}\n"


@pytest.fixture
def taken(settings: Any) -> Any:
    make.rules()
    make.street()
    return import_files.take_file([TICKETS.encode()], by=make.dispatcher(), at=make.NOW, name="九月.csv")


def on_disk(settings: Any) -> list[Path]:
    return [each for each in (Path(settings.MEDIA_ROOT) / "imports").rglob("*") if each.is_file()]


def test_a_file_of_tickets_lies_sealed_until_it_is_imported_and_then_no_more(taken, settings):
    waiting = on_disk(settings)

    assert len(waiting) == 1
    assert PHONE.encode() not in waiting[0].read_bytes()
    assert "井盖".encode() not in waiting[0].read_bytes()
    done = import_files.start_import(taken.pk, by=taken.by, at=make.NOW)
    assert done.imported == 1
    left = on_disk(settings)
    assert [each.suffix for each in left] == [".csv"]  # what became of every row, without what it said
    assert PHONE.encode() not in left[0].read_bytes()


def test_a_file_of_tickets_that_nobody_confirmed_is_removed(
    taken, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        privacy.retain(at=make.NOW + timedelta(days=2))

    assert on_disk(settings) == []


def test_a_file_of_tickets_can_be_imported_after_the_key_was_changed(taken, settings, monkeypatch):
    older = sealing.keyring()
    monkeypatch.setattr(sealing, "_in_use", WithNewer(older))

    assert ticket_bytes.rotate_keys() == 1
    assert ticket_bytes.rotate_keys() == 0
    monkeypatch.setattr(sealing, "_in_use", sealing.Keyring([NEWER]))
    with ticket_bytes.opened(taken.by_id, taken.digest) as file:
        assert file.read() == TICKETS.encode()


NEWER = ("newer", b"n" * 32)


class WithNewer(sealing.Keyring):
    """The keyring in use, with a newer key before it."""

    def __init__(self, older: sealing.Keyring) -> None:
        super().__init__([NEWER])
        self.keys = [*self.keys, *older.keys]
        self._by_id = {key.id.encode(): key for key in self.keys}
