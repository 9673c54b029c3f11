"""Days, times and durations as an office writes them, in Chinese and English, without a catalogue.

A day is written with its year only where it differs from the `year` the reader already knows.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from siquan.base.kernel.localtime import clock_face, day_of

_WEEKDAYS_ZH: Final = "一二三四五六日"
WEEKDAYS_EN: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

FESTIVALS_EN: Final[Mapping[str, str]] = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Qingming Festival",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "抗战胜利70周年纪念日": "Victory Day",
}


def is_english(language: str) -> bool:
    """Tell whether a language code asks for English; everything else reads Chinese."""
    return language.lower().startswith("en")


def duration_zh(minutes: int) -> str:
    """Return a duration like 1小时30分钟."""
    hours, rest = divmod(minutes, 60)
    return (f"{hours}小时" if hours else "") + (f"{rest}分钟" if rest or not hours else "")


def duration_en(minutes: int) -> str:
    """Return a duration like 1 h 30 min."""
    hours, rest = divmod(minutes, 60)
    words = [f"{hours} h"] if hours else []
    return " ".join(words + ([f"{rest} min"] if rest or not hours else []))


def day_zh(day: date, year: int) -> str:
    """Return a day like 9月28日（周一）."""
    return f"{_year_zh(day, year)}{day.month}月{day.day}日（周{_WEEKDAYS_ZH[day.weekday()]}）"


def day_en(day: date, year: int) -> str:
    """Return a day like Mon 28 Sep."""
    words = f"{WEEKDAYS_EN[day.weekday()][:3]} {day.day} {_MONTHS_EN[day.month - 1]}"
    return words if day.year == year else f"{words} {day.year}"


def days_zh(first: date, last: date, year: int) -> str:
    """Return days in a row like 9月28日（周一）至30日（周三）."""
    if first == last:
        return day_zh(first, year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{day_zh(first, year)}至{last.day}日（周{_WEEKDAYS_ZH[last.weekday()]}）"
    return f"{day_zh(first, year)}至{day_zh(last, first.year)}"


def days_en(first: date, last: date, year: int) -> str:
    """Return days in a row like Mon 28 - Wed 30 Sep."""
    if first == last:
        return day_en(first, year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{WEEKDAYS_EN[first.weekday()][:3]} {first.day} – {day_en(last, year)}"
    return f"{day_en(first, last.year)} – {day_en(last, year)}"


def times_zh(start: int, end: int, year: int) -> str:
    """Return two moments like 9月28日（周一）09:00至12:00."""
    first, last = day_of(start), day_of(end)
    second = "" if first == last else day_zh(last, first.year)
    return f"{day_zh(first, year)}{clock_face(start)}至{second}{clock_face(end)}"


def times_en(start: int, end: int, year: int) -> str:
    """Return two moments like Mon 28 Sep 09:00 to 12:00."""
    first, last = day_of(start), day_of(end)
    second = "" if first == last else f"{day_en(last, year)} "
    return f"{day_en(first, year)} {clock_face(start)} to {second}{clock_face(end)}"


def in_full_zh(moment: int) -> str:
    """Return a moment like 2026年9月28日（周一）12:00."""
    return f"{day_zh(day_of(moment), 0)}{clock_face(moment)}"


def in_full_en(moment: int) -> str:
    """Return a moment like Mon 2026-09-28 12:00."""
    day = day_of(moment)
    return f"{WEEKDAYS_EN[day.weekday()][:3]} {day.isoformat()} {clock_face(moment)}"


def _year_zh(day: date, year: int) -> str:
    return "" if day.year == year else f"{day.year}年"


def festivals_zh(names: Collection[str]) -> str:
    """Return holidays like 国庆节、中秋节放假及休息日; "" stands for a weekend."""
    holidays = "、".join(name for name in names if name)
    if not holidays:
        return "休息日"
    return f"{holidays}放假{'及休息日' if '' in names else ''}"


def festivals_en(names: Collection[str]) -> str:
    """Return holidays like National Day and the weekend; "" stands for a weekend."""
    words = [FESTIVALS_EN.get(name, name) for name in names if name]
    words += ["the weekend"] if "" in names else []
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
