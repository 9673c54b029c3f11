"""Seal what was written, in order and in batches, and prove later that nothing was touched."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from django.db import connection, transaction

from siquan.base.journal import sealing
from siquan.base.journal.models import Batch

# One text per entry, the same on every server: numbers and jsonb have one spelling, times are microseconds.
CANONICAL = """jsonb_build_array(
    id, district_id, (extract(epoch from at) * 1000000)::bigint, event, about_type, about_id, by_id,
    by_kind, details, (extract(epoch from written_at) * 1000000)::bigint, xid::text)::text"""
LOCK = 7_304_197_001  # advisory: one sequencer at a time; intake never waits for it
CHUNK = 20_000
MOST = 50_000  # entries of a batch, unless one transaction alone wrote more
MOST_NAMED = 100


class ClusterChanged(RuntimeError):
    """New entries would sort before sealed ones."""


def signing_key(path: Path | None = None) -> Ed25519PrivateKey:
    """Return the key that signs heads, making it on first use; only its owner may read the file."""
    path = path or Path(settings.JOURNAL_KEY)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(
            Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        )
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """Return the 32 bytes of the public key."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


@transaction.atomic
def seal(at: datetime) -> int:
    """Seal every entry whose transaction can no longer be overtaken; return how many were sealed.

    A transaction numbered below the oldest one still running is finished: the run `[from, to)` is whole.
    A long run is cut into batches between transactions, so that memory does not grow with it.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text")
        horizon = cursor.fetchone()[0]
        cursor.execute(
            """select distinct district_id from journal_entry
            where xid < %s::xid8 and xid >= coalesce((select max(to_xid) from journal_batch), '0')""",
            [horizon],
        )
        districts = [row[0] for row in cursor.fetchall()]
    return sum(_seal_district(district, horizon, at) for district in districts)


def _seal_district(district: int, horizon: str, at: datetime) -> int:
    """Seal batch after batch up to the horizon: the next run is looked for behind the last one of all."""
    sealed = 0
    while count := _seal_batch(district, horizon, at):
        sealed += count
    return sealed


def _seal_batch(district: int, horizon: str, at: datetime) -> int:
    last = Batch.objects.filter(district_id=district).order_by("-number").first()
    start = last.to_xid if last else "0"
    if int(horizon) < int(start):
        raise ClusterChanged(
            "The transaction numbers of this database lie below those already sealed: it was restored into a "
            "new cluster. Raise its counter first (pg_resetwal --next-transaction-id; see the README)."
        )
    end = _end_of_batch(district, start, horizon)
    ids, digests = array("q"), []
    for entry_id, text in _entries(district, start, end):
        ids.append(entry_id)
        digests.append(sealing.digest(text))
    if not ids:
        return 0
    key = signing_key()
    number, first = (last.number + 1, last.first_serial + last.count) if last else (1, 1)
    previous = bytes(last.head) if last else sealing.GENESIS
    root = sealing.root(digests)
    head = sealing.head(previous, district, number, first, root, len(ids))
    Batch.objects.create(
        district_id=district,
        number=number,
        from_xid=start,
        to_xid=end,
        first_serial=first,
        count=len(ids),
        entry_ids=np.array(ids, dtype=">i8").tobytes(),
        digests=b"".join(digests),
        root=root,
        previous_head=previous,
        head=head,
        sealed_at=at,
        public_key=public_bytes(key),
        signature=key.sign(head),
    )
    return len(ids)


def _end_of_batch(district: int, start: str, horizon: str) -> str:
    """Return the transaction number before which the next batch ends: MOST entries on, or the horizon."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select min(xid)::text, max(xid)::text, count(*) from (
                select xid from journal_entry where district_id = %s and xid >= %s::xid8 and xid < %s::xid8
                order by xid, id limit %s) as next""",
            [district, start, horizon, MOST + 1],
        )
        first, last, count = cursor.fetchone()
        if count <= MOST:
            return horizon
        if first != last:
            return str(last)
        # One transaction wrote more than a batch holds: it is sealed whole.
        cursor.execute(
            """select min(xid)::text from journal_entry
            where district_id = %s and xid > %s::xid8 and xid < %s::xid8""",
            [district, last, horizon],
        )
        return str(cursor.fetchone()[0] or horizon)


def _entries(district: int, start: str, end: str | None = None) -> Iterator[tuple[int, str]]:
    """Yield (id, canonical text) in sealing order, streamed."""
    upper = "and xid < %s::xid8" if end else ""
    sql = (
        f"select id, {CANONICAL} from journal_entry where district_id = %s and xid >= %s::xid8 {upper} "  # noqa: S608
        "order by xid, id"
    )
    parameters = [district, start] + ([end] if end else [])
    connection.ensure_connection()
    with connection.connection.cursor(name="journal_entries") as cursor:
        cursor.itersize = CHUNK
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


@dataclass
class Verification:
    """What the check of a journal found; `ok` is true when nothing sealed was touched."""

    district: int
    entries: int = 0
    batches: int = 0
    head: str = ""
    unsealed: int = 0
    changed: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    reordered: list[int] = field(default_factory=list)
    broken_batches: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Tell whether everything sealed is as it was."""
        return not (self.changed or self.missing or self.added or self.reordered or self.broken_batches)

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON."""
        return {"ok": self.ok} | asdict(self)


def verify(district: int, *, trusted: bytes | None = None) -> Verification:
    """Check every sealed entry and every batch of a district, and count the unsealed tail.

    `trusted` is the public key the heads must be signed with (32 bytes); without it the key of the first
    batch is taken, which proves only that nothing changed since somebody noted that key or a head.
    """
    found = Verification(district)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read")
        previous, end, number, serial = sealing.GENESIS, "0", 1, 1
        for batch in Batch.objects.filter(district_id=district).order_by("number").iterator(chunk_size=20):
            trusted = trusted or bytes(batch.public_key)
            _check_batch(found, batch, previous, end, number, serial, trusted)
            _check_entries(found, batch)
            previous, end = bytes(batch.head), batch.to_xid
            number, serial = batch.number + 1, batch.first_serial + batch.count
            found.batches += 1
        found.head = previous.hex()
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from journal_entry where district_id = %s and xid >= %s::xid8",
                [district, end],
            )
            found.unsealed = cursor.fetchone()[0]
    return found


def _check_batch(
    found: Verification, batch: Batch, previous: bytes, start: str, number: int, serial: int, trusted: bytes
) -> None:
    ids, digests = _contents(batch)
    root = sealing.root(digests)
    head = sealing.head(
        bytes(batch.previous_head), batch.district_id, batch.number, batch.first_serial, root, len(ids)
    )
    wrong = []
    if batch.number != number or batch.first_serial != serial:
        wrong.append(f"batch {number} is missing or out of order")
    if bytes(batch.previous_head) != previous or int(batch.from_xid) != int(start):
        wrong.append("does not follow the batch before it")
    if len(digests) != batch.count or root != bytes(batch.root) or head != bytes(batch.head):
        wrong.append("its contents were changed")
    try:
        Ed25519PublicKey.from_public_bytes(trusted).verify(bytes(batch.signature), bytes(batch.head))
    except InvalidSignature:
        wrong.append("its signature is not valid")
    if wrong:
        found.broken_batches.append({"number": batch.number, "why": wrong})


def _contents(batch: Batch) -> tuple[list[int], list[bytes]]:
    ids = np.frombuffer(bytes(batch.entry_ids), dtype=">i8").tolist()
    raw = bytes(batch.digests)
    return ids, [raw[i : i + 32] for i in range(0, len(raw), 32)]


def _check_entries(found: Verification, batch: Batch) -> None:
    ids, digests = _contents(batch)
    expected = dict(zip(ids, digests, strict=False))
    seen: list[int] = []
    for entry_id, text in _entries(batch.district_id, batch.from_xid, batch.to_xid):
        seen.append(entry_id)
        if expected.get(entry_id) != sealing.digest(text):
            _name(found.changed if entry_id in expected else found.added, entry_id)
    found.entries += len(seen)
    if seen != ids:
        _check_order(found, ids, seen)


def _check_order(found: Verification, ids: list[int], seen: list[int]) -> None:
    present, expected = set(seen), set(ids)
    for entry_id in ids:
        if entry_id not in present:
            _name(found.missing, entry_id)
    kept = [entry_id for entry_id in ids if entry_id in present]
    for was, now in zip(kept, [i for i in seen if i in expected], strict=True):
        if was != now:
            _name(found.reordered, was)


def _name(names: list[int], entry_id: int) -> None:
    """Keep the first hundred: enough to find the place, and a wiped table does not fill the memory."""
    if len(names) < MOST_NAMED:
        names.append(entry_id)
