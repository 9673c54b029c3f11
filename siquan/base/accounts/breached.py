"""Refuse passwords that have been in a breach, without asking anybody.

Shipped: `data/breached.bin`, the first five bytes of the SHA-1 of each of some 40,000 passwords, in order
(data/PROVENANCE.md). `SIQUAN_BREACHED_FILE` may name a whole list in order of its hashes, a line each
(`SHA1HEX` or `SHA1HEX:COUNT`); it is searched where it lies, in some thirty reads.
"""

from __future__ import annotations

import functools
import re
from hashlib import sha1
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHIPPED: Final = Path(__file__).parent / "data" / "breached.bin"
WIDTH: Final = 5
SHORTEST_STEM, LONGEST_REST = 4, 6
LEET: Final = str.maketrans("013457@$!", "oieastasi")


class NotBreached:
    """Django's interface of a password rule."""

    def validate(self, password: str, user: object = None) -> None:
        """Refuse a password from a breach, or one made of such a word and a few digits or signs."""
        if any(is_shipped(each) for each in forms_of(password)) or is_listed(password):
            raise ValidationError(
                _("这个密码（或它的主要部分）在泄露过的密码名单里，请换一个别人想不到的。"),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("密码不能是泄露名单里的常见密码，也不能只是在常见密码后面加几个数字或符号。")


def forms_of(password: str) -> set[str]:
    """Return what a password comes down to: in small letters, without signs around it, with letters for
    the digits that stand for them, and its half when it is one word twice.
    """
    small = password.casefold().strip()
    bases = {small, small.translate(LEET)}
    for each in (small, small.translate(LEET)):
        stem = re.sub(r"^[^a-z]+|[^a-z]+$", "", each)
        if len(stem) >= SHORTEST_STEM and len(each) - len(stem) <= LONGEST_REST:
            bases.add(stem)
    half = len(small) // 2
    if half >= SHORTEST_STEM and small[:half] == small[half:]:
        bases.add(small[:half])
    return bases


def is_shipped(password: str) -> bool:
    """Tell whether the shipped list holds a password."""
    wanted, prints = _digest(password)[:WIDTH], _shipped()
    low, high = 0, len(prints) // WIDTH
    while low < high:
        middle = (low + high) // 2
        if prints[middle * WIDTH : (middle + 1) * WIDTH] < wanted:
            low = middle + 1
        else:
            high = middle
    return prints[low * WIDTH : (low + 1) * WIDTH] == wanted


def is_listed(password: str) -> bool:
    """Tell whether the installation's own file, if there is one, holds a password."""
    return bool(settings.BREACHED_FILE) and holds(
        Path(settings.BREACHED_FILE), _digest(password).hex().upper()
    )


def holds(path: Path, wanted: str) -> bool:
    """Search a file whose lines begin with hashes in order; `wanted` is one in capital letters."""
    key = wanted.encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()  # into the next whole line
            line = file.readline()
            if line and line[: len(key)].upper() < key:
                low = middle + 1
            else:
                high = middle
        file.seek(low)
        if low:
            file.readline()
        return file.readline()[: len(key)].upper() == key


@functools.cache
def _shipped() -> bytes:
    return SHIPPED.read_bytes()


def _digest(password: str) -> bytes:
    return sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
