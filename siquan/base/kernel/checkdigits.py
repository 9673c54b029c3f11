"""Case numbers (案件编号) that a person can say on the telephone and a slip of the tongue cannot spoil.

The last digit is a Damm check digit: it finds every single wrong digit and every swap of two neighbours.
Source: H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004.
"""

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput

_ROWS: Final = tuple(
    tuple(int(digit) for digit in row)
    for row in (
        "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
        "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
    )
)  # fmt: skip
_LAST_SERIAL: Final = 9_999_999
_LONGEST_INPUT: Final = 64
_BETWEEN_DIGITS: Final = re.compile(r"[\s\u2010-\u2015\u2212\u200b-\u200d\ufeff._/-]+")
_NUMBER: Final = re.compile(r"[0-9]{10}")


def with_check(digits: str) -> str:
    """Return `digits` (0-9 only) with the check digit behind them. Raises BadInput."""
    return digits + str(_interim(digits))


def is_valid(number: str) -> bool:
    """Tell whether the last digit of `number` is the right check digit for the ones before it."""
    return len(number) > 1 and number.isascii() and number.isdigit() and _interim(number) == 0


def case_number(year: int, serial: int) -> str:
    """Return the number of the `serial`-th case of `year`.

    Two digits of the year, seven of the serial, one check digit: (2026, 1234) gives 2600012349.
    Raises BadInput for a serial outside 1 to 9,999,999.
    """
    if not 1 <= serial <= _LAST_SERIAL:
        raise BadInput(_("案件流水号须在1到9999999之间。"), field="serial")
    return with_check(f"{year % 100:02d}{serial:07d}")


def parse_number(text: str) -> str:
    """Return the case number in `text`, written with or without spaces, hyphens or full-width digits.

    Raises BadInput when it is not ten digits or its check digit is wrong.
    """
    plain = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text[: _LONGEST_INPUT + 1]))
    if len(text) > _LONGEST_INPUT or not _NUMBER.fullmatch(plain):
        raise BadInput(_("案件编号是10位数字，例如 26 0001234 9。"), field="number")
    if not is_valid(plain):
        raise BadInput(_("案件编号有误：可能写错了一位，或颠倒了相邻两位，请核对。"), field="number")
    return plain


def spoken(number: str) -> str:
    """Return a case number in the groups in which it is read out: year, serial, check digit."""
    return f"{number[:2]} {number[2:-1]} {number[-1]}"


def _interim(digits: str) -> int:
    """Return the state of Damm's quasigroup after reading `digits`."""
    if not (digits.isascii() and digits.isdigit()):
        raise BadInput(_("编号只能由数字组成。"), field="number")
    interim = 0
    for digit in digits:
        interim = _ROWS[interim][int(digit)]
    return interim
