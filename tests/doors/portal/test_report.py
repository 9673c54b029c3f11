"""A resident reports: with and without photos, wrongly, and twice."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from siquan.work.cases.models import Case, CasePhoto, Reporter, Submission
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def district():
    make.rules()
    make.street()


def fields(client: Client, **changes: Any) -> dict[str, Any]:
    """Return a filled-in form, with the key the page gave."""
    page = client.get("/report/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    given = {
        "place": "钱粮胡同15号门口",
        "lon": make.INSIDE[0],
        "lat": make.INSIDE[1],
        "accuracy": "12",
        "place_source": "map",
        "text": "垃圾桶满了两天",
        "category": "E0102",
        "phone": "138 0013-8000",
        "key": key[1],
    }
    return given | changes


def send(client: Client, given: dict[str, Any], *photos: bytes) -> Any:
    files = [SimpleUploadedFile(f"{n}.jpg", data, "image/jpeg") for n, data in enumerate(photos)]
    return client.post("/report/", given | ({"photos": files} if files else {}))


def test_report_without_photo_becomes_a_case(client: Client):
    answer = send(client, fields(client))

    case = Case.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/r/{case.token}/sent/"
    assert (case.text, case.address, case.category.code) == ("垃圾桶满了两天", "钱粮胡同15号门口", "E0102")
    assert (case.lon, case.lat, case.accuracy_m) == (*make.INSIDE, 12)
    assert Reporter.objects.get().phone == "13800138000"


def test_report_with_photos_keeps_them(client: Client):
    send(client, fields(client), make.photo("#111111"), make.photo("#222222"))

    assert CasePhoto.objects.filter(case=Case.objects.get()).count() == 2


def test_only_place_and_words_are_needed(client: Client):
    given = fields(client, lon="", lat="", accuracy="", category="", phone="")

    assert send(client, given).status_code == 302
    assert Case.objects.get().address == "钱粮胡同15号门口"
    assert not Reporter.objects.exists()


def test_category_alone_is_words_enough(client: Client):
    send(client, fields(client, text=""))

    assert Case.objects.get().text == "暴露垃圾"


def test_place_by_name_is_put_on_the_map(client: Client):
    from siquan.city.places.models import Site

    Site.objects.create(
        code="S1",
        kind="alley",
        name="钱粮胡同",
        lon=116.411,
        lat=39.911,
        valid_from=make.LONG_AGO,
        source="test",
    )
    send(client, fields(client, lon="", lat=""))

    case = Case.objects.get()
    assert (case.lon, case.lat) == (116.411, 39.911)
    assert case.street.name == "东华门街道"


def test_same_key_twice_is_one_case_and_one_page(client: Client):
    given = fields(client)
    first, second = send(client, given, make.photo()), send(client, given, make.photo())

    assert Case.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_same_key_with_other_words_leads_to_the_case_and_keeps_the_words(client: Client):
    given = fields(client)
    send(client, given)
    answer = client.post("/report/", given | {"text": "还有两个桶倒了"}, follow=True)
    page = answer.content.decode()

    assert Case.objects.count() == 1
    assert answer.request["PATH_INFO"] == f"/r/{Case.objects.get().token}/"
    assert "还有两个桶倒了</textarea>" in page
    assert "没有重复" in page


def test_a_key_made_elsewhere_never_shows_the_case_it_belongs_to(client: Client):
    given = fields(client, key="guessable")
    send(client, given)
    answer = send(client, given | {"text": "别的话"})

    assert answer.status_code == 422
    assert Case.objects.get().token not in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"place": "", "lon": "", "lat": ""}, "place", "请告诉我们在哪里"),
        ({"lon": make.OUTSIDE[0], "lat": make.OUTSIDE[1]}, "place", "不在本区"),
        ({"text": "", "category": ""}, "text", "请写一句话"),
        ({"text": "长" * 5001}, "text", "5000"),
        ({"category": "NONE"}, "category", "没有这个类别"),
        ({"phone": "call me"}, "phone", "看起来不对"),
    ],
)
def test_error_stands_at_its_field_and_keeps_what_was_typed(
    client: Client, changes: dict[str, Any], field: str, words: str
):
    given = fields(client, **changes)
    answer = send(client, given)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert words in page
    assert f'value="{given["key"]}"' in page
    for name in {"place", "text"} - set(changes):
        assert given[name] in page
    assert not Case.objects.exists()


def test_broken_photo_and_too_many_photos_are_told(client: Client):
    broken = send(client, fields(client), b"no photo")
    seven = send(client, fields(client), *[make.photo(f"#00000{n}") for n in range(7)])

    assert "photos" in broken.context["form"].errors
    assert "最多6张" in str(seven.context["form"].errors["photos"])
    assert not Case.objects.exists()


def test_sql_html_nul_and_emoji_do_no_harm(client: Client):
    words = "'; drop table cases_case; --<script>alert(1)</script>😀\x00"
    answer = client.post("/report/", fields(client, text=words, place=words[:100]), follow=True)
    case = Case.objects.get() if Case.objects.exists() else None

    if case is None:  # Django refuses NUL in a field
        assert answer.status_code == 422
        return
    page = client.get(f"/r/{case.token}/").content.decode()
    assert "<script>alert" not in page
    assert "😀" in page


def test_after_sending_number_and_link_are_shown(client: Client):
    page = client.post("/report/", fields(client), follow=True).content.decode()
    case = Case.objects.get()

    assert f"{case.number[:2]} {case.number[2:9]} {case.number[9:]}" in page
    assert f"http://testserver/r/{case.token}/" in page
    assert "决定是否立案" in page


def test_staff_signed_in_report_as_residents(client: Client):
    client.force_login(make.user("somebody"))
    send(client, fields(client, phone=""))

    assert not Reporter.objects.exists()


def test_back_and_send_again_with_a_fresh_key_is_still_one_case(client: Client):
    first = send(client, fields(client), make.photo("#111111"))
    again = send(client, fields(client), make.photo("#111111"))

    assert Case.objects.count() == 1
    assert again["Location"] == first["Location"]
    assert "没有重复" in client.get(again["Location"]).content.decode()


def test_the_same_words_of_somebody_else_are_another_report(client: Client):
    neighbour = Client()
    send(client, fields(client))
    send(neighbour, fields(neighbour))

    assert Case.objects.count() == 2


def test_the_same_words_an_hour_later_are_another_report(client: Client):
    send(client, fields(client))
    Submission.objects.update(at=timezone.now() - timedelta(minutes=61))
    send(client, fields(client))

    assert Case.objects.count() == 2


def test_place_is_kept_by_browsers_that_go_back(client: Client):
    place = re.search(r'<input[^>]+name="place"[^>]*>', client.get("/report/").content.decode())
    assert place and "autocomplete" not in place[0]
