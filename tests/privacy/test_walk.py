"""Plant personal data everywhere, walk everywhere, find it nowhere; and prove that the walk could find it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from siquan.base.accounts.sessions import SessionStore
from siquan.base.journal import services as journal
from siquan.base.notices import jobs as notices
from siquan.base.notices.services import Address, notify
from siquan.config.logwords import Discreet
from siquan.work.cases import services
from tests.architecture.test_addresses import World, world
from tests.privacy import planted as seeds
from tests.privacy import walker
from tests.privacy.planted import Planted, plant

__all__ = ["world"]
pytestmark = pytest.mark.django_db

# The one page and the one call that are made to show a number, each written into the journal as it does.
MADE_TO_SHOW = ("get desk/calls/", "post desk/calls/")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Hear every line that is logged from INFO on, as the console would show it."""
    listening = walker.Listening([Discreet()])
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.INFO)
    root.addHandler(listening)
    yield listening.lines
    root.removeHandler(listening)
    root.setLevel(before)


@pytest.fixture
def planted(world: World, lines: list[str], settings: Any) -> Planted:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    return plant(world)


def told(leaks: Iterator[walker.Leak]) -> list[str]:
    return sorted({str(each) for each in leaks})


def test_no_page_and_no_export_gives_anything_away(planted: Planted, lines: list[str]) -> None:
    assert told(walker.walk_pages(planted)) == []
    assert told(walker.leaks_in_lines(lines, planted.tokens)) == []


def test_no_program_is_told_anything(planted: Planted, lines: list[str]) -> None:
    assert told(walker.walk_api(planted)) == []
    assert told(walker.leaks_in_lines(lines, planted.tokens)) == []


def test_nothing_lies_in_the_open(planted: Planted) -> None:
    assert told(walker.walk_database()) == []
    assert told(walker.walk_sessions()) == []
    assert told(walker.walk_files()) == []


def test_what_is_hidden_is_still_there_for_a_reason(planted: Planted) -> None:
    by, now = planted.world.people["dispatcher"], timezone.now()
    ticket = services.unmask(planted.ticket.pk, by=by, at=now, reason="核实")
    home = services.unmask(planted.home.pk, by=by, at=now, reason="核实")

    assert (ticket.name, ticket.phone, ticket.text) == (seeds.NAME, seeds.TICKET_PHONE, seeds.TEXT)
    assert (home.phone, home.text) == (seeds.PHONE, seeds.TEXT)
    assert seeds.DOOR in home.address


# --- The walk can fail


def test_it_finds_a_leak_on_pages_in_exports_to_programs_and_in_tables(planted: Planted) -> None:
    with connection.cursor() as cursor:  # past every field that masks
        cursor.execute("update cases_case set text = %s", [seeds.TEXT])

    pages = told(
        walker.walk_pages(planted, ("dispatcher", "anonymous"), ("get",), "cases/|c/|nearby/|desk/$")
    )
    number = planted.home.number
    for where in (f"get cases/{number}/", "get cases/", "get cases/export.csv", "get cases/export.xlsx"):
        assert f"phone to dispatcher at {where}" in pages
    assert not [each for each in pages if " to anonymous " in each and " r/" not in each]
    assert f"card to lead at /api/v1/cases/{number}" in told(walker.walk_api(planted))
    assert {"name to database at table cases_case", "email to database at table cases_case"} <= set(
        told(walker.walk_database())
    )


def test_it_finds_an_exact_place_told_to_everybody(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siquan.work.cases.queries.public.snapped", lambda lon, lat: (lon, lat))

    pages = told(walker.walk_pages(planted, ("anonymous",), ("get",), "c/|nearby/"))

    assert any(each.startswith("position to anonymous at get nearby/cases.json") for each in pages)
    assert f"position to anonymous at get c/{planted.home.number}/" in pages


def test_it_finds_a_leak_in_a_log_line_a_message_a_session_and_the_journal(
    planted: Planted, lines: list[str]
) -> None:
    logging.getLogger("siquan.test").warning("said by %s", seeds.NAME)
    assert told(walker.leaks_in_lines(lines, ())) == ["name to log at log"]
    lines.append(f"/r/{planted.home.token}/")
    assert "private link to log at log" in told(walker.leaks_in_lines(lines, planted.tokens))

    for channel in ("sms", "email", "webhook"):
        to = Address(channel, "someone@example.org")
        notify([to], kind="x", key=channel, title=f"请联系{seeds.NAME}", at=timezone.now())
    while notices.deliver_due():
        pass
    assert {each.rpartition("/")[2] for each in told(walker.walk_files()) if each.startswith("name")} == {
        "sms.jsonl",
        "webhook.jsonl",
        "mail",
    }

    session = SessionStore()
    session["said"] = seeds.PHONE
    session.save()
    assert told(walker.walk_sessions()) == ["phone to database at session"]

    with transaction.atomic():
        journal.write("test.said", about=planted.case, by=None, at=timezone.now(), note=seeds.NAME)
    assert "name to database at table journal_entry" in told(walker.walk_database())


def test_what_the_console_says_is_masked() -> None:
    listening = walker.Listening([Discreet()])
    record = logging.LogRecord(
        "x", logging.WARNING, "", 0, "bad %s at /r/%s/say/", (seeds.PHONE, "a" * 22), None
    )
    listening.handle(record)

    assert listening.lines == ["WARNING x bad 139****4321 at /r/***/say/"]
