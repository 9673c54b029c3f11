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
from siquan.base.files import jobs, pictures, queries, services
from siquan.base.files.models import StoredFile
from siquan.base.journal import worker
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound
from tests.base.files import photos

NOW = datetime(2026, 9, 25, 8, 30, tzinfo=UTC)
EVERY_FOLDER = [f"{number:02x}" for number in range(256)]
pytestmark = pytest.mark.django_db


def on_disk() -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())


def test_store_picture_keeps_the_stripped_bytes_and_what_the_original_said():
    staff = User.objects.create_user("somebody")

    file = services.store_picture(photos.heic(), by=staff, at=NOW)

    again = StoredFile.objects.get(key=file.key)
    expected = pictures.open_picture(photos.heic())
    assert queries.picture_bytes(again) == expected.data
    assert (again.sha256, again.original_sha256) == (expected.sha256, expected.original_sha256)
    assert (again.kind, again.original_kind) == ("image/jpeg", "image/heic")
    assert (again.width, again.height) == (64, 96)
    assert (again.lon, again.lat, again.accuracy_m) == pytest.approx((116.42, 39.925, 6.5))
    assert again.position_source == "exif"
    assert again.taken_at == NOW
    assert not again.taken_zone_assumed
    assert again.created_at == NOW
    assert again.uploaded_by_id == staff.pk
    assert again.district_id == settings.DISTRICT_ID


def test_a_photo_lies_where_its_content_says():
    file = services.store_picture(photos.jpeg(), by=None, at=NOW)

    assert on_disk() == [Path(file.sha256[:2], file.sha256[2:4], f"{file.sha256}.jpg")]


def test_store_picture_is_journalled_without_the_position():
    file = services.store_picture(photos.heic(), by=None, at=NOW, by_kind="resident")

    entry = Entry.objects.get(event="file.stored")
    assert (entry.about_type, entry.about_id, entry.at, entry.by_kind) == (
        "storedfile",
        file.pk,
        NOW,
        "resident",
    )
    assert entry.details["sha256"] == file.sha256
    assert "116.42" not in str(entry.details)


def test_a_photo_checked_beforehand_is_stored_as_it_is():
    picture = services.read_picture(photos.jpeg())

    assert services.store_picture(picture, by=None, at=NOW).sha256 == picture.sha256


def test_the_same_photo_twice_is_two_rows_and_one_file():
    first = services.store_picture(photos.jpeg(), by=None, at=NOW)
    second = services.store_picture(photos.jpeg(), by=None, at=NOW)

    assert first.key != second.key
    assert len(on_disk()) == 1


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


def test_the_worker_makes_the_thumbnail_of_what_was_stored():
    file = services.store_picture(photos.written(photos.scene(1200, 900), "PNG"), by=None, at=NOW)

    worker.drain()

    file.refresh_from_db()
    assert file.thumbnail_at is not None
    assert len(queries.thumbnail_bytes(file)) < len(queries.picture_bytes(file))


def test_make_thumbnail_twice_changes_nothing():
    file = services.store_picture(photos.jpeg(), by=None, at=NOW)
    services.make_thumbnail(file.pk, at=NOW)
    before = on_disk(), (Path(settings.MEDIA_ROOT) / file.thumbnail_path).stat().st_mtime_ns

    again = services.make_thumbnail(file.pk, at=NOW + timedelta(hours=1))

    assert again.thumbnail_at == NOW
    assert before == (on_disk(), (Path(settings.MEDIA_ROOT) / file.thumbnail_path).stat().st_mtime_ns)


def test_there_is_no_thumbnail_before_it_is_made():
    with pytest.raises(NotFound):
        queries.thumbnail_bytes(services.store_picture(photos.jpeg(), by=None, at=NOW))


def test_a_lost_picture_is_not_found():
    file = services.store_picture(photos.jpeg(), by=None, at=NOW)
    default_storage.delete(file.path)

    with pytest.raises(NotFound):
        queries.picture_bytes(file)
    with pytest.raises(NotFound):
        services.make_thumbnail(file.pk, at=NOW)


def _made_old(name: str) -> None:
    old = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(Path(settings.MEDIA_ROOT) / name, (old, old))


def _stray(name: str, *, old: bool = True) -> str:
    default_storage.save(name, ContentFile(b"stray"))
    if old:
        _made_old(name)
    return name


def test_the_sweep_takes_old_strays_and_nothing_else():
    file = services.make_thumbnail(services.store_picture(photos.jpeg(), by=None, at=NOW).pk, at=NOW)
    _made_old(file.path)
    _made_old(file.thumbnail_path)
    gone = "ab" * 32
    _stray(f"ab/ab/{gone}.jpg")
    _stray(f"thumbs/ab/ab/{gone}.jpg")
    _stray("ab/ab/.part-x1")
    young = _stray(f"ab/ab/{'ab' * 31}cd.jpg", old=False)

    removed = services.sweep_orphans(at=datetime.now(UTC), folders=EVERY_FOLDER)

    assert removed == 3
    assert {str(path) for path in on_disk()} == {file.path, file.thumbnail_path, young}


def test_the_hours_of_a_day_cover_every_folder(monkeypatch):
    swept: list[str] = []
    monkeypatch.setattr(services, "sweep_orphans", lambda *, at, folders: swept.extend(folders))
    for hour in range(24):
        monkeypatch.setattr(jobs.timezone, "now", lambda hour=hour: NOW.replace(hour=hour))
        jobs.sweep_orphans()

    assert sorted(swept) == EVERY_FOLDER


@pytest.mark.django_db(transaction=True)
def test_the_sweep_leaves_alone_what_somebody_is_just_storing():
    picture = services.read_picture(photos.jpeg())
    path = f"{picture.sha256[:2]}/{picture.sha256[2:4]}/{picture.sha256}.jpg"
    _stray(path)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock_shared(%s, %s)", services._lock_of(picture.sha256))

        assert services.sweep_orphans(at=datetime.now(UTC), folders=EVERY_FOLDER) == 0
        other.rollback()
        assert services.sweep_orphans(at=datetime.now(UTC), folders=EVERY_FOLDER) == 1
    finally:
        other.close()
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_storing_holds_its_content_against_the_sweep_until_the_transaction_ends():
    sweeper = connection.copy()

    def held(sha256: str) -> bool:
        with sweeper.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s, %s)", services._lock_of(sha256))
            free = cursor.fetchone()[0]
            cursor.execute("select pg_advisory_unlock_all()")
        return not free

    try:
        with transaction.atomic():
            file = services.store_picture(photos.jpeg(), by=None, at=NOW)
            during = held(file.sha256)

        assert during
        assert not held(file.sha256)
    finally:
        sweeper.close()
