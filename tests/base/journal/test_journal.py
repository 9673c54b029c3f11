"""The journal: written in the act, sealed in order, checked later, and what follows from it."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.journal import canonical, reactions, sealing, seals, services, worker
from siquan.base.journal.models import Batch, Entry, Pending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def thing() -> User:
    return User.objects.create_user("somebody")


def write(thing: User, *events: str) -> list[Entry]:
    written = []
    for event in events:
        with transaction.atomic():
            written.append(services.write(event, about=thing, by=None, at=timezone.now(), note="甲"))
    return written


def forge(sql: str, *parameters: object) -> None:
    """Change the table as somebody with all the rights of the database could."""
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("set session_replication_role = default")


def test_an_entry_can_be_neither_changed_nor_removed(thing: User) -> None:
    (entry,) = write(thing, "thing.made")

    with pytest.raises(DatabaseError, match="Cannot update"):
        Entry.objects.filter(pk=entry.pk).update(event="other")
    with pytest.raises(DatabaseError, match="Cannot update or delete"):
        Entry.objects.filter(pk=entry.pk).delete()


def test_the_table_cannot_be_emptied(thing: User) -> None:
    write(thing, "thing.made")
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname from pg_trigger where tgrelid = 'journal_entry'::regclass and tgname like %s",
            ["%truncate%"],
        )
        (trigger,) = cursor.fetchone()
        cursor.execute(f"alter table journal_entry enable trigger {trigger}")
        try:
            with pytest.raises(DatabaseError, match="append-only"):
                cursor.execute("truncate journal_entry cascade")
        finally:
            cursor.execute(f"alter table journal_entry disable trigger {trigger}")


def test_an_entry_needs_the_transaction_of_its_act(thing: User) -> None:
    with pytest.raises(RuntimeError, match="transaction of the act"):
        services.write("thing.made", about=thing, by=None, at=timezone.now())


def test_sealed_entries_verify_and_the_tail_is_counted(thing: User) -> None:
    write(thing, "a", "b", "c")
    assert seals.seal(timezone.now()) == 3
    write(thing, "d")
    assert seals.verify(thing.district_id).unsealed == 1
    assert seals.seal(timezone.now()) == 1
    assert seals.seal(timezone.now()) == 0

    found = seals.verify(thing.district_id)

    assert found.ok
    assert (found.entries, found.batches, found.unsealed) == (4, 2, 0)


def test_sealing_waits_for_a_transaction_that_is_still_open(thing: User) -> None:
    write(thing, "before")
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()")
        write(thing, "after")
        assert seals.seal(timezone.now()) == 1, "only what came before the open transaction"
        cursor.execute("commit")
    other.close()
    assert seals.seal(timezone.now()) == 1
    assert seals.verify(thing.district_id).ok


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("update journal_entry set details = '{}' where id = %s", "changed"),
        ("delete from journal_entry where id = %s", "missing"),
        (
            "insert into journal_entry"
            " (district_id, at, event, about_type, by_kind, details, xid, written_at)"
            " select district_id, at, 'forged', about_type, by_kind, details, xid, written_at"
            " from journal_entry where id = %s",
            "added",
        ),
    ],
)
def test_a_forged_entry_is_found_and_named(thing: User, sql: str, kind: str) -> None:
    entries = write(thing, "a", "b", "c")
    seals.seal(timezone.now())

    forge(sql, entries[1].pk)

    found = seals.verify(thing.district_id)
    named = getattr(found, kind)
    assert not found.ok
    assert named == ([Entry.objects.latest("id").pk] if kind == "added" else [entries[1].pk])
    assert not found.broken_batches


def test_swapped_entries_are_found(thing: User) -> None:
    first, _ = write(thing, "a", "b")
    seals.seal(timezone.now())

    forge("update journal_entry set xid = (select max(xid) from journal_entry) where id = %s", first.pk)

    assert not seals.verify(thing.district_id).ok


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_removed_batch_is_found(thing: User, number: int) -> None:
    for event in "abcd":
        write(thing, event)
        seals.seal(timezone.now())

    forge("delete from journal_batch where number = %s", number)

    assert not seals.verify(thing.district_id).ok


def test_a_batch_resealed_by_somebody_else_is_found(thing: User) -> None:
    write(thing, "a")
    seals.seal(timezone.now())
    trusted = bytes(Batch.objects.get().public_key)

    forge("update journal_batch set signature = %s", bytes(64))

    found = seals.verify(thing.district_id, trusted=trusted)
    assert found.broken_batches == [{"number": 1, "why": ["its signature is not valid"]}]


ran: list[int] = []


def note_it(entry: Entry) -> None:
    User.objects.create_user(f"follower-{entry.pk}")
    ran.append(entry.pk)


def fail_once(entry: Entry) -> None:
    User.objects.create_user(f"follower-{entry.pk}")
    ran.append(entry.pk)
    if len(ran) == 1:
        raise ValueError("the first try fails after its effect")


@pytest.fixture
def table() -> object:
    before = dict(reactions._names_by_event), dict(reactions._by_name)
    ran.clear()
    yield reactions.use
    reactions._names_by_event.clear()
    reactions._names_by_event.update(before[0])
    reactions._by_name.clear()
    reactions._by_name.update(before[1])


def test_a_reaction_is_queued_in_the_transaction_of_its_entry(thing: User, table: object) -> None:
    table({"thing.made": [note_it]})

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.write("thing.made", about=thing, by=None, at=timezone.now())
        raise ZeroDivisionError
    assert not Pending.objects.exists()

    (entry,) = write(thing, "thing.made")
    worker.drain()
    assert ran == [entry.pk]
    assert not Pending.objects.exists()


def test_a_failed_reaction_is_tried_again_and_its_effect_happens_once(thing: User, table: object) -> None:
    table({"thing.made": [fail_once]})
    (entry,) = write(thing, "thing.made")

    worker.drain()
    waiting = Pending.objects.get()
    assert waiting.attempts == 1
    assert "the first try fails" in waiting.last_error
    assert not User.objects.filter(username=f"follower-{entry.pk}").exists()

    Pending.objects.update(run_after=timezone.now())
    worker.drain()
    assert User.objects.filter(username=f"follower-{entry.pk}").count() == 1
    assert not Pending.objects.exists()


@pytest.mark.parametrize(("attempts", "ahead", "is_run"), [(0, 2, True), (3, 48, True), (3, 0.5, False)])
def test_a_clock_that_is_set_back_makes_no_reaction_wait(
    thing: User, table: object, attempts: int, ahead: float, is_run: bool
) -> None:
    table({"thing.made": [note_it]})
    write(thing, "thing.made")
    Pending.objects.update(attempts=attempts, run_after=timezone.now() + timedelta(hours=ahead))

    worker.drain()

    assert Pending.objects.exists() is not is_run


def note_the_transaction() -> None:
    ran.append(int(connection.in_atomic_block))


@pytest.mark.parametrize("own", [False, True])
def test_a_job_that_waits_for_the_network_holds_no_transaction_open(own: bool) -> None:
    before = list(reactions.schedule())
    ran.clear()
    reactions.use_schedule([reactions.Every(seconds=60, job=note_the_transaction, own_transactions=own)])
    try:
        now = timezone.now()
        assert [worker.run_scheduled(now), worker.run_scheduled(now)] == [1, 0]
    finally:
        reactions.use_schedule(before)
    assert ran == [0 if own else 1]


def batch_sizes(thing: User) -> list[int]:
    found = Batch.objects.filter(district_id=thing.district_id).order_by("number")
    return list(found.values_list("count", flat=True))


def test_a_long_tail_is_sealed_in_bounded_batches_of_whole_transactions(
    thing: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MOST", 3)
    write(thing, "a", "b")
    with transaction.atomic():
        for event in "cd":
            services.write(event, about=thing, by=None, at=timezone.now())
    write(thing, "e", "f")

    assert seals.seal(timezone.now()) == 6

    assert batch_sizes(thing) == [2, 3, 1], "c and d were written together and stay together"
    found = seals.verify(thing.district_id)
    assert found.ok
    assert (found.entries, found.unsealed) == (6, 0)


@pytest.mark.parametrize("after", [0, 1])
def test_a_transaction_longer_than_a_batch_is_sealed_whole(
    thing: User, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(seals, "MOST", 2)
    with transaction.atomic():
        for event in "abcd":
            services.write(event, about=thing, by=None, at=timezone.now())
    write(thing, *"e"[:after])

    assert seals.seal(timezone.now()) == 4 + after

    assert batch_sizes(thing) == [4, *[1] * after]
    assert seals.verify(thing.district_id).ok


def test_the_sealed_text_is_spelled_as_jsonb_spells_it(thing: User) -> None:
    """Entries sealed by older versions, whose text was made by `jsonb_build_array`, stay valid."""
    odd = '\\ " / \b\f\n\r\t\x01\x1f\x7f é 甲 😀'
    forge(
        "insert into journal_entry (district_id, at, event, about_type, about_id, by_id, by_kind, details)"
        " values (%s, '1969-12-31 23:59:59.999999+00', %s, %s, null, null, %s, %s::jsonb),"
        " (%s, '9999-12-31 00:00:00.1+00', 'a', '', -1, 7, '', 'null')",
        thing.district_id, odd, odd[:20], odd[:10],
        json.dumps({"b": odd, "a": [1.50, None, {}], odd: 1e30}),
        thing.district_id,
    )  # fmt: skip

    with connection.cursor() as cursor:
        cursor.execute(
            f"""select {canonical.TEXT}, {canonical.DIGEST}, jsonb_build_array(
                id, district_id, (extract(epoch from at) * 1000000)::bigint, event, about_type, about_id,
                by_id, by_kind, details, (extract(epoch from written_at) * 1000000)::bigint, xid::text)::text
            from journal_entry order by id"""
        )
        rows = cursor.fetchall()

    assert len(rows) == 2
    for text, digest, spelled in rows:
        assert text == spelled
        assert bytes(digest) == sealing.digest(text)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 13])
def test_the_root_is_that_of_a_merkle_tree(count: int) -> None:
    """The definition of RFC 6962, section 2.1, word for word."""
    leaves = [sealing.digest(str(number)) for number in range(count)]

    def tree(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return part[0]
        half = 1 << ((len(part) - 1).bit_length() - 1)
        return hashlib.sha256(b"\x01" + tree(part[:half]) + tree(part[half:])).digest()

    assert sealing.root(b"".join(leaves)) == (tree(leaves) if leaves else hashlib.sha256(b"").digest())
