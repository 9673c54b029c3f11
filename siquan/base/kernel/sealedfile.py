"""Files that lie sealed on the disk and are read as if they did not: block by block, at any place. Pure.

    b"SQF1" · length of the sealed key (2 bytes) · data key, sealed by the keyring · blocks

Each block is AES-256-GCM of at most `BLOCK` bytes under the file's own data key. Its number and whether it is
the last are bound to it, so that blocks cannot be moved, left out or cut off unseen.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from typing import IO, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from siquan.base.kernel import sealing
from siquan.base.kernel.sealing import Tampered

MAGIC: Final = b"SQF1"
BLOCK: Final = 256 * 1024
_TAG: Final = 16
_LENGTH: Final = 2


def write_sealed(out: IO[bytes], content: Iterable[bytes], context: str) -> None:
    """Write the content into a file, sealed with a new data key; nothing plain touches the disk."""
    data_key = AESGCM.generate_key(bit_length=256)
    sealed = sealing.seal(data_key, context)
    out.write(MAGIC + len(sealed).to_bytes(_LENGTH, "big") + sealed)
    cipher, number, waiting = AESGCM(data_key), 0, bytearray()
    for piece in content:
        waiting += piece
        while len(waiting) > BLOCK:  # the last block may be a whole one, and must be known as the last
            out.write(_sealed(cipher, number, bytes(waiting[:BLOCK]), is_last=False))
            del waiting[:BLOCK]
            number += 1
    out.write(_sealed(cipher, number, bytes(waiting), is_last=True))


class SealedReader(io.RawIOBase):
    """The content of a sealed file, for `io.BufferedReader`: readable and seekable."""

    def __init__(self, file: IO[bytes], context: str) -> None:
        """Open the data key. Raises `Tampered`, `UnknownKey`."""
        super().__init__()
        self._file = file
        sealed, self._start = _head(file)
        self._cipher = AESGCM(sealing.open(sealed, context))
        stored = file.seek(0, os.SEEK_END) - self._start
        self._blocks = max(1, -(-stored // (BLOCK + _TAG)))
        self._size = stored - self._blocks * _TAG
        self._at, self._number, self._block = 0, -1, b""
        self._open_block(self._blocks - 1)  # whether the end is there is known before anything is read

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read at any place."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place of the content."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Return the place of the content that is read next."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what is left of one block."""
        if self._at >= self._size:
            return 0
        number, inside = divmod(self._at, BLOCK)
        piece = self._open_block(number)[inside : inside + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the file beneath, too."""
        self._file.close()
        super().close()

    def _open_block(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(self._start + number * (BLOCK + _TAG))
            sealed = self._file.read(BLOCK + _TAG)
            is_last = number == self._blocks - 1
            try:
                self._block = self._cipher.decrypt(_nonce(number), sealed, _bound(number, is_last=is_last))
            except (InvalidTag, ValueError) as error:
                raise Tampered("The sealed file was changed or cut off.") from error
            self._number = number
        return self._block


def open_sealed(file: IO[bytes], context: str) -> IO[bytes]:
    """Return the content of a sealed file as a file. Raises `Tampered`, `UnknownKey`."""
    return io.BufferedReader(SealedReader(file, context), BLOCK)


def rotated_head(file: IO[bytes], context: str) -> bytes | None:
    """Return the head with its data key sealed by the newest key, `file` standing at the blocks.

    None when it is sealed with that already.
    """
    sealed, start = _head(file)
    file.seek(start)
    if not sealing.needs_rotation(sealed):
        return None
    anew = sealing.rotated(sealed, context)
    return MAGIC + len(anew).to_bytes(_LENGTH, "big") + anew


def _head(file: IO[bytes]) -> tuple[bytes, int]:
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise Tampered("This is not a sealed file.")
    length = int.from_bytes(file.read(_LENGTH), "big")
    return file.read(length), len(MAGIC) + _LENGTH + length


def _sealed(cipher: AESGCM, number: int, content: bytes, *, is_last: bool) -> bytes:
    return cipher.encrypt(_nonce(number), content, _bound(number, is_last=is_last))


def _nonce(number: int) -> bytes:
    """Return a nonce that no other block under the same data key has."""
    return number.to_bytes(12, "big")


def _bound(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(8, "big") + bytes([is_last])
