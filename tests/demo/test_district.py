"""The demo district: complete, the same every time, and nothing in it that the rules do not allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.city.places.models import Division, Level
from siquan.city.rules import queries as rules
from siquan.city.units.models import Unit
from siquan.demo import district
from siquan.demo.signins import SIGN_INS
from siquan.demo.year import rows
from siquan.insight.scoring.models import Appeal, Rate, Reckoning
from siquan.work.cases.models import Case, CasePhoto, ClockPause, ClockRun, Comment, Purpose
from siquan.work.cases.queries import my_work
from siquan.work.cases.services.bulk import path_of
from siquan.work.cases.states import EVENTS, State
from tests import make

UNTIL = datetime.fromisoformat("2026-09-15T15:30:00+08:00")
CASES = 600
SEED = 7
VERBS = {event: verb for verb, event in EVENTS.items()}


@pytest.mark.django_db
def test_a_district_that_is_no_demo_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIQUAN_DEMO", "1")
    make.street()
    before = Division.objects.count()

    with pytest.raises(CommandError, match="not touched"):
        call_command("demo_build")
    assert Division.objects.count() == before


@pytest.mark.django_db
def test_only_a_demo_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIQUAN_DEMO", raising=False)

    with pytest.raises(CommandError, match="siquan demo"):
        call_command("demo_build")


# The other tests share one building, in a transaction that is rolled back: they ask for no database each.


@pytest.fixture(scope="module")
def built_before(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[tuple[object, ...]]]:
    """Build the district twice: yield what the first one was while the second one stands."""
    with django_db_blocker.unblock(), transaction.atomic():
        with transaction.atomic():
            district.build(cases=CASES, seed=SEED, at=UNTIL, is_quiet=True)
            first = told()
            transaction.set_rollback(True)
        district.build(cases=CASES, seed=SEED, at=UNTIL, is_quiet=True)
        yield first
        transaction.set_rollback(True)


@pytest.fixture
def built(built_before: list[tuple[object, ...]]) -> None:
    """Have the district."""


def told() -> list[tuple[object, ...]]:
    """Return every case with its life, without what is random on purpose (the token) or counted on."""
    deeds: dict[int, list[tuple[object, ...]]] = {}
    for entry in Entry.objects.filter(about_type="case").select_related("by").order_by("id"):
        name = entry.by.username if entry.by else ""
        deeds.setdefault(entry.about_id or 0, []).append((entry.event, entry.at, name, entry.by_kind))
    levels = ("street__code", "community__code", "block__code", "cell__code", "site__code")
    plain = (
        "text",
        "title",
        "source",
        "state",
        "reported_at",
        "closed_at",
        "due_at",
        "lon",
        "lat",
        "address",
    )
    names = (*plain, "category__code", "unit__code", *levels)
    return [(*row[1:], deeds[row[0]]) for row in Case.objects.order_by("id").values_list("id", *names)]


def test_the_same_seed_gives_the_same_district(built_before: list[tuple[object, ...]]) -> None:
    assert told() == built_before
    assert len(built_before) == CASES


def test_it_has_its_streets_blocks_communities_and_units(built: None) -> None:
    levels = Counter(Division.objects.values_list("level", flat=True))

    assert (levels[Level.STREET], levels[Level.BLOCK], levels[Level.COMMUNITY]) == (17, 81, 169)
    kinds = Division.objects.filter(level=Level.BLOCK).values_list("kind", flat=True)
    assert len(set(kinds)) == 4
    assert Unit.objects.count() >= 40


def test_nothing_lies_outside_the_district(built: None) -> None:
    assert not Case.objects.filter(street=None).exists()
    assert not Case.objects.filter(cell=None).exists()
    assert not Case.objects.filter(reported_at__gt=UNTIL).exists()
    assert not Entry.objects.filter(about_type="case", at__gt=UNTIL).exists()


def test_every_life_is_one_that_the_states_table_allows(built: None) -> None:
    lives: dict[int, list[str]] = {}
    for about, event in (
        Entry.objects.filter(about_type="case").order_by("id").values_list("about_id", "event")
    ):
        lives.setdefault(about or 0, []).append(event)
    states = dict(Case.objects.values_list("pk", "state"))
    for key, events in lives.items():
        verbs = tuple(VERBS[event] for event in events if event in VERBS)
        expected = State.IN_HAND if "case.answered" in events else path_of(verbs).states[-1]
        assert states[key] == expected, events
    assert set(lives) == set(states)


def test_exactly_the_open_cases_have_a_running_clock(built: None) -> None:
    running = ClockRun.objects.filter(stopped_at=None).values_list("case_id", flat=True)

    assert sorted(running) == sorted(Case.objects.open().values_list("pk", flat=True))
    assert not Case.objects.open().filter(due_at=None).exists()


def test_nobody_checked_what_they_handled(built: None) -> None:
    for case in Case.objects.exclude(handler_ids=[]):
        checked = Entry.objects.about(case).filter(event__in=("case.verified", "case.sent_back"))
        assert not set(checked.values_list("by_id", flat=True)) & set(case.handler_ids)


def test_the_mix_of_categories_is_the_one_of_the_data(built: None) -> None:
    given: Counter[str] = Counter()
    for row in rows("case_mix.csv"):
        given[row["category"][:2]] += float(row["weight"])  # type: ignore[assignment]
    found = Counter(code[:2] for code in Case.objects.values_list("category__code", flat=True))

    # Hot spots and stories are drawn by other rules, and 600 cases are few: within eight points.
    for top, weight in given.items():
        assert abs(found[top] / CASES - weight / sum(given.values())) < 0.08, top


@pytest.mark.parametrize("username", ["centre", "lead", "clerk-hwzx", "clerk-s06", "checker-06"])
def test_everybody_who_deals_with_cases_has_something_to_do(built: None, username: str) -> None:
    assert username in dict(SIGN_INS)
    assert my_work(User.objects.get(username=username)).exists()


@pytest.mark.parametrize(
    "event",
    ["case.suspended", "case.reporter_asked", "case.extension_asked", "case.assist_asked", "case.merged"],
)
def test_what_is_rare_happens_at_least_five_times(built: None, event: str) -> None:
    assert Entry.objects.filter(event=event).count() >= 5


def test_reporters_say_something_and_clocks_stand_still(built: None) -> None:
    assert Comment.objects.filter(by=None).count() >= 5
    assert ClockPause.objects.count() >= 15


def test_about_forty_cases_have_photos_and_some_show_before_and_after(built: None) -> None:
    purposes = Counter(CasePhoto.objects.values_list("purpose", flat=True))

    assert purposes[Purpose.REPORT] >= 40
    assert purposes[Purpose.AFTER] >= 10


def test_texts_are_varied_and_name_their_place(built: None) -> None:
    assert len(set(Case.objects.values_list("text", flat=True))) > CASES * 0.9


def test_indexes_and_foreign_keys_are_back(built: None) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "cases_case")
    names = {name for name, about in found.items() if about["index"] or about["unique"]}

    assert {index.name for index in Case._meta.indexes} <= names
    assert {each.name for each in Case._meta.constraints} <= names
    keys = [about for about in found.values() if about["foreign_key"]]
    assert len(keys) == len([field for field in Case._meta.fields if field.is_relation])


def test_responsible_units_follow_from_the_list_in_force(built: None) -> None:
    book = rules.rulebook(rules.pack_in_force(UNTIL.date()))
    for case in Case.objects.exclude(responsibility=None).select_related("block")[:100]:
        found = book.responsibility_for(
            case.category_id or 0,
            division_ids=[case.cell_id, case.block_id, case.community_id, case.street_id],
            block_kind=case.block.kind if case.block else "",
            on=case.reported_at.date(),
        )
        assert found is not None and found.lead_id == case.unit_id


def test_the_rates_of_the_year_are_reckoned_and_an_appeal_of_each_kind_was_made(built: None) -> None:
    kinds = [len(code) for code in Reckoning.objects.values_list("period", flat=True)]

    assert (kinds.count(7), kinds.count(6), kinds.count(4)) == (13, 5, 2)
    assert not Rate.objects.filter(numerator__gt=F("denominator")).exists()
    assert set(Appeal.objects.values_list("state", flat=True)) <= {"asked", "granted", "refused"}
