"""Seal what was written, in order and in batches, and prove later that nothing was touched."""

from __future__ import annotations

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

from siquan.base.journal import canonical, sealing
from siquan.base.journal.models import Batch

LOCK = 7_304_197_001  # advisory: one sequencer at a time; intake never waits for it
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
    ids, digests = canonical.contents(district, start, end)
    if not ids:
        return 0
    count = len(ids) // 8
    key = signing_key()
    number, first = (last.number + 1, last.first_serial + last.count) if last else (1, 1)
    previous = bytes(last.head) if last else sealing.GENESIS
    root = sealing.root(digests)
    head = sealing.head(previous, district, number, first, root, count)
    Batch.objects.create(
        district_id=district,
        number=number,
        from_xid=start,
        to_xid=end,
        first_serial=first,
        count=count,
        entry_ids=ids,
        digests=digests,
        root=root,
        previous_head=previous,
        head=head,
        sealed_at=at,
        public_key=public_bytes(key),
        signature=key.sign(head),
    )
    return count


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
        for batch in Batch.objects.filter(district_id=district).order_by("number").iterator(chunk_size=4):
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
    root, count = sealing.root(bytes(batch.digests)), len(batch.entry_ids) // 8
    head = sealing.head(
        bytes(batch.previous_head), batch.district_id, batch.number, batch.first_serial, root, count
    )
    wrong = []
    if batch.number != number or batch.first_serial != serial:
        wrong.append(f"batch {number} is missing or out of order")
    if bytes(batch.previous_head) != previous or int(batch.from_xid) != int(start):
        wrong.append("does not follow the batch before it")
    if (
        len(batch.digests) // sealing.SIZE != batch.count
        or root != bytes(batch.root)
        or head != bytes(batch.head)
    ):
        wrong.append("its contents were changed")
    try:
        Ed25519PublicKey.from_public_bytes(trusted).verify(bytes(batch.signature), bytes(batch.head))
    except InvalidSignature:
        wrong.append("its signature is not valid")
    if wrong:
        found.broken_batches.append({"number": batch.number, "why": wrong})


def _check_entries(found: Verification, batch: Batch) -> None:
    """Compare the whole batch first; only when it is not the same is each entry looked at."""
    there = canonical.contents(batch.district_id, batch.from_xid, batch.to_xid)
    sealed = canonical.Contents(bytes(batch.entry_ids), bytes(batch.digests))
    found.entries += len(there.ids) // 8
    if there == sealed:
        return
    expected, seen = _by_id(sealed), _by_id(there)
    for entry_id, digest in seen.items():
        if expected.get(entry_id) != digest:
            _name(found.changed if entry_id in expected else found.added, entry_id)
    if list(seen) != list(expected):
        _check_order(found, list(expected), list(seen))


def _by_id(contents: canonical.Contents) -> dict[int, bytes]:
    """Return the digest of each entry, in order."""
    ids = np.frombuffer(contents.ids, dtype=">i8").tolist()
    digests = (contents.digests[i : i + sealing.SIZE] for i in range(0, len(contents.digests), sealing.SIZE))
    return dict(zip(ids, digests, strict=False))


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
