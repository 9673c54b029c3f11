"""Seal bytes with a key from the keyring, and find sealed words again by a keyed fingerprint. Pure.

A sealed value names the key that sealed it, so that several keys can be in use while old values are being
sealed anew. It is bound to a context ("person.phone", "file 17"): moved elsewhere it does not open.

    b"\\x01" · length of key id · key id · nonce (12) · AES-256-GCM ciphertext with its tag (16)
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_FORMAT = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


class SealingError(Exception):
    """A keyring that cannot be used, or a sealed value that does not open."""


class UnknownKey(SealingError):
    """The value was sealed with a key that is not in the keyring."""


class Tampered(SealingError):
    """The value was changed, cut, or belongs to another context."""


@dataclass(frozen=True, slots=True)
class Key:
    """One master key. What is done with it is done with keys derived from it, one per use."""

    id: str
    cipher: AESGCM = field(repr=False)
    fingerprinting: bytes = field(repr=False)


class Keyring:
    """Master keys, newest first: the first one seals, every one opens."""

    def __init__(self, keys: Iterable[tuple[str, bytes]]) -> None:
        self.keys: Sequence[Key] = [_key(name, secret) for name, secret in keys]
        self._by_id = {key.id.encode(): key for key in self.keys}
        if not self.keys:
            raise SealingError("The keyring is empty.")
        if len(self._by_id) != len(self.keys):
            raise SealingError("Two keys of the keyring have the same name.")

    @property
    def newest(self) -> Key:
        """Return the key that seals."""
        return self.keys[0]

    def seal(self, content: bytes, context: str) -> bytes:
        """Return the content sealed with the newest key, to be opened in the same context only."""
        key = self.newest
        head = bytes([_FORMAT, len(key.id)]) + key.id.encode()
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + key.cipher.encrypt(nonce, content, _bound(head, context))

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return what was sealed. Raises `UnknownKey`, or `Tampered` also when the context is another."""
        head, rest = _split(sealed)
        key = self._by_id.get(head[2:])
        if key is None:
            raise UnknownKey(f"There is no key “{key_of(sealed)}” in the keyring.")
        try:
            return key.cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(head, context))
        except InvalidTag as error:
            raise Tampered(f"The sealed value does not open as “{context}”.") from error

    def needs_rotation(self, sealed: bytes) -> bool:
        """Tell whether the value was sealed with another key than the newest."""
        return key_of(sealed) != self.newest.id

    def rotated(self, sealed: bytes, context: str) -> bytes:
        """Return the value sealed with the newest key; the same bytes where it is already."""
        if not self.needs_rotation(sealed):
            return sealed
        return self.seal(self.open(sealed, context), context)

    def fingerprint(self, text: str, context: str) -> str:
        """Return the newest key's fingerprint of the text: the same text gives the same 64 letters.

        For a column by which sealed words are found again. Bring the text into one form first (a phone number
        without blanks). After a new key, look up by `fingerprints` until every row has been written anew.
        """
        return _fingerprint(self.newest, text, context)

    def fingerprints(self, text: str, context: str) -> list[str]:
        """Return the text's fingerprint under every key, newest first."""
        return [_fingerprint(key, text, context) for key in self.keys]


def key_of(sealed: bytes) -> str:
    """Return the name of the key that sealed the value. Raises `Tampered` for what is no sealed value."""
    return _split(sealed)[0][2:].decode("ascii", "replace")


def parse_keys(text: str) -> Keyring:
    """Return the keyring in the text: `id:base64` of 32 bytes each, newest first, on lines or with commas.

    Lines that begin with # are remarks. Raises `SealingError` without repeating any key.
    """
    lines = [line.strip() for line in text.splitlines() if not line.lstrip().startswith("#")]
    written = [word.strip() for line in lines for word in line.split(",") if word.strip()]
    return Keyring(_parsed(word, number) for number, word in enumerate(written, start=1))


def new_key(name: str) -> str:
    """Return a new key as `parse_keys` reads it."""
    return f"{name}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


def _parsed(word: str, number: int) -> tuple[str, bytes]:
    name, colon, secret = word.partition(":")
    if not colon or not _KEY_ID.fullmatch(name):
        raise SealingError(f"Key {number} is not written as id:base64.")
    try:
        return name, base64.b64decode(secret, validate=True)
    except binascii.Error as error:
        raise SealingError(f"Key {number} ({name}) is not base64.") from error


def _key(name: str, secret: bytes) -> Key:
    if not _KEY_ID.fullmatch(name):
        raise SealingError("A key's name has 1 to 32 letters, digits, dots, dashes or underscores.")
    if len(secret) != KEY_BYTES:
        raise SealingError(f"Key {name} has {len(secret)} bytes instead of {KEY_BYTES}.")
    return Key(name, AESGCM(_derived(secret, b"siquan seal 1")), _derived(secret, b"siquan fingerprint 1"))


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use).derive(secret)


def _split(sealed: bytes) -> tuple[bytes, bytes]:
    """Return head and rest of a sealed value."""
    end = 2 + sealed[1] if len(sealed) > 2 and sealed[0] == _FORMAT else 0
    if not end or len(sealed) < end + _NONCE_BYTES + _TAG_BYTES:
        raise Tampered("This is not a sealed value.")
    return sealed[:end], sealed[end:]


def _bound(head: bytes, context: str) -> bytes:
    return head + context.encode()


def _fingerprint(key: Key, text: str, context: str) -> str:
    # The length keeps ("ab", "c") and ("a", "bc") apart.
    place = context.encode()
    return hmac.new(
        key.fingerprinting, len(place).to_bytes(4, "big") + place + text.encode(), sha256
    ).hexdigest()


_in_use: Keyring | None = None


def use(keyring: Keyring) -> None:
    """Take over the installation's keyring (from the wiring)."""
    global _in_use  # noqa: PLW0603 - one keyring per process, handed in once at the start
    _in_use = keyring


def keyring() -> Keyring:
    """Return the installation's keyring. Raises `SealingError` before the wiring has handed one in."""
    if _in_use is None:
        raise SealingError("No keyring was handed in.")
    return _in_use


def seal(content: bytes, context: str) -> bytes:
    """Return the content sealed with the installation's newest key."""
    return keyring().seal(content, context)


def open(sealed: bytes, context: str) -> bytes:
    """Return what was sealed. Raises `UnknownKey`, `Tampered`."""
    return keyring().open(sealed, context)


def needs_rotation(sealed: bytes) -> bool:
    """Tell whether the value was sealed with another key than the installation's newest."""
    return keyring().needs_rotation(sealed)


def rotated(sealed: bytes, context: str) -> bytes:
    """Return the value sealed with the installation's newest key."""
    return keyring().rotated(sealed, context)


def fingerprint(text: str, context: str) -> str:
    """Return the text's fingerprint under the installation's newest key."""
    return keyring().fingerprint(text, context)


def fingerprints(text: str, context: str) -> list[str]:
    """Return the text's fingerprint under every key of the installation, newest first."""
    return keyring().fingerprints(text, context)
