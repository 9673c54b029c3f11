"""Originals lie sealed, open under the installation's keys, and say so when they were touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from siquan.base.accounts.models import User
from siquan.base.files import services
from siquan.base.files.models import StoredFile
from siquan.base.files.services import originals
from siquan.base.journal.models import Entry
from siquan.base.kernel import sealing
from siquan.base.kernel.errors import BadInput, NotFound
from tests.base.files import photos

NOW = datetime(2026, 9, 25, 8, 30, tzinfo=UTC)
OLD, NEW = ("2026", os.urandom(32)), ("2027", os.urandom(32))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ring() -> Iterator[None]:
    """Seal with a key of this test's own."""
    before = sealing.keyring()
    sealing.use(sealing.Keyring([OLD]))
    yield
    sealing.use(before)


@pytest.fixture
def file() -> StoredFile:
    return services.store_picture(photos.heic(), by=None, at=NOW)


def test_what_was_uploaded_comes_back_bit_by_bit_with_its_metadata(file):
    assert originals.unsealed(file) == photos.heic()


def test_a_touched_original_says_so_instead_of_opening(file):
    path = Path(settings.MEDIA_ROOT) / file.sealed_path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))

    with pytest.raises(sealing.Tampered):
        originals.unsealed(file)


def test_an_original_put_in_the_place_of_another_does_not_open(file):
    other = services.store_picture(photos.jpeg(), by=None, at=NOW)
    folder = Path(settings.MEDIA_ROOT)
    (folder / file.sealed_path).write_bytes((folder / other.sealed_path).read_bytes())

    with pytest.raises(sealing.Tampered):
        originals.unsealed(file)
    StoredFile.objects.filter(pk=file.pk).update(sealed_key=other.sealed_key)
    file.refresh_from_db()
    with pytest.raises(sealing.Tampered):
        originals.unsealed(file)


def test_with_database_and_disk_but_without_the_key_nothing_opens(file):
    sealing.use(sealing.Keyring([NEW]))

    with pytest.raises(sealing.UnknownKey):
        originals.unsealed(file)


def test_rotating_seals_every_key_anew_and_touches_no_original(file, capsys):
    path = Path(settings.MEDIA_ROOT) / file.sealed_path
    before = path.stat().st_mtime_ns
    sealing.use(sealing.Keyring([NEW, OLD]))

    call_command("files_rotate_keys")

    assert "1 originals now open with key 2027" in capsys.readouterr().out
    assert path.stat().st_mtime_ns == before
    assert services.rotate_keys() == 0
    sealing.use(sealing.Keyring([NEW]))  # the old key has left
    file.refresh_from_db()
    assert originals.unsealed(file) == photos.heic()


def test_rotating_takes_more_than_one_batch(monkeypatch):
    for _ in range(5):
        services.store_picture(photos.jpeg(), by=None, at=NOW)
    monkeypatch.setattr(originals, "BATCH", 2)
    sealing.use(sealing.Keyring([NEW, OLD]))

    assert services.rotate_keys() == 5


def test_a_lost_original_is_not_found_and_nothing_is_written_down(file):
    (Path(settings.MEDIA_ROOT) / file.sealed_path).unlink()

    with pytest.raises(NotFound):
        services.open_original(
            file, about=file, by=User.objects.create_user("lead"), at=NOW, reason="核对号牌"
        )
    assert not Entry.objects.filter(event="file.original_opened").exists()


@pytest.mark.parametrize("reason", ["", "  ", "看看", "理" * 501])
def test_an_original_needs_a_reason(file, reason):
    with pytest.raises(BadInput):
        services.open_original(file, about=file, by=User.objects.create_user("lead"), at=NOW, reason=reason)
