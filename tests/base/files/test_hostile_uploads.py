"""Uploads made to do harm: bombs, files that are two things at once, names that are paths."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from siquan.base.files import queries, services
from siquan.base.files.models import StoredFile
from siquan.base.files.pictures import Limits, open_picture
from siquan.base.kernel.errors import BadInput
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.base.files import photos

NOW = datetime(2026, 9, 25, 8, 30, tzinfo=UTC)
PAGE = b"<!doctype html><script>alert(document.cookie)</script>"


def png_that_claims(width: int, height: int, rows: bytes = b"") -> bytes:
    """Return a PNG whose header claims a size, with few bytes behind it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def jpeg_that_claims(width: int, height: int) -> bytes:
    """Return a JPEG whose header claims a size."""
    data = bytearray(photos.jpeg())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../etc/passwd", "root")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        png_that_claims(20_000, 10_000),
        jpeg_that_claims(20_000, 10_000),
        png_that_claims(2**31 - 1, 2**31 - 1),
        jpeg_that_claims(65_500, 65_500),
    ],
    ids=["png of 200 megapixels", "jpeg of 200 megapixels", "png of exabytes", "jpeg of 4 gigapixels"],
)
def test_a_picture_that_claims_too_many_pixels_is_refused_before_it_is_decoded(data, monkeypatch):
    def decoded(*_arguments: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(Image.Image, "resize", decoded)
    with pytest.raises(BadInput, match="百万像素"):
        open_picture(data)


def test_few_bytes_that_unfold_into_many_are_not_unfolded_beyond_the_claimed_size():
    bomb = png_that_claims(1000, 1000, rows=bytes(50_000_000))

    assert len(bomb) < 100_000
    picture = open_picture(bomb)
    assert (picture.width, picture.height) == (1000, 1000)


def test_a_note_of_many_unfolded_megabytes_is_refused_or_left_out():
    image, out = Image.new("RGB", (10, 10)), io.BytesIO()
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", "x" * 30_000_000, zip=True)
    image.save(out, "PNG", pnginfo=notes)

    try:
        shown = open_picture(out.getvalue()).data
    except BadInput:
        return
    assert len(shown) < 5000


def test_too_many_bytes_are_refused():
    with pytest.raises(BadInput, match="25 MB"):
        open_picture(photos.jpeg() + bytes(Limits().max_bytes))


TWO_THINGS = {
    "jpeg then a page": photos.jpeg() + PAGE,
    "jpeg with a page as its comment": photos.jpeg(comment=PAGE),
    "jpeg then a zip": photos.jpeg() + a_zip(),
    "gif-like page": b"GIF89a" + PAGE,
    "page": PAGE,
    "zip": a_zip(),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "pdf": b"%PDF-1.7\n1 0 obj\n",
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", TWO_THINGS)
def test_a_file_that_is_two_things_at_once_is_refused_or_shown_as_bare_pixels_only(name):
    try:
        file = services.store_picture(TWO_THINGS[name], by=None, at=NOW)
    except BadInput:
        assert not name.startswith("jpeg")
        return
    shown = queries.picture_bytes(services.blur_file(file, at=NOW))

    assert name.startswith("jpeg")
    assert b"script" not in shown
    assert b"PK\x03\x04" not in shown
    assert shown.endswith(b"\xff\xd9")  # nothing behind the end of the picture
    on_disk = b"".join(path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    assert PAGE not in on_disk
    assert b"PK\x03\x04" not in on_disk


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/x.jpg", "/etc/passwd", "..\\..\\x.jpg", "a\x00.jpg", "x.html", "照片.jpg", ""],
)
def test_the_name_of_an_upload_is_never_used(client: Client, name: str):
    make.rules()
    make.street()
    upload = SimpleUploadedFile("x.jpg", make.photo(), "text/html")
    upload._name = name  # past Django's own cleaning
    answer = client.post(
        "/api/v1/reports",
        {"text": "垃圾", "lon": make.INSIDE[0], "lat": make.INSIDE[1], "photos": upload},
        headers={"Idempotency-Key": f"name-{abs(hash(name))}"},
    )

    assert answer.status_code in (201, 422)
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file():
            assert path.relative_to(settings.MEDIA_ROOT).parts[0] == "sealed"
            assert path.suffix == ".sealed"
    for file in StoredFile.objects.all():
        assert file.original_kind == "image/jpeg"


@pytest.mark.django_db
def test_what_is_sent_cannot_do_anything_but_be_shown(client: Client):
    case = make.case(State.FILED, photos=[photos.jpeg(comment=PAGE)])
    file = case.photos.get().file
    address = reverse("files:picture", args=[file.key])
    before = client.get(address)
    services.blur_file(file, at=NOW)
    after = client.get(address)

    for answer in (before, after):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert b"<script" not in answer.content
    assert after["Content-Disposition"].startswith("inline; filename=")
    assert after["Content-Type"] == "image/jpeg"


@pytest.mark.django_db
def test_a_program_gets_an_original_as_bytes_that_no_browser_opens(client: Client):
    from siquan.base.accounts.services import make_token

    case: Case = make.case(State.FILED, photos=[photos.jpeg(comment=PAGE)])
    key, lead = case.photos.get().file.key, make.lead()
    address = f"/api/v1/cases/{case.number}/photos/{key}/original"
    bearer = {"Authorization": f"Bearer {make_token(lead, label='x', at=make.NOW)}"}
    other = {"Authorization": f"Bearer {make_token(make.dispatcher(), label='x', at=make.NOW)}"}

    given = {"data": {"reason": "核对号牌"}, "content_type": "application/json"}
    answer = client.post(address, headers=bearer, **given)
    assert answer.status_code == 200
    assert answer.content == photos.jpeg(comment=PAGE)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert client.post(address, headers=other, **given).status_code == 403
    assert client.post(address, **given).status_code == 401
    assert client.post(address, {}, headers=bearer, content_type="application/json").status_code == 422
    shown = client.get(f"/api/v1/cases/{case.number}", headers=bearer).json()["photos"]
    assert [(each["key"], each["is_blurred"]) for each in shown] == [(key, False)]
