"""The arithmetic of the seal: digests, Merkle root, chained head. No database, so a verifier needs none.

An entry's digest is SHA-256 over its canonical text. The root of a batch is a Merkle tree as in RFC 6962
(leaf prefix 0x00, node prefix 0x01). A head is SHA-256 over the previous head, the batch's number, its
count and its root, and is signed with Ed25519.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

GENESIS = bytes(32)


def digest(canonical: str) -> bytes:
    """Return the digest of one entry's canonical text."""
    return hashlib.sha256(b"\x00" + canonical.encode()).digest()


def root(digests: Sequence[bytes]) -> bytes:
    """Return the Merkle root of a batch (RFC 6962, section 2.1)."""
    if not digests:
        return hashlib.sha256(b"").digest()
    level = list(digests)
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        # An odd last node moves up unchanged, which gives the same tree as RFC 6962's largest power of two.
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def head(
    previous: bytes, district: int, number: int, first_serial: int, digests_root: bytes, count: int
) -> bytes:
    """Return the head after a batch."""
    text = f"siquan-journal-1\n{district}\n{number}\n{first_serial}\n{count}\n".encode()
    return hashlib.sha256(text + previous + digests_root).digest()
