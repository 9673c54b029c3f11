"""Files sealed on the disk: read as if they were not, at any place; nothing of them can be changed unseen."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel import sealedfile, sealing
from siquan.base.kernel.sealedfile import BLOCK, open_sealed, rotated_head, write_sealed
from siquan.base.kernel.sealing import Tampered

CONTEXT = "test 1"


def sealed(content: bytes, piece: int = 10_000) -> bytes:
    out = io.BytesIO()
    write_sealed(out, (content[at : at + piece] for at in range(0, len(content), piece)), CONTEXT)
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 17])
def test_what_was_written_comes_back(size):
    content = os.urandom(size)

    with open_sealed(io.BytesIO(sealed(content)), CONTEXT) as file:
        assert file.read() == content


def test_nothing_plain_is_in_the_file():
    assert b"13812345678" not in sealed(b"13812345678" * 1000)


@given(places=st.lists(st.tuples(st.integers(0, BLOCK * 2 + 99), st.integers(0, 5000)), max_size=8))
def test_any_place_can_be_read(places):
    content = bytes(range(256)) * (BLOCK * 2 // 256) + b"end"
    file = open_sealed(io.BytesIO(sealed(content)), CONTEXT)

    for at, count in places:
        file.seek(at)
        assert file.read(count) == content[at : at + count]
    file.seek(-3, os.SEEK_END)
    assert file.read() == b"end"


def test_a_changed_byte_a_missing_end_and_a_moved_block_do_not_open():
    content = os.urandom(3 * BLOCK)
    whole = sealed(content)
    start = len(whole) - 3 * (BLOCK + 16)
    block = BLOCK + 16
    first, second = whole[start : start + block], whole[start + block : start + 2 * block]
    wrong = {
        "changed": whole[: start + 5] + bytes([whole[start + 5] ^ 1]) + whole[start + 6 :],
        "cut": whole[:-block],
        "cut inside": whole[:-7],
        "moved": whole[:start] + second + first + whole[-block:],
    }

    for name, each in wrong.items():
        with pytest.raises(Tampered):
            pytest.fail(f"{name}: {open_sealed(io.BytesIO(each), CONTEXT).read()[:9]!r}")


@pytest.mark.parametrize("data", [b"", b"SQF1", b"PK\x03\x04" + bytes(200)])
def test_what_is_no_sealed_file_is_refused(data):
    with pytest.raises(Tampered):
        open_sealed(io.BytesIO(data), CONTEXT)


def test_it_opens_in_its_own_context_only():
    with pytest.raises(Tampered):
        open_sealed(io.BytesIO(sealed(b"words")), "test 2")


def test_a_new_key_is_put_before_the_same_blocks(monkeypatch):
    file = io.BytesIO(sealed(b"words" * BLOCK))
    assert rotated_head(file, CONTEXT) is None
    newer = sealing.Keyring([("newer", os.urandom(32)), *_kept()])
    monkeypatch.setattr(sealing, "_in_use", newer)

    head = rotated_head(file, CONTEXT)

    assert head is not None
    anew = io.BytesIO(head + file.read())
    assert sealing.key_of(sealedfile._head(anew)[0]) == "newer"
    assert open_sealed(anew, CONTEXT).read() == b"words" * BLOCK


def _kept() -> list[tuple[str, bytes]]:
    return [("older", b"o" * 32)]


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_in_use", sealing.Keyring(_kept()))
