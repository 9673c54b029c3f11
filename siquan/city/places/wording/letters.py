"""Text made even for comparison, numbers in Chinese or Arabic, and which slips of a character are likely."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from siquan.city.places.names import simpler

STOP: Final = "|"
_SILENT: Final = re.compile(r"""[ \t\u3000()\[\]<>《》〈〉【】「」『』"'“”‘’·•_]""")
_STOPS: Final = re.compile(r"[^\w/、×\-~.]|(?<!\d)\.|\.(?!\d)")
_DIGITS: Final = {c: i % 10 for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS: Final = {"十": 10, "百": 100, "千": 1000}
# Characters that tell one place from its neighbour: 东四北大街 is not 东四南大街, 三条 is not 四条.
TELLING: Final = frozenset("东西南北中内外前后上下左右大小新老旧头一二三四五六七八九十百0123456789甲乙丙丁")
_KINDS: Final = frozenset("街路巷条里站园桥口门")  # a street is not the lane of the same name
_LONG_ENOUGH: Final = 3
KIND_AT_END: Final = re.compile(r"(胡同|大街|夹道|河沿|小区|地铁站|家园|公园|大院|[街路巷条里园苑])$")
_SWAPPED: Final = 0.85
_SAME_SOUND: Final = 0.9
_OTHER_CHARACTER: Final = 0.72
_ONE_MORE_OR_LESS: Final = 0.8
_ANOTHER_PLACE: Final = 0.4


def evened(text: str) -> str:
    """Return text of one width, case and script; what is no letter is silent or a stop."""
    even = simpler(unicodedata.normalize("NFKC", text).casefold())
    return _STOPS.sub(STOP, _SILENT.sub("", even).replace("—", "-").replace("–", "-"))


def number(words: str) -> float:
    """Return 120 or 1.5 or 二十三 as a number; NaN for what is none."""
    try:
        return float(words)
    except ValueError:
        pass
    total, last = 0, 0
    for one in words:
        if one in _DIGITS:
            last = last * 10 + _DIGITS[one] if last else _DIGITS[one]
        elif one in _TENS:
            total, last = total + (last or 1) * _TENS[one], 0
        else:
            return float("nan")
    return float(total + last)


@cache
def _sounds() -> dict[str, str]:
    """Return the syllable of each common character, near sounds (zh z, ng n) as one."""
    lines = (Path(__file__).parent / "sounds.txt").read_text(encoding="utf-8").splitlines()
    known = {}
    for line in lines:
        if not line.startswith("#"):
            syllable, characters = line.split(" ")
            near = re.sub(r"^([zcs])h", r"\1", syllable)
            near = re.sub(r"([aei])ng$", r"\1n", near)
            known.update(dict.fromkeys(characters, near))
    return known


def sound_alike(one: str, other: str) -> bool:
    """Tell whether two characters are said alike."""
    sounds = _sounds()
    return one in sounds and sounds[one] == sounds.get(other)


def likeness(typed: str, name: str) -> float:
    """Return how likely one slip made `typed` of `name`, 0 to 1; 0 when it was more than one."""
    start = 0
    while start < min(len(typed), len(name)) and typed[start] == name[start]:
        start += 1
    end = 0
    while end < min(len(typed), len(name)) - start and typed[-1 - end] == name[-1 - end]:
        end += 1
    wrong, right = typed[start : len(typed) - end], name[start : len(name) - end]
    if len(wrong) == 2 and wrong == right[::-1]:
        return _ANOTHER_PLACE if TELLING.issuperset(wrong) else _SWAPPED
    if len(wrong) > 1 or len(right) > 1:
        return 0.0
    is_brief = len(KIND_AT_END.sub("", name)) < _LONG_ENOUGH  # one of two characters could be anything
    if not (wrong and right):
        is_twice = bool(wrong) and typed[start - 1 : start] == wrong
        is_another = (wrong or right) in TELLING or (is_brief and not is_twice)
        return _ANOTHER_PLACE if is_another else _ONE_MORE_OR_LESS
    if wrong in TELLING and right in TELLING:
        return 0.0
    if sound_alike(wrong, right):
        return _SAME_SOUND
    is_another = is_brief or not start or wrong in TELLING or right in TELLING or right in _KINDS
    return _ANOTHER_PLACE if is_another else _OTHER_CHARACTER
