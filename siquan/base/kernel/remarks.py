"""What can be said about how a deadline was reckoned: one kind of remark per class, in Chinese and English.

Each remark is a clause that fits into a sentence. `year` is the year the reader already knows.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Self

from siquan.base.kernel.datewords import (
    day_en,
    day_zh,
    days_en,
    days_zh,
    duration_en,
    duration_zh,
    festivals_en,
    festivals_zh,
    times_en,
    times_zh,
)
from siquan.base.kernel.localtime import clock_face, day_of


@dataclass(frozen=True)
class Remark:
    """Something worth saying."""

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        raise NotImplementedError

    def en(self, year: int) -> str:
        """Return the clause in English."""
        raise NotImplementedError

    def joined(self, _following: "Remark") -> Self | None:
        """Return one remark for this and the following one, None if they do not belong together."""
        return None


@dataclass(frozen=True)
class DaysRemark(Remark):
    """A remark about one day or several in a row."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    def joined(self, following: Remark) -> Self | None:
        """Join days in a row that tell the same."""
        is_next = isinstance(following, type(self)) and following.first == self.last + timedelta(days=1)
        return self.with_next(following) if is_next and isinstance(following, type(self)) else None

    def with_next(self, following: Self) -> Self | None:
        """Return the remark for these days and the following."""
        return replace(self, last=following.last)


@dataclass(frozen=True)
class WorkedDays(DaysRemark):
    """A remark about days that are worked; a swapped one (调休) stands alone and names its holiday."""

    swapped_for: str = field(default="", kw_only=True)

    def with_next(self, following: Self) -> Self | None:
        """Join only ordinary days."""
        is_plain = not self.swapped_for and not following.swapped_for
        return replace(self, last=following.last) if is_plain else None

    def days_zh(self, year: int) -> str:
        """Return the days in Chinese."""
        days = days_zh(self.first, self.last, year)
        return f"{days[:-1]}，{self.swapped_for}调休上班）" if self.swapped_for else days

    def days_en(self, year: int) -> str:
        """Return the days in English."""
        days = days_en(self.first, self.last, year)
        if not self.swapped_for:
            return days
        return f"{days} (a working day swapped for {festivals_en([self.swapped_for])})"


@dataclass(frozen=True)
class Counted(WorkedDays):
    """On one day the clock ran for `minutes` between `start` and `end`."""

    start: int
    end: int
    minutes: int
    begins_limit: bool
    names_break: bool

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        if self.begins_limit:
            swapped = f"（{self.swapped_for}调休上班）" if self.swapped_for else ""
            times = f"当日{swapped}至{_closing(self.end)}"
        else:
            times = f"{self.days_zh(year)}{clock_face(self.start)}至{_closing(self.end)}"
        return f"{times}计{duration_zh(self.minutes)}{'（午休不计）' if self.names_break else ''}"

    def en(self, year: int) -> str:
        """Return the clause in English."""
        begin = "" if self.begins_limit else f"from {clock_face(self.start)} "
        upto = f"{begin}{'until' if self.begins_limit else 'to'} {_closing(self.end)}"
        note = " (lunch break not counted)" if self.names_break else ""
        return f"{duration_en(self.minutes)} on {self.days_en(year)} {upto}{note}"

    def joined(self, _following: Remark) -> Self | None:
        """Stand alone."""
        return None


@dataclass(frozen=True)
class CountedWhole(WorkedDays):
    """On each of these days the clock ran for all its hours, `minutes`."""

    minutes: int

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        if self.count == 1:
            return f"{self.days_zh(year)}计{duration_zh(self.minutes)}"
        each, total = duration_zh(self.minutes), duration_zh(self.count * self.minutes)
        return f"{self.days_zh(year)}每日{each}共计{total}"

    def en(self, year: int) -> str:
        """Return the clause in English."""
        each = "" if self.count == 1 else f" ({duration_en(self.minutes)} a day)"
        return f"{duration_en(self.count * self.minutes)} on {self.days_en(year)}{each}"


@dataclass(frozen=True)
class DaysCounted(WorkedDays):
    """These days are number `ordinal` and the following of the days that count."""

    ordinal: int

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        last = self.ordinal + self.count - 1
        link = {1: "", 2: f"、第{last}日"}.get(self.count, f"至第{last}日")
        return f"{self.days_zh(year)}为第{self.ordinal}日{link}"

    def en(self, year: int) -> str:
        """Return the clause in English."""
        if self.count == 1:
            return f"{self.days_en(year)} is day {self.ordinal}"
        link = "and" if self.count == 2 else "to"
        return f"{self.days_en(year)} are days {self.ordinal} {link} {self.ordinal + self.count - 1}"


@dataclass(frozen=True)
class Closed(DaysRemark):
    """The office is closed on these days; `names` are the holidays, "" stands for a weekend."""

    names: tuple[str, ...]

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        return f"{days_zh(self.first, self.last, year)}{festivals_zh(self.names)}不计"

    def en(self, year: int) -> str:
        """Return the clause in English."""
        return f"office closed {days_en(self.first, self.last, year)} for {festivals_en(self.names)}"

    def with_next(self, following: Self) -> Self | None:
        """Join closed days, naming each holiday once."""
        names = tuple(dict.fromkeys(self.names + following.names))
        return replace(self, last=following.last, names=names)


@dataclass(frozen=True)
class Paused(Remark):
    """The clock was stopped; `minutes` of its running time, not counted before, lie in the pause."""

    start: int
    end: int
    reason: str
    minutes: int
    overlaps: bool = False

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        stopped = f"停计{duration_zh(self.minutes)}" if self.minutes else "其间本不计时"
        overlap = "与前一暂停重叠的部分不重复扣除" if self.overlaps else ""
        notes = "；".join(filter(None, (self.reason, stopped, overlap)))
        return f"{times_zh(self.start, self.end, year)}暂停（{notes}）"

    def en(self, year: int) -> str:
        """Return the clause in English."""
        stopped = f"{duration_en(self.minutes)} not counted" if self.minutes else "nothing was running"
        overlap = "the overlap with the pause before only once" if self.overlaps else ""
        notes = "; ".join(filter(None, (self.reason, stopped, overlap)))
        return f"paused {times_en(self.start, self.end, year)} ({notes})"


@dataclass(frozen=True)
class StillPaused(Remark):
    """The clock was stopped and has not been started again."""

    start: int
    reason: str

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        reason = f"（{self.reason}）" if self.reason else ""
        return f"自{day_zh(day_of(self.start), year)}{clock_face(self.start)}起暂停{reason}，尚未恢复"

    def en(self, year: int) -> str:
        """Return the clause in English."""
        reason = f" ({self.reason})" if self.reason else ""
        begin = f"{day_en(day_of(self.start), year)} {clock_face(self.start)}"
        return f"paused since {begin}{reason}, not resumed yet"


@dataclass(frozen=True)
class WithoutEffect(Remark):
    """A pause before the start or after the end of the limit."""

    start: int
    reason: str
    is_after: bool

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        begin = f"{day_zh(day_of(self.start), year)}{clock_face(self.start)}"
        reason = f"（{self.reason}）" if self.reason else ""
        where = "期限届满之后" if self.is_after else "起算之前"
        return f"{begin}开始的暂停{reason}在{where}，不影响期限"

    def en(self, year: int) -> str:
        """Return the clause in English."""
        begin = f"{day_en(day_of(self.start), year)} {clock_face(self.start)}"
        reason = f" ({self.reason})" if self.reason else ""
        where = "after the limit had run out" if self.is_after else "before the start"
        return f"the pause from {begin}{reason} was {where} and has no effect"


@dataclass(frozen=True)
class Said(Remark):
    """Fixed words."""

    chinese: str
    english: str

    def zh(self, year: int) -> str:
        """Return the words in Chinese."""
        return self.chinese

    def en(self, year: int) -> str:
        """Return the words in English."""
        return self.english


@dataclass(frozen=True)
class Summary(Remark):
    """Several remarks in one: how much was counted, what was left out."""

    told: tuple[Remark, ...]

    @property
    def _counted(self) -> tuple[int, int]:
        whole = [
            (each.count, each.count * each.minutes) for each in self.told if isinstance(each, CountedWhole)
        ]
        part = [(1, each.minutes) for each in self.told if isinstance(each, Counted)]
        days = [(each.count, 0) for each in self.told if isinstance(each, DaysCounted)]
        both = whole + part + days
        return sum(days for days, _minutes in both), sum(minutes for _days, minutes in both)

    @property
    def _closed(self) -> tuple[int, tuple[str, ...]]:
        closed = [each for each in self.told if isinstance(each, Closed)]
        names = dict.fromkeys(name for each in closed for name in each.names)
        return sum(each.count for each in closed), tuple(names)

    @property
    def _paused(self) -> tuple[int, int]:
        paused = [each.minutes for each in self.told if isinstance(each, Paused)]
        return len(paused), sum(paused)

    def zh(self, year: int) -> str:
        """Return the clause in Chinese."""
        (days, minutes), (closed, names), (pauses, stopped) = self._counted, self._closed, self._paused
        clauses = [
            days and f"其间{days}日计{duration_zh(minutes) if minutes else '入'}",
            closed and f"{festivals_zh(names)}共{closed}日不计",
            pauses and f"暂停{pauses}次停计{duration_zh(stopped)}",
        ]
        return "，".join(clause for clause in clauses if clause)

    def en(self, year: int) -> str:
        """Return the clause in English."""
        (days, minutes), (closed, names), (pauses, stopped) = self._counted, self._closed, self._paused
        clauses = [
            days
            and (f"then {duration_en(minutes)} on {days} days" if minutes else f"{days} more days count"),
            closed and f"office closed {closed} days for {festivals_en(names)}",
            pauses
            and f"{pauses} {'pause' if pauses == 1 else 'pauses'} ({duration_en(stopped)} not counted)",
        ]
        return ", ".join(clause for clause in clauses if clause)


def _closing(moment: int) -> str:
    """Return the time of day at which something ends: midnight is the end of a day."""
    face = clock_face(moment)
    return "24:00" if face == "00:00" else face
