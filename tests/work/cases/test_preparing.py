"""A second process looks at a long file, one chunk ahead: the same outcome, and nothing is lost with it."""

from __future__ import annotations

import io
from contextlib import closing
from itertools import chain

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from siquan.work.cases.imports.tickets import TicketFile
from siquan.work.cases.models import Case
from siquan.work.cases.services import preparing
from siquan.work.cases.services.importing import import_tickets
from siquan.work.cases.services.preparing import Found, prepared
from tests import make

CONTENT = "编号,内容,类别\n" + "".join(f"{n},路灯不亮，井盖第{n}次松动,群众诉求\n" for n in range(23))
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> TicketFile:
    make.rules()
    make.street()
    monkeypatch.setattr(preparing, "AT_ONCE", 5)
    monkeypatch.setattr(preparing, "WORTH_IT", 0)
    return TicketFile(io.BytesIO(CONTENT.encode()), at=make.NOW)


def here(file: TicketFile) -> list[Found]:
    return preparing.prepare(preparing.usable(file.lines()), at=make.NOW)


def test_the_process_beside_finds_what_this_one_would_find(
    long: TicketFile, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(prepared(long.lines(), at=make.NOW)) as chunks:
        found = [list(chunk.found) for chunk in chunks]

    assert [len(each) for each in found] == [5, 5, 5, 5, 3]
    assert [*chain.from_iterable(found)] == here(long)
    assert not caplog.records  # or it was this one after all


def test_a_long_file_comes_in_whole_and_only_once(long: TicketFile) -> None:
    first = import_tickets(long.lines(), by=None, at=make.NOW)
    again = import_tickets(long.lines(), by=None, at=make.NOW)

    assert (first.imported, again.imported, again.known) == (23, 0, 23)
    assert Case.objects.count() == 23


def test_when_the_process_beside_dies_the_rest_is_looked_at_here(
    long: TicketFile, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(prepared(long.lines(), at=make.NOW)) as chunks:
        found = list(next(chunks).found)
        beside = chunks.gi_frame.f_locals["beside"]
        beside._child.kill()
        beside._child.wait()
        for chunk in chunks:
            found += chunk.found

    assert found == here(long)
    assert "going on without it" in caplog.text


def test_it_ends_with_the_import_that_is_given_up(long: TicketFile) -> None:
    chunks = prepared(long.lines(), at=make.NOW)
    next(chunks)
    child = chunks.gi_frame.f_locals["beside"]._child
    chunks.close()

    assert child.poll() is not None


def test_known_tickets_are_found_by_their_index() -> None:
    with CaptureQueriesContext(connection) as asked:
        preparing.numbers_of(["1", "2"])

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")  # so few rows that it would not be worth it
        cursor.execute(f"explain {asked[0]['sql']}")
        assert "cases_case_source_ref" in str(cursor.fetchall())
