"""The arithmetic of the seal: digests, Merkle root, chained head. No database, so a verifier needs none.

An entry's digest is SHA-256 over its canonical text. The root of a batch is a Merkle tree as in RFC 6962
(leaf prefix 0x00, node prefix 0x01). A head is SHA-256 over the previous head, the batch's number, its
count and its root, and is signed with Ed25519.
"""

from __future__ import annotations

import hashlib

SIZE = 32  # bytes of a digest
GENESIS = bytes(SIZE)


def digest(canonical: str) -> bytes:
    """Return the digest of one entry's canonical text."""
    return hashlib.sha256(b"\x00" + canonical.encode()).digest()


def root(digests: bytes) -> bytes:
    """Return the Merkle root of a batch from its digests, one behind the other (RFC 6962, section 2.1)."""
    if not digests:
        return hashlib.sha256(b"").digest()
    level = digests
    while len(level) > SIZE:
        whole = len(level) - len(level) % (2 * SIZE)
        pairs = [
            hashlib.sha256(b"\x01" + level[i : i + 2 * SIZE]).digest() for i in range(0, whole, 2 * SIZE)
        ]
        # An odd last node moves up unchanged, which gives the same tree as RFC 6962's largest power of two.
        level = b"".join(pairs) + level[whole:]
    return level


def head(
    previous: bytes, district: int, number: int, first_serial: int, digests_root: bytes, count: int
) -> bytes:
    """Return the head after a batch."""
    text = f"siquan-journal-1\n{district}\n{number}\n{first_serial}\n{count}\n".encode()
    return hashlib.sha256(text + previous + digests_root).digest()
