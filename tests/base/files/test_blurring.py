"""Nobody sees a picture before it was looked through; what was found cannot be recognised any more."""

from __future__ import annotations

import errno
import io
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from PIL import Image

from siquan.base.files import blurring, detection, jobs, likeness, queries, services
from siquan.base.files.blurrer import Blurrer, CannotBlur, Interrupted
from siquan.base.files.detection import Box, Found
from siquan.base.files.models import StoredFile
from siquan.base.files.services import blurring as at_work
from siquan.base.journal import worker
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import NotFound
from tests.base.files import photos
from tests.base.files.faces import CROSSING

NOW = datetime(2026, 9, 25, 8, 30, tzinfo=UTC)


def stored(data: bytes | None = None) -> StoredFile:
    return services.store_picture(data or photos.jpeg(), by=None, at=NOW)


@pytest.mark.django_db
def test_the_worker_blurs_what_was_stored_and_makes_its_thumbnail():
    file = stored(CROSSING.read_bytes())

    assert worker.drain_beside() == 1

    file.refresh_from_db()
    assert file.is_blurred
    assert file.faces >= 20
    assert file.plates == 0
    assert file.detector == detection.VERSION
    assert file.likeness is not None
    assert len(queries.thumbnail_bytes(file)) < len(queries.picture_bytes(file)) == file.size
    entry = Entry.objects.get(event="file.blurred")
    assert (entry.about_id, entry.by_kind) == (file.pk, "system")
    assert entry.details == {
        "sha256": file.sha256, "detector": file.detector, "faces": file.faces, "plates": 0,
    }  # fmt: skip


@pytest.mark.django_db
def test_there_is_no_picture_before_it_is_blurred():
    file = stored()

    with pytest.raises(NotFound):
        queries.picture_bytes(file)
    with pytest.raises(NotFound):
        queries.thumbnail_bytes(file)


@pytest.mark.django_db
def test_blurring_twice_changes_nothing():
    file = services.blur_file(stored(), at=NOW)
    again = services.blur_file(file, at=NOW + timedelta(hours=1))

    assert again.blurred_at == NOW
    assert Entry.objects.filter(event="file.blurred").count() == 1


@pytest.mark.django_db
def test_the_same_photo_sent_twice_is_looked_through_once():
    first = services.blur_file(stored(), at=NOW)
    second = stored()
    default_storage.delete(second.sealed_path)  # so that it could not be looked at again

    assert services.blur_file(second, at=NOW).sha256 == first.sha256


@pytest.mark.django_db
def test_what_cannot_be_blurred_stays_unseen_and_has_its_turn_again_later():
    file = stored()
    default_storage.delete(file.sealed_path)

    assert services.blur_next(at=NOW)
    assert not services.blur_next(at=NOW)

    file.refresh_from_db()
    assert not file.is_blurred
    assert file.blur_problem
    assert file.blur_tries == 1
    assert not services.blur_next(at=NOW + timedelta(minutes=3))
    assert services.blur_next(at=NOW + timedelta(minutes=5))
    assert not services.blur_next(at=NOW + timedelta(minutes=10))


@pytest.mark.django_db
def test_one_bad_picture_does_not_hold_up_the_next():
    default_storage.delete(stored().sealed_path)
    good = stored()

    while services.blur_next(at=NOW):
        pass

    good.refresh_from_db()
    assert good.is_blurred


@pytest.mark.django_db
def test_the_database_itself_refuses_a_picture_to_be_shown_that_nobody_looked_through():
    file = stored()

    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=file.pk).update(blurred_at=NOW, sha256="a" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=file.pk).update(sha256="a" * 64)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_picture():
    file = stored()
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("select id from files_storedfile where id = %s for update", [file.pk])

        assert not services.blur_next(at=NOW)
        other.rollback()
        assert services.blur_next(at=NOW)
    finally:
        other.close()


@pytest.mark.django_db
def test_the_blurred_picture_carries_no_metadata():
    file = services.blur_file(stored(photos.heic()), at=NOW)
    shown = Image.open(io.BytesIO(queries.picture_bytes(file)))

    assert shown.format == "JPEG"
    assert not shown.getexif()
    assert b"CAMERA-MAKER" not in queries.picture_bytes(file)


def test_a_process_that_dies_costs_one_picture_and_the_next_one_gets_another():
    blurrer = Blurrer()
    try:
        blurrer.blur(photos.jpeg())
        first = blurrer._child
        assert first
        first.kill()
        first.wait()

        assert blurrer.blur(photos.jpeg()).faces == 0
        assert blurrer._child is not first
    finally:
        blurrer.close()


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr("siquan.base.files.blurrer.PATIENCE", 0.01)
    blurrer = Blurrer()
    try:
        with pytest.raises(CannotBlur):
            blurrer.blur(photos.jpeg())
    finally:
        blurrer.close()


def test_a_picture_that_is_being_blurred_is_interrupted_when_we_are_to_stop():
    blurrer, ended = Blurrer(), []

    def at_it() -> None:
        try:
            while True:  # whenever it is stopped, one is being blurred
                blurrer.blur(photos.jpeg())
        except Interrupted:
            ended.append("interrupted")

    thread = threading.Thread(target=at_it)
    thread.start()
    blurrer.stop()
    thread.join(60)

    assert ended == ["interrupted"]
    assert blurrer._child is None or blurrer._child.wait(60) is not None
    blurrer.close()


@pytest.mark.django_db
def test_what_was_interrupted_is_no_try_and_no_error(monkeypatch, caplog):
    file = stored()
    monkeypatch.setattr(at_work, "_blurrer", Blurrer())
    services.stop()

    assert not services.blur_next(at=NOW)

    file.refresh_from_db()
    assert (file.blur_tries, file.blur_after, file.blur_problem) == (0, NOW, "")
    assert not caplog.records


@pytest.mark.django_db
def test_a_clock_that_is_set_back_makes_no_picture_wait():
    stored()

    assert services.blur_next(at=NOW - timedelta(days=2))


@pytest.mark.django_db
def test_a_full_disk_is_no_fault_of_the_picture_and_its_turn_comes_soon(monkeypatch, caplog):
    file = stored()

    class Full(type(default_storage)):  # what the operating system says when nothing more fits
        def save(self, *_arguments: object, **_options: object) -> str:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(at_work, "default_storage", Full())
    assert services.blur_next(at=NOW)
    file.refresh_from_db()
    assert (file.blur_tries, file.blur_problem, file.is_blurred) == (1, "", False)
    assert not services.blur_next(at=NOW + timedelta(seconds=5))
    assert "Traceback" not in caplog.text
    monkeypatch.undo()

    assert services.blur_next(at=NOW + timedelta(seconds=30))
    file.refresh_from_db()
    assert file.is_blurred


def test_what_is_no_picture_is_refused_and_the_process_goes_on():
    blurrer = Blurrer()
    try:
        with pytest.raises(CannotBlur):
            blurrer.blur(b"no picture at all")
        assert blurrer.blur(photos.jpeg()).width == 96
    finally:
        blurrer.close()


def noise(width: int = 300, height: int = 200, seed: int = 1) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def test_of_a_covered_face_only_a_few_colours_are_left():
    found = Found(faces=[Box(100, 50, 160, 130, 0.9)], plates=[])
    one, other = (blurring.blurred(noise(seed=seed), found) for seed in (1, 2))
    area = blurring.grown(found.faces[0], blurring.FACE_GROWS, one.size)

    few = np.asarray(one.crop(area).resize(blurring.FACE_CELLS, Image.Resampling.BOX), int)
    rough = np.asarray(one.crop(area), int)
    # Everything inside is a smooth surface over so many points: no detail of the noise is left.
    assert np.abs(np.diff(rough, axis=1)).max() <= 8
    assert few.shape[:2] == blurring.FACE_CELLS[::-1]
    assert np.abs(np.asarray(one.crop(area), int) - np.asarray(other.crop(area), int)).mean() < 16


def test_what_lies_outside_is_left_as_it_is():
    found = Found(faces=[Box(100, 50, 160, 130, 0.9)], plates=[Box(10, 10, 50, 22, 0.9)])
    before, after = noise(), blurring.blurred(noise(), found)
    changed = np.asarray(before) != np.asarray(after)

    inside = np.zeros(changed.shape[:2], bool)
    for box, grows in ((found.faces[0], blurring.FACE_GROWS), (found.plates[0], blurring.PLATE_GROWS)):
        left, top, right, bottom = blurring.grown(box, grows, before.size)
        inside[top:bottom, left:right] = True
    assert not changed[~inside].any()
    assert changed[inside].mean() > 0.9


@pytest.mark.parametrize("box", [Box(-50, -50, 5, 5, 1), Box(290, 190, 400, 400, 1), Box(0, 0, 300, 200, 1)])
def test_a_box_at_the_edge_is_covered_up_to_the_edge(box):
    left, top, right, bottom = blurring.grown(box, 0.35, (300, 200))

    assert 0 <= left < right <= 300
    assert 0 <= top < bottom <= 200
    blurring.blurred(noise(), Found(faces=[box], plates=[]))


def test_a_photo_scaled_and_written_anew_keeps_nearly_the_same_likeness():
    photo = Image.open(CROSSING).convert("RGB")
    small = Image.open(io.BytesIO(photos.written(photo.resize((400, 282)), "JPEG", quality=40)))
    other = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    assert likeness.distance(likeness.likeness(photo), likeness.likeness(small)) <= likeness.NEAR // 2
    assert likeness.distance(likeness.likeness(photo), likeness.likeness(other)) > 2 * likeness.NEAR


@pytest.mark.django_db
def test_nearly_the_same_photos_are_found_nearest_first():
    photo = Image.open(CROSSING).convert("RGB")
    again = photos.written(photo.resize((640, 451)), "JPEG", quality=60)
    files = [
        services.blur_file(stored(data), at=NOW) for data in (CROSSING.read_bytes(), again, photos.jpeg())
    ]
    StoredFile.objects.filter(pk=files[2].pk).update(likeness=~files[0].likeness)

    found = queries.near_files(files[0], [each.pk for each in files])

    assert [each.pk for each in found] == [files[1].pk]
    assert found[0].difference == likeness.distance(files[0].likeness, files[1].likeness)


@pytest.mark.django_db
def test_an_idle_worker_gives_the_memory_of_blurring_back(monkeypatch):
    services.blur_file(stored(), at=NOW)
    monkeypatch.setattr("siquan.base.files.blurrer.IDLE", 0.0)

    assert jobs.blur_next() is False
    assert at_work._blurrer._child is None


def test_web_processes_never_load_the_networks():
    import subprocess
    import sys

    code = (
        "import django, sys; django.setup(); import siquan.config.urls; print('onnxruntime' in sys.modules)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "siquan.config.settings"}
    root = Path(__file__).parents[3]
    said = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment, cwd=root
    )

    assert said.stdout.strip() == "False", said.stderr


@pytest.mark.django_db
def test_where_the_blurred_picture_lies_is_told_by_its_content():
    file = services.blur_file(stored(), at=NOW)

    assert (Path(settings.MEDIA_ROOT) / file.path).is_file()
    assert file.path == f"{file.sha256[:2]}/{file.sha256[2:4]}/{file.sha256}.jpg"
