"""A deadline in words: how its limit was used up day by day, what was left out, and why.

The words come from no translation catalogue, so that a journal entry, a letter and a command line say the
same thing whatever language is active.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from siquan.base.kernel import remarks as say
from siquan.base.kernel.datewords import duration_en, duration_zh, in_full_en, in_full_zh, is_english
from siquan.base.kernel.limits import Limit, Pause, Unit, run_of
from siquan.base.kernel.localtime import as_datetime
from siquan.base.kernel.tales import Tale
from siquan.base.kernel.workcalendar import WorkCalendar

_MOST_CLAUSES: Final = 6  # a sentence with more is told in summary

_AMOUNTS_ZH: Final = {
    Unit.WORKING_HOURS: "{}个工作时",
    Unit.WORKING_DAYS: "{}个工作日",
    Unit.URGENT_HOURS: "{}个紧急工作时",
    Unit.CALENDAR_HOURS: "{}小时",
    Unit.CALENDAR_DAYS: "{}个自然日",
}


@dataclass(frozen=True, slots=True)
class Part:
    """On one day the clock of the limit ran for `minutes` between two times (UTC)."""

    from_: datetime
    to: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a deadline is what it is: one sentence, the same told line by line, and the parts that add up."""

    headline: str
    lines: tuple[str, ...]
    parts: tuple[Part, ...]
    minutes: int
    due: datetime | None
    is_provisional: bool

    def __str__(self) -> str:
        """Return the sentence and the lines below it."""
        return "\n".join((self.headline, *(f"- {line}" for line in self.lines)))


def amount_words(limit: Limit, language: str) -> str:
    """Return a limit like 4个工作时 or "4 working hours"."""
    if is_english(language):
        unit = limit.unit.value.replace("-", " ")
        return f"{limit.amount} {unit if limit.amount > 1 else unit.removesuffix('s')}"
    return _AMOUNTS_ZH[limit.unit].format(limit.amount)


def explain(
    start: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    language: str = "zh-hans",
) -> Explanation:
    """Say how the due time of `limit` came about, in Chinese or (language "en...") English.

    Raises NoWorkingTime, BadInput, as the reckoning itself does.
    """
    tale = Tale(run_of(start, limit, calendar, pauses), limit, calendar, pauses)
    clauses = list(_joined(tale.clauses()))
    headline, lines = (_in_english if is_english(language) else _in_chinese)(tale, clauses)
    return Explanation(
        headline=headline,
        lines=lines,
        parts=tuple(Part(as_datetime(a), as_datetime(b), minutes) for a, b, minutes in tale.pieces()),
        minutes=tale.run.minutes,
        due=None if tale.due is None else as_datetime(tale.due),
        is_provisional=bool(tale.provisional_years),
    )


def _joined(remarks: Iterable[say.Remark]) -> Iterator[say.Remark]:
    """Yield the remarks with those that belong together made one."""
    last: say.Remark | None = None
    for remark in remarks:
        both = last.joined(remark) if last else None
        if last and not both:
            yield last
        last = both or remark
    if last:
        yield last


def _short(clauses: list[say.Remark]) -> list[say.Remark]:
    """Return what fits into one sentence: all, or the first, the last and a summary of those between."""
    if len(clauses) <= _MOST_CLAUSES:
        return clauses
    return [clauses[0], say.Summary(tuple(clauses[1:-1])), clauses[-1]]


def _in_chinese(tale: Tale, clauses: list[say.Remark]) -> tuple[str, tuple[str, ...]]:
    """Return the sentence and the lines in Chinese."""
    if tale.due is None:
        end = f"恢复后还剩{'工作时间' if tale.is_office else ''}{duration_zh(tale.left)}，届时再定期限"
    else:
        end = f"期限至{in_full_zh(tale.due)}{'（暂定）' if tale.provisional_years else ''}"
    begin = f"自{in_full_zh(tale.run.start)}起{amount_words(tale.limit, 'zh')}"
    told = [*(remark.zh(tale.year) for remark in _short(clauses)), end]
    lines = [remark.zh(tale.year) for remark in clauses], [note.zh(tale.year) for note in tale.notes()]
    return f"{begin}：{'，'.join(told)}。", tuple(f"{line}。" for line in (*lines[0], end, *lines[1]))


def _in_english(tale: Tale, clauses: list[say.Remark]) -> tuple[str, tuple[str, ...]]:
    """Return the sentence and the lines in English."""
    if tale.due is None:
        left = f"{duration_en(tale.left)}{' of working time' if tale.is_office else ''}"
        end = f"{left} left when the clock runs again, no due time until then"
    else:
        end = f"due {in_full_en(tale.due)}{' (provisional)' if tale.provisional_years else ''}"
    begin = f"{amount_words(tale.limit, 'en')} from {in_full_en(tale.run.start)}"
    told, has_counted = [], False
    for remark in _short(clauses):
        is_count = isinstance(remark, (say.Counted, say.CountedWhole))
        told.append(f"{'then ' if is_count and has_counted else ''}{remark.en(tale.year)}")
        has_counted |= is_count
    lines = (
        *(remark.en(tale.year) for remark in clauses),
        end,
        *(note.en(tale.year) for note in tale.notes()),
    )
    return f"{begin}: {', '.join([*told, end])}.", tuple(f"{line[0].upper()}{line[1:]}." for line in lines)
