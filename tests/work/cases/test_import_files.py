"""The upload page: a file is looked at, then imported, at once or in the background; its result is kept."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.sealedfile import write_sealed
from siquan.base.notices.models import Notice
from siquan.work.cases import jobs
from siquan.work.cases.models import Case, ImportState, TicketImport
from siquan.work.cases.services import import_files, old_files, preparing, ticket_bytes
from tests import make

pytestmark = pytest.mark.django_db
GOOD = "编号,内容,地址\n1,井盖坏了,东口\n2,路灯不亮,西口\n"
MIXED = GOOD + ",没有编号,\n4,,\n"


@pytest.fixture
def by() -> User:
    make.rules()
    make.street()
    return make.dispatcher()


@pytest.fixture
def desk(by: User, client: Client) -> Client:
    client.force_login(by, backend="siquan.base.accounts.sessions.Accounts")
    return client


def take(content: str, by: User, **given: Any) -> TicketImport:
    return import_files.take_file([content.encode()], by=by, at=make.NOW, name="九月.csv", **given)


def send(desk: Client, content: bytes | str, name: str = "九月.csv", **more: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return desk.post(reverse("cases:import"), {"file": SimpleUploadedFile(name, data), **more})


def stored(settings: Any) -> list[Path]:
    return [path for path in (Path(settings.MEDIA_ROOT) / "imports").rglob("*") if path.is_file()]


def in_background(record: TicketImport, monkeypatch: pytest.MonkeyPatch, by: User) -> TicketImport:
    monkeypatch.setattr(import_files, "AT_ONCE", 0)
    monkeypatch.setattr(preparing, "AT_ONCE", 2)
    return import_files.start_import(record.pk, by=by, at=make.NOW)


def test_a_file_is_checked_row_by_row_before_anything_is_imported(desk: Client) -> None:
    answer = send(desk, MIXED)
    shown = desk.get(answer["Location"]).content.decode()

    assert Case.objects.count() == 0
    assert "没有编号，无法避免重复导入" in shown
    assert "没有内容，不知道反映了什么" in shown
    assert "2行不能导入" in shown
    assert "井盖坏了" in shown


def test_the_usable_rows_are_imported_and_the_result_can_be_fetched(desk: Client, settings: Any) -> None:
    where = send(desk, MIXED)["Location"]
    done = desk.post(where, follow=True)
    record = TicketImport.objects.get()
    fetched = desk.get(reverse("cases:import_result", args=[record.pk]))

    assert (record.state, record.imported, record.refused) == (ImportState.DONE, 2, 2)
    assert "导入完成：新案件2件" in done.content.decode()
    rows = list(csv.reader(io.StringIO(b"".join(fetched.streaming_content).decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["行", "2", "3", "4", "5"]
    assert {row[2] for row in rows[1:3]} == set(Case.objects.values_list("number", flat=True))
    assert [path.name for path in stored(settings)] == [f"result-{record.pk}.csv"]  # the tickets are gone
    assert "samples" not in record.preview
    assert desk.post(where).status_code == 302  # pressed twice
    assert Case.objects.count() == 2
    assert Entry.objects.filter(event="cases_import.done").count() == 1


def test_a_second_upload_of_the_file_says_what_is_there_already(desk: Client) -> None:
    desk.post(send(desk, GOOD)["Location"])
    shown = desk.get(send(desk, GOOD + "3,新的,\n")["Location"]).context

    assert shown["preview"]["counts"] == {
        "rows": 3, "imported": 1, "known": 2, "needs_place": 1, "refused": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "这不是能读的表格"),
        ("姓名,电话\n张三,1\n", "没有找到来件编号"),
        ("编号,内容\n", "只有表头"),
        (b"PK\x03\x04" + bytes(99), "压缩文件不完整"),
    ],
)
def test_a_wrong_file_is_told_on_the_page_and_not_kept(
    desk: Client, settings: Any, content: Any, says: str
) -> None:
    answer = send(desk, content)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not TicketImport.objects.exists()
    assert stored(settings) == []


def test_a_wrong_mapping_file_is_told_at_its_own_field(desk: Client) -> None:
    answer = send(desk, GOOD, map=SimpleUploadedFile("m.csv", "甲,乙\n".encode()))

    assert answer.context["form"].errors.keys() == {"map"}


def test_a_mapping_file_counts_for_the_check_and_for_the_import(desk: Client) -> None:
    mapping = SimpleUploadedFile("m.csv", "流水,编号\n".encode())
    where = send(desk, "流水,内容\n77,x\n", map=mapping)["Location"]
    desk.post(where)

    assert Case.objects.get().source_ref == "77"


def test_a_file_larger_than_allowed_is_refused(
    by: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(ticket_bytes, "MOST_BYTES", 10)

    with pytest.raises(BadInput, match="100MB"):
        take(GOOD, by)
    assert stored(settings) == []


def test_only_the_centre_imports_and_sees_only_its_own_files(desk: Client, by: User, client: Client) -> None:
    record = take(GOOD, by)
    clerk, other = make.clerk(make.unit("HW")), make.dispatcher()

    with pytest.raises(PermissionDenied):
        take(GOOD, clerk)
    with pytest.raises(PermissionDenied):
        import_files.start_import(record.pk, by=clerk, at=make.NOW)
    with pytest.raises(NotFound):
        import_files.start_import(record.pk, by=other, at=make.NOW)
    client.force_login(clerk, backend="siquan.base.accounts.sessions.Accounts")
    assert client.get(reverse("cases:import")).status_code == 403
    assert client.get(reverse("cases:import_file", args=[record.pk])).status_code == 403
    client.force_login(other, backend="siquan.base.accounts.sessions.Accounts")
    assert client.get(reverse("cases:import_file", args=[record.pk])).status_code == 404
    assert client.get(reverse("cases:import_result", args=[record.pk])).status_code == 404
    client.logout()
    assert client.get(reverse("cases:import")).status_code == 302


def test_many_rows_go_on_in_the_background_and_the_inbox_tells_the_end(
    by: User, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = "编号,内容\n" + "".join(f"{n},x\n" for n in range(7)) + ",y\n"
    record = in_background(take(content, by), monkeypatch, by)
    assert (record.state, Case.objects.count()) == (ImportState.QUEUED, 0)

    import_files.import_some(at=make.NOW, seconds=0)  # the clock is up before it begins
    assert Case.objects.count() == 0
    import_files._next_chunk(record.pk, is_awaited=False)
    shown = desk.get(reverse("cases:import_file", args=[record.pk])).content.decode()
    assert 'hx-trigger="every 2s"' in shown
    assert 'value="2"' in shown
    import_files.import_some(at=make.NOW, seconds=60)

    record.refresh_from_db()
    assert (record.state, record.rows_done, record.imported, record.refused) == (ImportState.DONE, 8, 7, 1)
    jobs.go_on_importing()  # nothing is left, nothing happens
    (notice,) = Notice.objects.filter(to_user=by)
    assert notice.url == reverse("cases:import_file", args=[record.pk])
    assert notice.params["imported"] == 7
    result = import_files.result_path(record).read_text("utf-8-sig").splitlines()
    assert len(result) == 9
    assert not import_files.import_some(at=make.NOW, seconds=9)


def test_another_worker_goes_on_exactly_where_the_first_was_killed(
    by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = "编号,内容\n" + "".join(f"{n},x\n" for n in range(5))
    record = in_background(take(content, by), monkeypatch, by)
    import_files._next_chunk(record.pk, is_awaited=False)
    with import_files.result_path(record).open("ab") as out:
        out.write("写了一半就断了".encode())
    import_files._close(record.pk)

    import_files.import_some(at=make.NOW, seconds=60)

    record.refresh_from_db()
    assert (record.state, record.imported, record.known) == (ImportState.DONE, 5, 0)
    result = import_files.result_path(record).read_text("utf-8-sig")
    assert [line.split(",")[0] for line in result.splitlines()] == ["行", "2", "3", "4", "5", "6"]


def test_a_file_that_breaks_off_keeps_what_came_in_and_says_so(
    by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_files, "LOOKED_AT", 2)
    monkeypatch.setattr("siquan.work.cases.imports.sheets.LONGEST_CELL", 50)
    good = "编号,内容\n" + "".join(f"{n},x\n" for n in range(14))
    record = take(good, by)
    with ticket_bytes.file_of(by.pk, record.digest).open("wb") as out:
        write_sealed(out, [f"{good}99,{'x' * 80}\n".encode()], ticket_bytes.context_of(by.pk))
    record = in_background(record, monkeypatch, by)

    import_files.import_some(at=make.NOW, seconds=60)

    record.refresh_from_db()
    assert (record.state, record.imported, Case.objects.count()) == (ImportState.FAILED, 14, 14)
    assert record.problem
    assert Notice.objects.filter(to_user=by).exists()


def test_what_nobody_confirms_is_forgotten_after_a_day_and_results_after_a_month(
    by: User, settings: Any
) -> None:
    unconfirmed = take(GOOD, by)
    done = take(MIXED, by)
    import_files.start_import(done.pk, by=by, at=make.NOW)

    assert old_files.forget_unconfirmed(make.NOW - timedelta(hours=23), 100) == 0
    old_files.forget_unconfirmed(timezone.now() + timedelta(days=1), 100)
    assert not TicketImport.objects.filter(pk=unconfirmed.pk).exists()
    assert len(stored(settings)) == 1
    old_files.forget_results(timezone.now() + timedelta(days=1), 100)

    done.refresh_from_db()
    assert stored(settings) == []
    assert done.imported == 2


def test_the_pages_speak_english_too(desk: Client) -> None:
    desk.cookies["django_language"] = "en"
    with translation.override("zh-hans"):  # what a request activates stays active after it
        shown = desk.get(send(desk, MIXED)["Location"]).content.decode()

    assert "Rows that cannot be imported: 2" in shown
    assert "Import the usable rows" in shown
