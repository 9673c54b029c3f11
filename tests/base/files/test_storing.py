"""Photos kept: in the storage, in a row, in the journal, once; and cleared away when nobody needs them."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, connections, transaction

from siquan.base.accounts.models import User
from siquan.base.files import jobs, pictures, services
from siquan.base.files.models import StoredFile
from siquan.base.files.services.blurring import lock_of
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput
from tests.base.files import photos

NOW = datetime(2026, 9, 25, 8, 30, tzinfo=UTC)
EVERY_FOLDER = [f"{number:02x}" for number in range(256)]
pytestmark = pytest.mark.django_db


def on_disk() -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())


def test_store_picture_keeps_what_the_original_said():
    staff = User.objects.create_user("somebody")

    file = services.store_picture(photos.heic(), by=staff, at=NOW)

    again = StoredFile.objects.get(key=file.key)
    assert again.original_sha256 == pictures.open_picture(photos.heic()).original_sha256
    assert again.original_kind == "image/heic"
    assert again.original_size == len(photos.heic())
    assert (again.width, again.height) == (64, 96)
    assert (again.lon, again.lat, again.accuracy_m) == pytest.approx((116.42, 39.925, 6.5))
    assert again.position_source == "exif"
    assert again.taken_at == NOW
    assert not again.taken_zone_assumed
    assert again.created_at == NOW
    assert again.uploaded_by_id == staff.pk
    assert again.district_id == settings.DISTRICT_ID


def test_what_lies_on_the_disk_is_sealed_and_nothing_else_is_there():
    file = services.store_picture(photos.jpeg(), by=None, at=NOW)

    assert on_disk() == [Path(file.sealed_path)]
    assert b"JFIF" not in (Path(settings.MEDIA_ROOT) / file.sealed_path).read_bytes()


def test_store_picture_is_journalled_without_the_position():
    file = services.store_picture(photos.heic(), by=None, at=NOW, by_kind="resident")

    entry = Entry.objects.get(event="file.stored")
    assert (entry.about_type, entry.about_id, entry.at, entry.by_kind) == (
        "storedfile",
        file.pk,
        NOW,
        "resident",
    )
    assert entry.details["original_sha256"] == file.original_sha256
    assert "116.42" not in str(entry.details)


def test_a_photo_checked_beforehand_is_stored_as_it_is():
    picture = services.read_picture(photos.jpeg())

    assert services.store_picture(picture, by=None, at=NOW).original_sha256 == picture.original_sha256


def test_the_same_photo_twice_is_two_rows_each_with_a_key_of_its_own():
    first = services.store_picture(photos.jpeg(), by=None, at=NOW)
    second = services.store_picture(photos.jpeg(), by=None, at=NOW)

    assert first.key != second.key
    assert first.sealed_key != second.sealed_key
    assert first.original_sha256 == second.original_sha256


def test_a_file_that_is_no_photo_leaves_nothing():
    with pytest.raises(BadInput):
        services.store_picture(b"<html>", by=None, at=NOW)

    assert not StoredFile.objects.exists()
    assert not Entry.objects.exists()
    assert on_disk() == []


def test_a_rolled_back_transaction_leaves_no_row_no_entry_and_later_no_file():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.store_picture(photos.jpeg(), by=None, at=NOW)
        raise ZeroDivisionError

    assert not StoredFile.objects.exists()
    assert not Entry.objects.exists()
    assert services.sweep_orphans(at=datetime.now(UTC) + timedelta(days=2), folders=EVERY_FOLDER) == 1
    assert on_disk() == []


def test_a_write_that_fails_half_way_leaves_no_part_of_a_file():
    class Broken(ContentFile):  # type: ignore[type-arg]
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        default_storage.save("ab/cd/abcd.jpg", Broken(b""))

    assert on_disk() == []


def test_a_position_needs_both_coordinates_and_a_source():
    file = services.store_picture(photos.jpeg(), by=None, at=NOW)
    for wrong in (
        {"lon": 116.4},
        {"lon": 116.4, "lat": 39.9},
        {"lon": 200, "lat": 39.9, "position_source": "exif"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            StoredFile.objects.filter(pk=file.pk).update(**wrong)


def _made_old(name: str) -> None:
    old = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(Path(settings.MEDIA_ROOT) / name, (old, old))


def _stray(name: str, *, old: bool = True) -> str:
    default_storage.save(name, ContentFile(b"stray"))
    if old:
        _made_old(name)
    return name


def test_the_sweep_takes_old_strays_and_nothing_else():
    file = services.blur_file(services.store_picture(photos.jpeg(), by=None, at=NOW), at=NOW)
    kept = (file.sealed_path, file.path, file.thumbnail_path)
    for name in kept:
        _made_old(name)
    gone = "ab" * 32
    _stray(f"ab/ab/{gone}.jpg")
    _stray(f"thumbs/ab/ab/{gone}.jpg")
    _stray(f"sealed/ab/ab/{'ab' * 16}.sealed")
    _stray("ab/ab/.part-x1")
    young = _stray(f"ab/ab/{'ab' * 31}cd.jpg", old=False)

    removed = services.sweep_orphans(at=datetime.now(UTC), folders=EVERY_FOLDER)

    assert removed == 4
    assert {str(path) for path in on_disk()} == {*kept, young}


def test_the_hours_of_a_day_cover_every_folder(monkeypatch):
    swept: list[str] = []
    monkeypatch.setattr(services, "sweep_orphans", lambda *, at, folders: swept.extend(folders))
    for hour in range(24):
        monkeypatch.setattr(jobs.timezone, "now", lambda hour=hour: NOW.replace(hour=hour))
        jobs.sweep_orphans()

    assert sorted(swept) == EVERY_FOLDER


@pytest.mark.django_db(transaction=True)
def test_the_sweep_leaves_alone_what_somebody_is_just_storing():
    content = "ab" * 32
    _stray(f"ab/ab/{content}.jpg")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock_shared(%s, %s)", lock_of(content))

        assert services.sweep_orphans(at=datetime.now(UTC), folders=EVERY_FOLDER) == 0
        other.rollback()
        assert services.sweep_orphans(at=datetime.now(UTC), folders=EVERY_FOLDER) == 1
    finally:
        other.close()
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_blurring_holds_its_content_against_the_sweep_until_the_transaction_ends():
    sweeper = connection.copy()

    def held(sha256: str) -> bool:
        with sweeper.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s, %s)", lock_of(sha256))
            free = cursor.fetchone()[0]
            cursor.execute("select pg_advisory_unlock_all()")
        return not free

    try:
        with transaction.atomic():
            file = services.blur_file(services.store_picture(photos.jpeg(), by=None, at=NOW), at=NOW)
            during = held(file.sha256)

        assert during
        assert not held(file.sha256)
    finally:
        sweeper.close()
