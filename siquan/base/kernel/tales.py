"""What there is to say about the run of one time limit, in order: the material of its explanation."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from siquan.base.kernel import remarks as say
from siquan.base.kernel.datewords import duration_en, duration_zh
from siquan.base.kernel.limits import Limit, Pause, Run, Unit
from siquan.base.kernel.localtime import day_number, day_of, midnight, moment, number_of_day
from siquan.base.kernel.workcalendar import WorkCalendar

_OFFICE: Final = (Unit.WORKING_HOURS, Unit.WORKING_DAYS)


class Tale:
    """What there is to say about one limit, in the order in which it happened."""

    def __init__(self, run: Run, limit: Limit, calendar: WorkCalendar, pauses: Sequence[Pause]) -> None:
        self.run, self.limit, self.calendar = run, limit, calendar
        self.pauses = sorted(pauses, key=lambda pause: pause.from_)
        self.due = run.after(run.minutes)
        self.until = run.stops[-1].start if self.due is None else self.due
        self.is_office = limit.unit in _OFFICE

    @property
    def year(self) -> int:
        """The year in which the limit begins."""
        return day_of(self.run.start).year

    @property
    def left(self) -> int:
        """The minutes that remain when an open pause ends."""
        return self.run.minutes - self.run.spent(self.until)

    @property
    def provisional_years(self) -> list[int]:
        """The years of the tale whose working days nobody has announced yet."""
        years = range(self.year, day_of(self.until).year + 1) if self.is_office else range(0)
        return [year for year in years if year in self.calendar.provisional]

    def clauses(self) -> list[say.Remark]:
        """Return what makes up the sentence."""
        if self.limit.unit.counts_days:
            return self._of_days()
        told = [*self._counted(), *self._closed(self.run.start, self.until), *self._paused()]
        return [remark for _at, remark in sorted(told, key=lambda each: each[0])]

    def notes(self) -> list[say.Remark]:
        """Return what is worth a line but does not change the due time."""
        notes = [say.Said(*_ALL_DAYS[self.limit.unit])] if self.limit.unit in _ALL_DAYS else []
        ends = [(pause, moment(pause.from_), moment(pause.to) if pause.to else None) for pause in self.pauses]
        idle: list[say.Remark] = [
            say.WithoutEffect(start, pause.reason, is_after=start >= self.until)
            for pause, start, end in ends
            if self._is_idle(start, end)
        ]
        return [*notes, *idle, *(_provisional(year) for year in self.provisional_years)]

    def pieces(self) -> Iterator[tuple[int, int, int]]:
        """Yield when the clock ran, day by day: from, to, and the minutes that ran between."""
        clock = self.run.clock
        for begin, end in self.run.stretches(self.until):
            for number in range(number_of_day(begin), number_of_day(end) + 1):
                low, high = max(begin, midnight(number)), min(end, midnight(number + 1))
                minutes = clock.between(low, high)
                if minutes:
                    yield clock.add(low, 1) - 1, clock.add(low, minutes), minutes

    def _counted(self) -> Iterator[tuple[int, say.Remark]]:
        """Tell the hours that count; the lunch break is named once."""
        if self.limit.unit is Unit.CALENDAR_HOURS:
            return
        named_break = False
        for start, end, minutes in self.pieces():
            day = day_of(start)
            swapped_for = self._swapped_for(day)
            whole = self.run.clock.between(midnight(day_number(day)), midnight(day_number(day) + 1))
            if minutes == whole:
                yield start, say.CountedWhole(day, day, minutes, swapped_for=swapped_for)
                continue
            names_break = end - start > minutes and not named_break
            named_break |= names_break
            yield (
                start,
                say.Counted(
                    day,
                    day,
                    start,
                    end,
                    minutes,
                    start == self.run.start,
                    names_break,
                    swapped_for=swapped_for,
                ),
            )

    def _closed(self, begin: int, end: int) -> Iterator[tuple[int, say.Remark]]:
        """Tell the closed days between two moments, but for those that lie in a pause anyway."""
        if not self.is_office:
            return
        for number in range(number_of_day(begin), number_of_day(end) + 1):
            day, first, last = day_of(midnight(number)), midnight(number), midnight(number + 1)
            kind = self.calendar.day(day)
            in_pause = any(
                stop.start <= first and (stop.end is None or stop.end >= last) for stop in self.run.stops
            )
            if not kind.is_working and not in_pause:
                yield max(first, begin), say.Closed(day, day, (kind.name,))

    def _paused(self) -> Iterator[tuple[int, say.Remark]]:
        """Tell every pause that held the clock back, with what it left out."""
        covered = self.run.start
        for pause in self.pauses:
            start, end = moment(pause.from_), moment(pause.to) if pause.to else None
            if self._is_idle(start, end):
                continue
            if end is None:
                yield max(start, covered), say.StillPaused(start, pause.reason)
                return
            minutes = self.run.clock.between(max(start, covered), end)
            overlaps = start < covered and covered > self.run.start
            yield max(start, self.run.start), say.Paused(start, end, pause.reason, minutes, overlaps)
            covered = max(covered, end)

    def _is_idle(self, start: int, end: int | None) -> bool:
        """Tell whether a pause lies before the start or after the end."""
        before = end is not None and end <= self.run.start
        after = start >= self.until if self.due is not None else start > self.until
        return before or after

    def _of_days(self) -> list[say.Remark]:
        """Tell a limit in days: the days that count, then what pauses added."""
        unstopped = Run(self.run.clock, self.run.start, self.run.minutes, ())
        nominal = unstopped.after(self.run.minutes)
        assert nominal is not None  # nothing stops it
        paused = list(self._paused())
        last = day_of(nominal if self.due is not None else min(nominal, self.until))
        told = self._working_days(last) if self.is_office else self._calendar_days(last)
        told += [remark for _at, remark in paused]
        stopped = sum(remark.minutes for _at, remark in paused if isinstance(remark, say.Paused))
        if stopped and self.due is not None:
            put_off = f"期限相应顺延{duration_zh(stopped)}"
            told.append(say.Said(put_off, f"the end is put off by {duration_en(stopped)}"))
            told += [remark for _at, remark in self._closed(midnight(number_of_day(nominal) + 1), self.due)]
        return told

    def _working_days(self, last: date) -> list[say.Remark]:
        """Tell which days are counted, up to `last`."""
        day, ordinal = day_of(self.run.start), 0
        told: list[say.Remark] = [_START_NOT_COUNTED] if self.calendar.day(day).is_working else []
        day += timedelta(days=bool(told))
        while day <= last:
            kind = self.calendar.day(day)
            if not kind.is_working:
                told.append(say.Closed(day, day, (kind.name,)))
            else:
                ordinal += 1
                told.append(say.DaysCounted(day, day, ordinal, swapped_for=self._swapped_for(day)))
            day += timedelta(days=1)
        return told

    def _swapped_for(self, day: date) -> str:
        """Return the holiday for which a day is worked, "" if it is worked anyway."""
        kind = self.calendar.day(day) if self.is_office else None
        return kind.name if kind and kind.swapped else ""

    def _calendar_days(self, last: date) -> list[say.Remark]:
        """Tell which days are counted, up to `last`."""
        first = day_of(self.run.start) + timedelta(days=1)
        return [_START_NOT_COUNTED, *([say.DaysCounted(first, last, 1)] if first <= last else [])]


_START_NOT_COUNTED: Final = say.Said("当日不计", "that day is not counted")
_ALL_DAYS: Final = {
    Unit.URGENT_HOURS: (
        "紧急工作时在节假日、休息日照常计时",
        "urgent hours also run on weekends and holidays",
    ),
    Unit.CALENDAR_HOURS: (
        "按自然时间连续计时，夜间、节假日不扣除",
        "the clock also runs at night, on weekends and on holidays",
    ),
    Unit.CALENDAR_DAYS: ("按自然日计算，节假日不扣除", "weekends and holidays count as days"),
}


def _provisional(year: int) -> say.Remark:
    return say.Said(
        f"{year}年放假调休安排尚未公布，暂按周一至周五上班推算，公布后期限可能调整",
        f"the holidays of {year} are not announced yet: Monday to Friday are taken as working days, "
        "and the due time may still change",
    )
