"""Pictures go only to those to whom a room shows them, and harmlessly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from siquan.base.accounts.models import User
from siquan.base.files import permissions, queries, services
from siquan.base.files.models import StoredFile
from siquan.base.files.uploads import MOST_BYTES
from tests.base.files import photos

NOW = datetime(2026, 9, 25, 8, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def file(owner: User) -> StoredFile:
    return services.blur_file(services.store_picture(photos.jpeg(), by=owner, at=NOW), at=NOW)


@pytest.fixture
def unseen(owner: User) -> StoredFile:
    """Return a photo that was not looked through yet."""
    return services.store_picture(photos.jpeg(), by=owner, at=NOW)


@pytest.fixture
def guarded() -> Iterator[None]:
    """Let each uploader see their own files, as a room above would say it."""

    def own(request: HttpRequest, file: StoredFile) -> bool:
        return request.user.is_authenticated and request.user.pk == file.uploaded_by_id

    before = dict(permissions.GUARDS)
    permissions.use({"test": own})
    yield
    permissions.use(before)


@pytest.fixture
def at_home(client: Client, owner: User, guarded: None) -> Client:
    client.force_login(owner)
    return client


def address(file: StoredFile, what: str = "picture") -> str:
    return reverse(f"files:{what}", args=[file.key])


def test_the_picture_goes_to_whom_a_guard_lets_in(at_home, file):
    response = at_home.get(address(file))

    assert response.status_code == 200
    assert response.content == queries.picture_bytes(file)


def test_the_headers_keep_a_browser_from_doing_anything_but_show(at_home, file):
    response = at_home.get(address(file))

    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert response["Content-Disposition"] == f'inline; filename="{file.sha256[:12]}.jpg"'
    assert response["Cache-Control"].startswith("private")


@pytest.mark.parametrize("what", ["picture", "thumbnail"])
def test_a_stranger_gets_the_same_answer_as_for_a_wrong_address(client, guarded, file, what):
    client.force_login(User.objects.create_user("stranger"))

    assert client.get(address(file, what)).status_code == 404
    assert client.get(address(file, what).replace(file.key, "A" * 22)).status_code == 404


@pytest.mark.parametrize("what", ["picture", "thumbnail"])
def test_nobody_sees_anything_without_signing_in(client, guarded, file, what):
    assert client.get(address(file, what)).status_code == 404


def test_without_any_guard_the_answer_is_no(client, owner, file):
    before = dict(permissions.GUARDS)
    permissions.use({})
    client.force_login(owner)
    try:
        assert client.get(address(file)).status_code == 404
    finally:
        permissions.use(before)


def test_a_file_of_another_district_is_not_found(at_home, file):
    StoredFile.objects.filter(pk=file.pk).update(district_id=310101)

    assert at_home.get(address(file)).status_code == 404


def test_the_thumbnail_is_another_picture_than_the_picture(at_home, file):
    small, large = at_home.get(address(file, "thumbnail")), at_home.get(address(file))

    assert small.content == queries.thumbnail_bytes(file)
    assert small["ETag"] != large["ETag"]


@pytest.mark.parametrize("what", ["picture", "thumbnail"])
def test_until_a_picture_is_blurred_something_else_stands_in_its_place(at_home, unseen, what):
    response = at_home.get(address(unseen, what))

    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert "正在遮挡人脸和车牌" in response.content.decode()


def test_what_stands_in_its_place_speaks_the_language_of_the_reader(at_home, unseen):
    response = at_home.get(address(unseen), headers={"Accept-Language": "en"})

    assert "Faces and plates are being covered" in response.content.decode()
    assert "正在" not in response.content.decode()


def test_a_stranger_does_not_even_get_what_stands_in_its_place(client, guarded, unseen):
    assert client.get(address(unseen)).status_code == 404


@pytest.mark.parametrize("what", ["picture", "thumbnail"])
def test_a_browser_that_holds_the_picture_gets_304_and_only_while_it_may_see_it(at_home, file, what):
    tag = at_home.get(address(file, what))["ETag"]

    assert at_home.get(address(file, what), headers={"If-None-Match": tag}).status_code == 304
    at_home.logout()
    assert at_home.get(address(file, what), headers={"If-None-Match": tag}).status_code == 404


def test_a_lost_picture_is_not_found_instead_of_a_crash(at_home, file, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "elsewhere"

    assert at_home.get(address(file)).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_pictures_can_only_be_read(at_home, file, method):
    assert getattr(at_home, method)(address(file)).status_code == 405


def test_head_answers_without_the_bytes(at_home, file):
    response = at_home.head(address(file))

    assert response.status_code == 200
    assert response.content == b""


def test_a_request_larger_than_any_honest_one_is_refused_by_its_declared_length():
    request = RequestFactory().post("/", {"photo": ""})
    request.META["CONTENT_LENGTH"] = str(MOST_BYTES + 1)

    with pytest.raises(RequestDataTooBig):
        request.FILES  # noqa: B018
