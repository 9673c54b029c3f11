"""Several new rows with one statement: all of them, or none."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from siquan.base.accounts.models import ApiToken, User
from siquan.base.journal.models import Entry, Pending
from siquan.base.kernel.together import insert_together, next_ids
from tests import make

pytestmark = pytest.mark.django_db


def entry(**changes: object) -> Entry:
    """Return an entry that is not written."""
    values = {
        "event": "thing.made",
        "about_type": "thing",
        "about_id": 1,
        "at": make.NOW,
        "by_kind": "system",
    }
    return Entry(**values | {"details": {"a": ["字", 1, None]}} | changes)


def test_rows_of_several_tables_that_name_each_other_go_in_with_one_statement() -> None:
    written = entry()
    (written.pk,) = next_ids(Entry)
    follow = [Pending(entry=written, reaction=name) for name in ("one", "two")]

    with CaptureQueriesContext(connection) as asked:
        insert_together([*follow, written])

    assert len(asked) == 1
    kept = Entry.objects.get(pk=written.pk)
    assert (kept.event, kept.details) == ("thing.made", {"a": ["字", 1, None]})
    assert sorted(each.reaction for each in Pending.objects.filter(entry=kept)) == ["one", "two"]


def test_what_the_database_fills_in_is_left_to_it() -> None:
    written = entry(about_id=7)
    insert_together([written])

    kept = Entry.objects.get(about_id=7)
    assert written.pk == kept.pk
    assert kept.written_at is not None
    assert kept.xid is not None


def test_sealed_columns_are_sealed() -> None:
    insert_together([User(username="an", phone="13800000001", created_at=make.NOW)])

    with connection.cursor() as cursor:
        cursor.execute("select phone from accounts_user where username = 'an'")
        assert b"13800000001" not in bytes(cursor.fetchone()[0])
    assert User.objects.get(username="an").phone == "13800000001"


@pytest.mark.django_db(transaction=True)
def test_when_one_row_is_refused_none_is_there() -> None:
    user = make.user()
    token = {"user": user, "digest": "same", "created_at": make.NOW}
    ApiToken.objects.create(**token)

    with pytest.raises(IntegrityError):
        insert_together([entry(about_id=9), ApiToken(**token)])

    assert not Entry.objects.filter(about_id=9).exists()


@pytest.mark.django_db(transaction=True)
def test_a_refused_row_cannot_be_overlooked_by_the_transaction_around_it() -> None:
    user = make.user()
    token = {"user": user, "digest": "same", "created_at": make.NOW}
    ApiToken.objects.create(**token)

    def act() -> None:
        with transaction.atomic():
            insert_together([entry(about_id=10)])
            with pytest.raises(IntegrityError):
                insert_together([ApiToken(**token)])
            Entry.objects.count()

    with pytest.raises(transaction.TransactionManagementError):
        act()
    assert not Entry.objects.filter(about_id=10).exists()


def test_numbers_of_tables_and_sequences_come_together_and_never_twice() -> None:
    with CaptureQueriesContext(connection) as asked:
        first, second = next_ids(Entry, "cases_case_serial"), next_ids(Entry, "cases_case_serial")

    assert len(asked) == 2
    assert all(later > earlier for earlier, later in zip(first, second, strict=True))
