"""Load, load again, load the next version, write out, load that: nothing is lost and nothing doubled."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.utils import ProgrammingError

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.limits import Unit as Measure
from siquan.city.duties.models import Duty, Role
from siquan.city.places.models import Division, Level
from siquan.city.rules import queries, services, stored
from siquan.city.rules.files import parse, read_folder
from siquan.city.rules.models import Calendar, CalendarDay, Category, Clock, Draft, LimitRule, Pack
from siquan.city.rules.services import FaultyPack
from siquan.city.units.models import Unit
from tests.city.rules.packs import GOOD, files, make_streets, planted

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
DEMO = Path(__file__).parents[3] / "siquan/demo/pack"

pytestmark = pytest.mark.django_db


@pytest.fixture
def streets() -> list[Division]:
    return make_streets()


def load(**changed):
    return services.load_files(files(**changed), by=None, at=NOW)


def person(*roles: str) -> User:
    user = User.objects.create_user(username=f"u{User.objects.count()}")
    for role in roles:
        Duty.objects.create(user=user, role=role, valid_from=date(2026, 1, 1))
    return user


def counts() -> list[int]:
    return [
        model.objects.count() for model in (Pack, Category, LimitRule, Unit, Calendar, CalendarDay, Entry)
    ]


def test_a_loaded_pack_answers(streets):
    loaded = load()
    book = queries.rulebook(queries.pack_in_force(TODAY))
    trading = book.categories["200102"]

    assert loaded.is_new
    assert [entry.code for entry in book.path(trading.id)] == ["20", "2001", "200102"]
    assert (trading.kind, book.categories["2002"].is_urgent) == ("event", True)
    answer = book.responsibility_for(trading.id, division_ids=[streets[0].pk], on=TODAY)
    assert answer.why == (
        "责任清单第 3 行：占道经营 × 东华门街道 → 东华门街道办事处（协办：城市管理委员会）；"
        "比第 2 行更具体（按类别）"
    )
    assert Unit.objects.get(pk=answer.lead_id).code == "S01"
    assert book.limit_for(book.categories["2002"].id, Clock.HANDLING).measure is Measure.URGENT_HOURS


def test_answers_come_without_a_query_after_the_first_time(streets, django_assert_num_queries):
    book = queries.rulebook(load().pack)

    with django_assert_num_queries(0):
        assert queries.rulebook(Pack(pk=book.pack_id)) is book
        for category in book.leaf_categories:
            for street in streets:
                book.responsibility_for(category.id, division_ids=[street.pk, None], on=TODAY)
                book.limit_for(category.id, Clock.FILING, "main")


def test_a_new_row_of_a_street_keeps_its_rules(streets):
    book = queries.rulebook(load().pack)
    redrawn = Division.objects.create(
        level=Level.STREET, code=streets[0].code, name="东华门街道", valid_from=TODAY, source="test"
    )

    answer = book.responsibility_for(book.categories["200102"].id, division_ids=[redrawn.pk], on=TODAY)

    assert answer.line == 3


def test_the_same_pack_again_changes_nothing(streets):
    load()
    before = counts()

    again = load()

    assert not again.is_new
    assert counts() == before


def test_the_same_version_with_other_content_is_refused_and_changes_nothing(streets):
    load()
    before = counts()

    with pytest.raises(BadInput, match=r"small 1 已于 2026-03-02 装入.*版本号"):
        load(**planted("limits.csv", 2, "20,,filing,2,working_hours,assumed"))
    with pytest.raises(BadInput, match=r"cn 2026\.1 已于"):
        load(**planted("calendar.yaml", 4, "office_hours: 09:00-18:00"))

    assert counts() == before


def test_a_new_version_ends_the_one_before(streets):
    old = load().pack
    new = load(
        pack_yaml=GOOD["pack.yaml"]
        .replace('version: "1"', 'version: "2"')
        .replace("2026-01-01", "2026-04-01")
    ).pack
    old.refresh_from_db()

    assert old.valid_to == new.valid_from
    assert queries.pack_in_force(date(2026, 3, 31)) == old
    assert queries.pack_in_force(date(2026, 4, 1)) == new
    assert list(Entry.objects.order_by("id").values_list("event", flat=True)) == [
        "unit.added",
        "unit.added",
        "calendar.loaded",
        "pack.loaded",
        "pack.loaded",
        "pack.closed",
    ]


def test_a_version_for_the_past_ends_where_the_next_begins(streets):
    new = load().pack
    text = GOOD["pack.yaml"].replace('version: "1"', 'version: "0"').replace("2026-01-01", "2025-06-01")

    old = load(pack_yaml=text).pack

    assert old.valid_to == new.valid_from
    assert queries.pack_in_force(date(2025, 6, 1)) == old
    assert queries.pack_in_force(TODAY) == new


def test_a_pack_with_errors_is_not_loaded_at_all(streets):
    with pytest.raises(FaultyPack, match=r"responsibilities\.csv:3:lead") as refused:
        load(**planted("responsibilities.csv", 3, "200102,110101001,,S99,,,,assumed"))

    assert len(refused.value.faults) > 1
    assert counts() == [0] * 7


def test_a_division_the_city_does_not_have_is_an_error():
    with pytest.raises(FaultyPack, match=r"responsibilities\.csv:3:division"):
        load()


def test_a_pack_without_calendar_is_refused(streets):
    with pytest.raises(FaultyPack, match=r"calendar\.yaml"):
        load(calendar_yaml=None)


def test_nothing_in_force_says_what_to_do():
    with pytest.raises(NotFound, match="siquan rules load"):
        queries.pack_in_force(TODAY)
    with pytest.raises(NotFound, match="siquan rules load"):
        queries.calendar_row_in_force(TODAY)


@pytest.mark.parametrize(
    "change",
    [
        lambda pack: pack.limits.update(amount=99),
        lambda pack: pack.limits.all().delete(),
        lambda pack: pack.responsibilities.update(line=1),
        lambda pack: Pack.objects.update(title="x"),
        lambda pack: Calendar.objects.update(office_hours=[]),
        lambda pack: CalendarDay.objects.update(is_working=True),
    ],
)
def test_what_cases_were_judged_by_cannot_be_changed(streets, change):
    pack = load().pack

    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        change(pack)


def test_the_calendar_is_the_one_that_was_loaded(streets):
    row = load().calendar
    calendar = queries.calendar_in_force(TODAY)

    assert calendar is queries.calendar_by_id(row.pk)
    assert calendar.hours == ((time(9), time(12)), (time(13, 30), time(17, 30)))
    assert (calendar.day(date(2026, 3, 2)).name, calendar.day(date(2026, 3, 2)).is_working) == (
        "演练日",
        False,
    )
    assert calendar.day(date(2026, 2, 14)).swapped  # a Saturday worked for Spring Festival
    assert not calendar.day(date(2026, 10, 1)).is_working
    assert calendar.provisional == {2027}
    assert CalendarDay.objects.get(date="2026-10-01").name_en == "National Day"


def test_what_is_written_out_is_the_same_pack(streets, tmp_path):
    first = load(**planted("limits.csv", 5, '200101,main,handling,2,working_hours,"a, ""b""\nc"')).pack
    services.export_pack(first, tmp_path / "out", on=TODAY)
    found = parse(read_folder(tmp_path / "out"))

    assert found.faults == ()
    assert found.pack.digest == first.digest
    assert not services.load_pack(tmp_path / "out", by=None, at=NOW).is_new
    services.export_pack(first, tmp_path / "again", on=TODAY)
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_writing_out_never_overwrites(streets, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(BadInput, match="新的或空的文件夹"):
        services.export_pack(load().pack, tmp_path, on=TODAY)


def test_the_demo_pack_loads_without_an_error_and_writes_out_the_same(tmp_path):
    with (DEMO / "responsibilities.csv").open() as opened:
        codes = {row["division"] for row in csv.DictReader(opened)}
    with (DEMO / "units.csv").open() as opened:
        codes |= {row["division"] for row in csv.DictReader(opened)}
    levels = {9: Level.STREET, 12: Level.COMMUNITY}
    Division.objects.bulk_create(
        Division(
            code=code,
            name=code,
            level=levels.get(len(code), Level.BLOCK),
            valid_from=date(2020, 1, 1),
            source="x",
        )
        for code in codes - {""}
    )
    loaded = services.load_pack(DEMO, by=None, at=NOW)
    services.export_pack(loaded.pack, tmp_path / "out", on=TODAY)
    before, after = parse(read_folder(DEMO)).pack, parse(read_folder(tmp_path / "out")).pack

    assert loaded.is_new
    assert after.digest == before.digest
    assert after.calendar.digest == before.calendar.digest
    assert {row["code"]: row.cells for row in after.units} == {row["code"]: row.cells for row in before.units}
    again = stored.pack_as_file(loaded.pack, loaded.calendar, TODAY)
    assert again.digest == before.digest
    assert again.categories == before.categories  # in the same order, on the same lines
    assert again.limits == before.limits
    assert again.responsibilities == before.responsibilities


def test_only_a_rule_editor_loads_a_pack(streets):
    with pytest.raises(PermissionDenied, match="规则管理员"):
        services.load_files(files(), by=person(Role.DISPATCHER), at=NOW)

    editor = person(Role.RULE_EDITOR)

    assert services.load_files(files(), by=editor, at=NOW).is_new
    assert Entry.objects.get(event="pack.loaded").by == editor


def test_a_draft_keeps_the_very_bytes_until_it_is_loaded(streets):
    editor = person(Role.RULE_EDITOR)
    sent = {**files(), "limits.csv": b"\xff\x00 not text"}
    draft = services.keep_draft(sent, by=editor, at=NOW)

    assert queries.files_of(queries.draft_by_id(draft.pk)) == sent
    with pytest.raises(FaultyPack):
        services.load_draft(draft, by=editor, at=NOW)
    assert Draft.objects.count() == 1

    good = services.keep_draft(files(), by=editor, at=NOW)
    assert services.load_draft(good, by=editor, at=NOW).is_new
    services.discard_draft(draft, by=editor)
    assert not Draft.objects.exists()


def test_drafts_are_for_rule_editors(streets):
    draft = services.keep_draft(files(), by=person(Role.RULE_EDITOR), at=NOW)
    stranger = person(Role.DISPATCHER)

    with pytest.raises(PermissionDenied):
        services.keep_draft(files(), by=stranger, at=NOW)
    with pytest.raises(PermissionDenied):
        services.load_draft(draft, by=stranger, at=NOW)
    with pytest.raises(PermissionDenied):
        services.discard_draft(draft, by=stranger)
    assert Draft.objects.count() == 1
