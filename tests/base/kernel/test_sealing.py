"""What is sealed opens under its key and in its context, and nowhere else."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.sealing import (
    Keyring,
    SealingError,
    Tampered,
    UnknownKey,
    key_of,
    new_key,
    parse_keys,
)

OLD, NEW = ("2026", bytes(range(32))), ("2027", bytes(range(32, 64)))
RING = Keyring([OLD])
BOTH = Keyring([NEW, OLD])


@given(st.binary(max_size=300), st.text(max_size=30))
def test_what_is_sealed_opens_again(content: bytes, context: str) -> None:
    assert RING.open(RING.seal(content, context), context) == content


@given(st.binary(min_size=1, max_size=60), st.data())
def test_no_changed_bit_goes_unnoticed(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(content, "person.phone"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(SealingError):
        RING.open(bytes(sealed), "person.phone")


@given(st.binary(max_size=60), st.integers(0, 40))
def test_what_is_cut_does_not_open(content: bytes, kept: int) -> None:
    with pytest.raises(SealingError):
        RING.open(RING.seal(content, "")[:kept][: len(content) + 20], "")


def test_a_value_moved_to_another_place_does_not_open() -> None:
    sealed = RING.seal(b"13800000000", "person.phone")

    with pytest.raises(Tampered, match="“name”"):
        RING.open(sealed, "name")


def test_two_seals_of_the_same_words_differ_and_show_nothing() -> None:
    one, other = RING.seal(b"Wang Fang", "name"), RING.seal(b"Wang Fang", "name")

    assert one != other
    assert b"Wang" not in one


def test_the_newest_key_seals_and_every_key_opens() -> None:
    old = RING.seal(b"x", "c")
    new = BOTH.seal(b"x", "c")

    assert (key_of(old), key_of(new)) == ("2026", "2027")
    assert BOTH.open(old, "c") == b"x"
    assert BOTH.needs_rotation(old)
    assert not BOTH.needs_rotation(new)
    with pytest.raises(UnknownKey, match="2027"):
        RING.open(new, "c")


def test_rotating_seals_anew_with_the_newest_key_once() -> None:
    rotated = BOTH.rotated(RING.seal(b"x", "c"), "c")

    assert Keyring([NEW]).open(rotated, "c") == b"x"
    assert BOTH.rotated(rotated, "c") == rotated


def test_a_key_under_a_known_name_with_other_bytes_does_not_open() -> None:
    with pytest.raises(Tampered):
        Keyring([("2026", os.urandom(32))]).open(RING.seal(b"x", "c"), "c")


def test_the_same_words_have_the_same_fingerprint_in_one_place_only() -> None:
    assert RING.fingerprint("13800000000", "phone") == RING.fingerprint("13800000000", "phone")
    assert RING.fingerprint("13800000000", "phone") != RING.fingerprint("13800000001", "phone")
    assert RING.fingerprint("ab", "c") != RING.fingerprint("a", "bc")
    assert RING.fingerprint("x", "c") != Keyring([NEW]).fingerprint("x", "c")


def test_after_a_new_key_old_fingerprints_are_still_found() -> None:
    assert BOTH.fingerprints("x", "c") == [BOTH.fingerprint("x", "c"), RING.fingerprint("x", "c")]


def test_keys_are_read_from_lines_and_commas_newest_first() -> None:
    text = f"# the ring\n{new_key('c')}, {new_key('b')}\n\n{new_key('a')}\n"

    assert [key.id for key in parse_keys(text).keys] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("only-a-name", "Key 1 is not written as id:base64"),
        ("a:!!!", "not base64"),
        ("a:c2hvcnQ=", "5 bytes instead of 32"),
        (f"a:{'A' * 43}=,a:{'B' * 42}A=", "same name"),
    ],
)
def test_a_wrong_keyring_is_refused_without_repeating_the_key(text: str, says: str) -> None:
    with pytest.raises(SealingError, match=says) as refusal:
        parse_keys(text)

    assert not any(word.partition(":")[2] in str(refusal.value) for word in text.split(",") if ":" in word)


def test_a_key_is_not_shown_with_its_object() -> None:
    assert "AESGCM" not in repr(RING.newest)
    assert RING.newest.fingerprinting.hex() not in repr(RING.newest)
