"""The pages about rules: what they show, to whom, and how a pack is sent in, looked at and loaded."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.city.duties.models import Duty, Role
from siquan.city.places.models import Division
from siquan.city.rules import services
from siquan.city.rules.files import parse
from siquan.city.rules.models import Draft, Pack
from tests.city.rules.packs import GOOD, files, make_streets, planted
from tests.counting import statements

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
BACKEND = "siquan.base.accounts.sessions.Accounts"
PAGES = [
    "/rules/",
    "/rules/categories/",
    "/rules/categories/?category=200101",
    "/rules/categories/?q=垃圾",
    "/rules/categories/?q=nothing-at-all",
    "/rules/limits/",
    "/rules/limits/?road=main&clock=handling",
    "/rules/responsibilities/",
    "/rules/responsibilities/?on=2026-08-01",
    "/rules/try/",
    "/rules/calendar/",
    "/rules/calendar/?year=2027",
]


def person(*roles: str) -> User:
    user = User.objects.create_user(f"u{User.objects.count()}", name="某人")
    for role in roles:
        Duty.objects.create(user=user, role=role, valid_from=date(2020, 1, 1))
    return user


@pytest.fixture
def streets() -> list[Division]:
    return make_streets()


@pytest.fixture
def pack(streets) -> Pack:
    return services.load_files(files(), by=None, at=NOW).pack


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(person(Role.DISPATCHER), BACKEND)
    return client


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(person(Role.RULE_EDITOR), BACKEND)
    return client


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def uploads(**changed: str | None) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, content) for name, content in files(**changed).items()]


def zipped(members: dict[str, bytes]) -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return SimpleUploadedFile("rules.zip", packed.getvalue())


def sent(client: Client, sent: object) -> Draft:
    answer = client.post("/rules/load/", {"sent": sent})
    assert answer.status_code == 302
    return Draft.objects.latest("id")


@pytest.mark.parametrize("address", [*PAGES, "/rules/files/", "/rules/load/"])
def test_strangers_are_asked_to_sign_in(client, pack, address):
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("address", PAGES)
def test_people_without_any_duty_are_told_who_may(client, pack, address):
    client.force_login(person(), BACKEND)

    answer = client.get(address)

    assert answer.status_code == 403
    assert "有职责的工作人员可以查看规则" in answer.content.decode()


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_there_in_both_languages(reader, pack, address, language):
    reader.cookies["django_language"] = language

    text = shown(reader, address)

    assert ("Responsibility list" if language == "en" else "责任清单") in text


@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_before_a_pack_is_loaded(reader, address):
    answer = reader.get(address)

    assert answer.status_code == (200 if address == "/rules/" else 404)
    assert "siquan rules load" in answer.content.decode()


def test_a_list_costs_the_same_for_one_line_and_for_many(reader, pack):
    for address in ("/rules/limits/", "/rules/responsibilities/"):
        shown(reader, address)
        assert statements(reader, address + "?q=突发事件") == statements(reader, address)


def test_the_category_page_tells_conditions_limits_and_who_answers(reader, pack):
    text = shown(reader, "/rules/categories/?category=200101")

    for part in (
        "成堆",
        "彻底清理",
        "1个工作时",
        "2个工作时",
        "主干路",
        "城市管理委员会",
        "seen in another city",
    ):
        assert part in text


def test_filters_stand_in_the_address(reader, pack):
    assert "2个紧急工作时" in shown(reader, "/rules/limits/?q=突发")
    assert "2个工作时" not in shown(reader, "/rules/limits/?q=突发")
    assert "没有符合条件的时限" in shown(reader, "/rules/limits/?road=alley")
    before, after = (
        shown(reader, f"/rules/responsibilities/?q=2002&on={on}") for on in ("2026-06-30", "2026-07-01")
    )
    assert ("<b>城市管理委员会</b>" in before, "<b>东华门街道办事处</b>" in before) == (True, False)
    assert ("<b>城市管理委员会</b>" in after, "<b>东华门街道办事处</b>" in after) == (False, True)


def test_the_tester_tells_lead_limits_and_why(reader, pack, streets):
    asked = {"category": "200102", "street": streets[0].pk, "on": "2026-03-02"}

    text = shown(reader, f"/rules/try/?{urlencode(asked)}")

    assert "责任清单第 3 行：占道经营 × 东华门街道 → 东华门街道办事处（协办：城市管理委员会）" in text
    assert "比第 2 行更具体（按类别）" in text
    assert "3个工作日" in text
    assert "还有 1 条也适用" in text


def test_the_tester_tells_what_is_missing(reader, pack):
    change = planted("responsibilities.csv", 2, "2001,,,CGW,,,2026-02-01,assumed")
    text = GOOD["pack.yaml"].replace('version: "1"', 'version: "2"')
    later = text.replace("valid_from: 2026-01-01", "valid_from: 2026-01-15")
    services.load_files(files(pack_yaml=later, **change), by=None, at=NOW)

    answer = shown(reader, "/rules/try/?category=200101&on=2026-03-02")

    assert "没有责任单位" in answer


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("category=9999&on=2026-03-02", "9999"),
        ("category=200101&on=someday", "有效的日期"),
        ("category=200101", "必填"),
        ("category=200101&on=2026-03-02&place=没有这个地方", "没有认出“没有这个地方”"),
        ("category=200101&on=2026-03-02&street=999", "999"),
        ("category=%00&on=2026-03-02", "请"),
        ("category=200101&on=2026-03-02&place=%00", "请"),
    ],
)
def test_the_tester_says_what_cannot_be_used(reader, pack, asked, told):
    assert told in shown(reader, f"/rules/try/?{asked}")


@pytest.mark.parametrize(
    "address",
    [
        "/rules/?pack=abc",
        "/rules/limits/?q=%00&page=-1&clock=lunch",
        "/rules/limits/?page=99999999999999999999",
        "/rules/responsibilities/?unit=99999999999999999999&on=2026-13-45",
        "/rules/calendar/?year=9999999",
        "/rules/calendar/?year=1",
        "/rules/categories/?category=%00&q=" + "x" * 3000,
    ],
)
def test_strange_parameters_do_no_harm(reader, pack, address):
    shown(reader, address)


def test_a_pack_that_is_not_there_is_not_found(reader, pack):
    assert reader.get("/rules/limits/?pack=999").status_code == 404
    assert reader.get("/rules/files/?pack=999").status_code == 404


def test_an_older_version_can_be_looked_at(reader, pack):
    text = GOOD["pack.yaml"].replace('version: "1"', 'version: "2"').replace("小规则包", "新规则包")
    change = planted("limits.csv", 2, "20,,filing,7,working_hours,assumed")
    services.load_files(files(pack_yaml=text.replace("2026-01-01", "2026-02-01"), **change), by=None, at=NOW)

    assert "7个工作时" in shown(reader, "/rules/limits/")
    assert "7个工作时" not in shown(reader, f"/rules/limits/?pack={pack.pk}")
    assert "已被替代" in shown(reader, f"/rules/?pack={pack.pk}")


def test_the_year_marks_holidays_and_swapped_days_in_words(reader, pack):
    text = shown(reader, "/rules/calendar/?year=2026")

    assert text.count("is-swapped") - 1 == 6  # the legend shows one
    assert "国庆节，放假" in text
    assert "春节，调休上班" in text
    assert "演练日，放假" in text
    assert "暂定" not in text.split("year-legend")[0]
    assert "放假通知还没有发布" in shown(reader, "/rules/calendar/?year=2027")


def test_the_files_come_as_a_zip_that_can_be_loaded_again(reader, pack):
    answer = reader.get(f"/rules/files/?pack={pack.pk}")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        found = parse({name: opened.read(name) for name in opened.namelist()})
    assert found.faults == ()
    assert found.pack.digest == pack.digest


def test_a_pack_is_sent_looked_at_and_loaded(editor, streets):
    draft = sent(editor, uploads())

    text = shown(editor, f"/rules/load/{draft.pk}/")
    assert "没有错误，可以装入" in text
    assert "+5" in text  # every category is new
    assert not Pack.objects.exists()
    assert f"/rules/load/{draft.pk}/" in shown(editor, "/rules/")

    answer = editor.post(f"/rules/load/{draft.pk}/load/", follow=True)
    assert "已装入“小规则包”" in answer.content.decode()
    assert Pack.objects.get().title == "小规则包"
    assert not Draft.objects.exists()


def test_a_zip_with_folders_is_as_good(editor, streets):
    members = {f"my pack/{name}": content for name, content in files().items()}
    members |= {"__MACOSX/my pack/._limits.csv": b"x", "my pack/readme.txt": b"x"}

    draft = sent(editor, zipped(members))

    assert "可以装入" in shown(editor, f"/rules/load/{draft.pk}/")


def test_a_faulty_pack_cannot_be_loaded_and_says_why(editor, streets):
    draft = sent(editor, uploads(**planted("limits.csv", 3, "20,,handling,0,working_days,a")))

    text = shown(editor, f"/rules/load/{draft.pk}/")
    assert "limits.csv:3:amount" in text
    assert f"/rules/load/{draft.pk}/load/" not in text

    answer = editor.post(f"/rules/load/{draft.pk}/load/")
    assert answer.status_code == 422
    assert "没有装入" in answer.content.decode()
    assert not Pack.objects.exists()


def test_a_version_that_is_taken_is_refused_with_words(editor, pack):
    draft = sent(editor, uploads(**planted("limits.csv", 2, "20,,filing,7,working_hours,assumed")))

    answer = editor.post(f"/rules/load/{draft.pk}/load/")

    assert answer.status_code == 422
    assert "请换一个版本号" in answer.content.decode()


def test_an_upload_can_be_thrown_away(editor, streets):
    draft = sent(editor, uploads())

    editor.post(f"/rules/load/{draft.pk}/discard/")

    assert not Draft.objects.exists()
    assert editor.get(f"/rules/load/{draft.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([SimpleUploadedFile("rules.exe", b"MZ")], "不是 CSV、YAML 或 ZIP"),
        ([SimpleUploadedFile("rules.zip", b"PK no zip")], "ZIP 打不开"),
        ([zipped({"readme.txt": b"x"})], "没有 CSV 或 YAML 文件"),
        ([zipped({"a/limits.csv": b"x", "b/limits.csv": b"x"})], "有两份"),
        ([zipped({f"{number}.csv": b"x" for number in range(30)})], "文件太多"),
        ([SimpleUploadedFile("limits.csv", b"")], "空"),
        ([zipped({f"{number}.csv": b"x" * 6_000_000 for number in range(3)})], "16 MB"),
        ([], "必填"),
    ],
)
def test_what_is_no_pack_is_refused_with_words(editor, streets, sent, told):
    for each in sent:
        each.seek(0)

    answer = editor.post("/rules/load/", {"sent": sent})

    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert not Draft.objects.exists()


def test_only_rule_editors_see_and_use_the_upload(reader, pack):
    draft = services.keep_draft(files(), by=person(Role.RULE_EDITOR), at=timezone.now())

    assert "/rules/load/" not in shown(reader, "/rules/")
    assert reader.get("/rules/load/").status_code == 403
    assert reader.post("/rules/load/", {"sent": uploads()}).status_code == 403
    for verb in ("", "load/", "discard/"):
        assert reader.post(f"/rules/load/{draft.pk}/{verb}").status_code == 403
    assert Draft.objects.count() == 1
