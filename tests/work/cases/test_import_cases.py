"""Tickets become cases: once, in their place, with what was said; whatever breaks in between."""

from __future__ import annotations

import csv
import gzip
import io
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from siquan.base.journal.models import Entry, Pending
from siquan.city.places.models import Site
from siquan.work.cases import exports, queries, services
from siquan.work.cases.filters import Filters
from siquan.work.cases.imports.tickets import Line, TicketFile
from siquan.work.cases.models import Case, Source, TicketImport
from siquan.work.cases.services import importing, preparing
from siquan.work.cases.services.importing import Counts, Outcome, Status, import_tickets
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db
LETTERS = [
    folder / "shared/data/complaints/messages_unlabelled_4326.csv.gz"
    for folder in (Path(__file__).resolve().parents)
]


def lines(content: str) -> list[Line]:
    return list(TicketFile(io.BytesIO(content.encode()), at=make.NOW).lines())


def run(content: str, **given: Any) -> tuple[Counts, list[Outcome]]:
    make.rules()
    make.street()
    told: list[Outcome] = []
    counts = import_tickets(lines(content), by=given.pop("by", None), at=make.NOW, each=told.extend, **given)
    return counts, told


def alley(name: str = "东堂子胡同", at: tuple[float, float] = make.INSIDE) -> Site:
    return Site.objects.create(
        code=f"S{name}", kind="alley", kind_name="胡同", name=name, lon=at[0], lat=at[1],
        street=make.street(), valid_from=make.LONG_AGO, source="test",
    )  # fmt: skip


def test_a_ticket_becomes_a_reported_case_of_the_hotline_with_everything_it_said() -> None:
    counts, (outcome,) = run(
        "工单编号,标题,主要内容,来电时间,来电人,联系电话,地址,类别,经度,纬度\n"
        f"T1,井盖,井盖松动,2026-09-20 08:00,张三,13800000000,东口,E0102,{make.INSIDE[0]},{make.INSIDE[1]}\n"
    )

    case = Case.objects.get()
    assert (counts.imported, counts.needs_place, outcome.status) == (1, 0, Status.IMPORTED)
    assert outcome.number == case.number
    assert (case.source, case.source_ref, case.state) == (Source.HOTLINE, "T1", State.REPORTED)
    assert (case.title, case.text, case.address) == ("井盖", "井盖松动", "东口")
    assert case.category and case.category.code == "E0102"
    assert case.reported_at == datetime(2026, 9, 20, 0, 0, tzinfo=UTC)
    assert (case.reporter.name, case.reporter.phone, case.reporter.user) == ("张三", "13800000000", None)
    assert case.street and case.block and case.cell
    assert case.due_at and case.due_at > make.NOW  # the clock runs from when it came here


def test_a_place_is_read_from_the_address_or_the_letter_and_the_history_says_so() -> None:
    alley()
    run("编号,标题,内容,地址\n1,x,有人在东堂子胡同乱倒垃圾,\n2,x,垃圾,东堂子胡同5号\n")

    for case in Case.objects.all():
        assert (case.lon, case.lat) == make.INSIDE
        assert case.site and case.site.name == "东堂子胡同"
        assert case.street and case.accuracy_m
        (entry,) = Entry.objects.about(case).filter(event="case.placed")
        assert "东堂子胡同" in entry.details["note"]


def test_a_place_that_is_not_sure_waits_in_the_queue_and_is_never_lost() -> None:
    alley("幸福胡同")
    alley("吉祥胡同", (make.INSIDE[0] + 0.008, make.INSIDE[1]))
    counts, told = run(
        "编号,内容,经度,纬度\n"
        "1,路灯坏了,,\n"
        "2,从幸福胡同到吉祥胡同的路灯坏了,,\n"
        f"3,路灯,{make.OUTSIDE[0]},{make.OUTSIDE[1]}\n"
    )

    assert (counts.imported, counts.needs_place, counts.refused) == (3, 3, 0)
    assert {each.status for each in told} == {Status.NEEDS_PLACE}
    assert list(queries.placeless(make.dispatcher()).values_list("source_ref", flat=True)) == ["1", "2", "3"]
    outside = Case.objects.get(source_ref="3")
    assert "116.5" in outside.address
    assert "不在本区" in Entry.objects.about(outside).get(event="case.ticket_noted").details["note"]


def test_a_ticket_older_than_every_boundary_finds_its_place_by_the_first_ones() -> None:
    alley()
    run("编号,内容,时间\n1,东堂子胡同路灯坏了,2017-06-08 10:00\n2,路灯坏了,2017-06-08 10:00\n")
    placed = Case.objects.get(source_ref="1")
    waiting = Case.objects.get(source_ref="2")

    found = services.set_place(
        waiting.pk, by=make.dispatcher(), at=make.NOW, lon=make.INSIDE[0], lat=make.INSIDE[1]
    )

    assert placed.street_id == found.street_id == make.street().pk


@pytest.mark.parametrize(
    "written", ["E0102", "e0102", "暴露垃圾", "事件->市容环境->暴露垃圾", "市容环境/暴露垃圾"]
)
def test_a_category_is_known_by_code_name_or_path(written: str) -> None:
    run(f"编号,内容,类别\n1,x,{written}\n")

    assert Case.objects.get().category == make.category("E0102")


def test_a_category_nobody_knows_is_left_open_and_told() -> None:
    run("编号,内容,类别\n1,x,城乡建设->其他\n2,x,市容环境\n")

    assert set(Case.objects.values_list("category", flat=True)) == {None}
    case = Case.objects.get(source_ref="1")
    assert "城乡建设->其他" in Entry.objects.about(case).get(event="case.ticket_noted").details["note"]


def test_the_same_file_again_makes_nothing_and_names_the_cases_that_are_there() -> None:
    content = "编号,内容\n1,a\n2,b\n"
    _counts, first = run(content)
    counts, again = run(content + "3,c\n")

    assert (counts.rows, counts.imported, counts.known) == (3, 1, 2)
    assert [each.number for each in again[:2]] == [each.number for each in first]
    assert Case.objects.count() == 3


def test_wrong_rows_do_not_hold_up_the_others_and_are_told() -> None:
    counts, told = run("编号,内容,时间\n1,a,\n,b,\n3,c,前天\n4,d,\n")

    assert (counts.rows, counts.imported, counts.refused) == (4, 2, 2)
    assert [(fault.row, fault.column) for fault in counts.errors] == [(3, "编号"), (4, "时间")]
    assert [each.status for each in told] == [Status.NEEDS_PLACE, Status.REFUSED, Status.REFUSED,
                                              Status.NEEDS_PLACE]  # fmt: skip


def test_one_journal_entry_tells_the_counts_and_every_case_has_its_own() -> None:
    by = make.dispatcher()
    run("编号,内容\n1,a\n2,b\n", by=by, name="九月.csv", digest="d")

    record = TicketImport.objects.get()
    entry = Entry.objects.about(record).get()
    assert (entry.event, entry.by) == ("cases_import.done", by)
    assert entry.details == {
        "rows": 2,
        "imported": 2,
        "known": 0,
        "needs_place": 2,
        "refused": 0,
        "digest": "d",
    }
    assert Entry.objects.filter(event="case.reported").count() == 2
    assert not Pending.objects.exclude(entry__event__startswith="case").exists()


def test_a_run_that_broke_off_between_chunks_is_completed_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparing, "AT_ONCE", 2)
    content = "编号,内容\n" + "".join(f"{n},x\n" for n in range(7))
    make.rules()

    def crash(outcomes: Any) -> None:
        if Case.objects.count() >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_tickets(lines(content), by=None, at=make.NOW, each=crash)
    assert Case.objects.count() == 4
    counts = import_tickets(lines(content), by=None, at=make.NOW)

    assert (counts.imported, counts.known) == (3, 4)
    assert Case.objects.count() == 7


def test_html_emoji_and_sql_are_only_words() -> None:
    said = "<script>alert(1)</script> 😀 '; drop table cases_case; --"
    run(f'编号,内容\n1,"{said}"\n')

    assert Case.objects.get().text == said


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_make_every_case_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "AT_ONCE", 5)
    make.rules()
    content = lines("编号,内容\n" + "".join(f"{n},x\n" for n in range(30)))
    start, found, broken = threading.Barrier(3), [], []

    def work() -> None:
        try:
            start.wait()
            found.append(import_tickets(content, by=None, at=make.NOW))
        except Exception as error:
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert broken == []
    assert Case.objects.count() == 30
    assert sum(counts.imported for counts in found) == 30
    assert sum(counts.known for counts in found) == 60


@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_comes_in_by_another_door_at_this_moment_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make.rules()
    make.street()
    look, asked = importing.numbers_of, []

    def by_the_door() -> None:
        report = make.report(source=Source.HOTLINE, source_ref="1")
        services.report_case(report, key="door", by=None, at=make.NOW)
        connections.close_all()

    def late(refs: Any) -> dict[str, str]:
        asked.append(refs)
        if len(asked) == 1:  # after the lock has been taken: nobody of us sees it any more
            found = look(refs)
            other = threading.Thread(target=by_the_door)
            other.start()
            other.join()
            return found
        return look(refs)

    monkeypatch.setattr(importing, "numbers_of", late)
    counts = import_tickets(lines("编号,内容\n1,a\n2,b\n"), by=None, at=make.NOW)

    assert (counts.imported, counts.known) == (1, 1)


def test_the_number_of_queries_does_not_grow_with_the_rows(
    django_assert_max_num_queries: Any, settings: Any
) -> None:
    make.rules()
    make.street()
    import_tickets(lines("编号,内容\na,b\n"), by=None, at=make.NOW)
    settings.RECHECK_SECONDS = 60.0  # how often places and rules look for changes is their own affair
    content = lines("编号,内容\n" + "".join(f"{n},x\n" for n in range(300)))

    with django_assert_max_num_queries(60):
        import_tickets(content, by=None, at=make.NOW)


def command(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("cases_import", *words, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return error.returncode, out.getvalue()
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_by_its_exit_code_and_json_what_became_of_the_rows(tmp_path: Path) -> None:
    make.rules()
    file, result = tmp_path / "九月.csv.gz", tmp_path / "结果.csv"
    file.write_bytes(gzip.compress("流水,内容\n=1,a\n2,\n".encode("gb18030")))
    (tmp_path / "map.csv").write_text("流水,ref\n")
    words = (str(file), "--map", str(tmp_path / "map.csv"), "--json")

    dry, told = command(*words, "--dry-run")
    assert (dry, Case.objects.count(), json.loads(told)["imported"]) == (3, 0, 1)
    code, told = command(*words, "--result", str(result), "--as", make.dispatcher().username)

    found = json.loads(told)
    assert code == 3
    assert {name: found[name] for name in ("rows", "imported", "known", "needs_place", "refused")} == {
        "rows": 2, "imported": 1, "known": 0, "needs_place": 1, "refused": 1,
    }  # fmt: skip
    assert found["errors"] == [
        {"row": 3, "column": "内容", "message": "没有内容，不知道反映了什么。请补上内容。"}
    ]
    rows = list(csv.reader(io.StringIO(result.read_text("utf-8-sig"))))
    assert rows[1][:3] == ["2", "'=1", Case.objects.get().number]  # no cell is a formula
    assert rows[2][0] == "3" and "没有内容" in rows[2][4]


def test_the_command_refuses_a_file_it_cannot_use_with_2(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")

    assert command(str(tmp_path / "x.csv"), "--json")[0] == 2
    assert command(str(tmp_path / "none.csv"))[0] == 2
    assert command(str(tmp_path / "x.csv"), "--as", "nobody")[0] == 2


@pytest.mark.skipif(not any(path.exists() for path in LETTERS), reason="the letters are not here")
def test_the_4326_letters_are_imported_filtered_dispatched_and_exported() -> None:
    make.rules()
    make.street()
    letters = next(path for path in LETTERS if path.exists())

    code, told = command(str(letters), "--json")

    assert code == 0
    assert json.loads(told)["imported"] == Case.objects.count() == 4326
    filters = Filters.from_query({"source": "hotline", "q": "噪音", "state": "reported", "place": "missing"})
    noisy = filters.apply(Case.objects.all(), at=make.NOW)
    assert 50 < noisy.count() < 1000
    assert all("噪音" in f"{case.title}{case.text}" for case in noisy[:20])
    some, by = list(noisy.order_by("id")[:30]), make.dispatcher()
    for case in some:
        services.set_place(case.pk, by=by, at=make.NOW, lon=make.INSIDE[0], lat=make.INSIDE[1])
        services.ACTS["file"](case.pk, by=by, at=make.NOW, category="E0102")
    answers = services.dispatch_cases([case.pk for case in some], by=by, at=make.NOW)
    assert not [each.refused for each in answers if each.refused]
    sent = Filters.from_query({"source": "hotline", "state": "dispatched"}).apply(
        Case.objects.all(), at=make.NOW
    )
    assert set(sent) == set(some)
    exported = b"".join(exports.csv_lines(Case.objects.order_by("id"))).decode("utf-8-sig")
    assert sum(1 for _row in csv.reader(io.StringIO(exported))) == 4327
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from cases_clockrun where stopped_at is null")
        assert cursor.fetchone() == (4326,)
