"""Deadlines on the real Chinese calendar: laws of arithmetic, and cases reckoned by hand."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.deadlines import (
    Colour,
    Limit,
    Pause,
    Unit,
    colour,
    due_at,
    due_many,
    explain,
    remaining,
    used_share,
    warn_at,
)
from siquan.base.kernel.errors import BadInput, NoWorkingTime
from siquan.base.kernel.limits import run_of
from siquan.base.kernel.localtime import as_datetime, moment
from tests.base.kernel.calendars import CHINA, at, hours, limits, pauses, shown, starts, units

MINUTE = timedelta(minutes=1)


def due(start: datetime, limit: Limit, stops: list[Pause] | None = None) -> datetime:
    """The due time, where there is one."""
    when = due_at(start, limit, CHINA, stops or [])
    assert when is not None
    return when


# Reckoned by hand. Office hours 09:00-12:00 and 13:30-17:30, that is 7 hours a day.
BY_HAND = [
    # Thursday leaves 1 h until 17:30; Fri 25 to Sun 27 Sep 2026 are Mid-Autumn; Monday 09:00 + 3 h.
    ("2026-09-24 16:30", 4, Unit.WORKING_HOURS, "2026-09-28 12:00"),
    # The 25th is itself the holiday: all 4 h fall on Monday, 3 before noon and 1 from 13:30.
    ("2026-09-25 16:30", 4, Unit.WORKING_HOURS, "2026-09-28 14:30"),
    # Sunday 20 Sep 2026 is worked (swapped for National Day): Friday gives 0.5 h, Sunday 1.5 h.
    ("2026-09-18 17:00", 2, Unit.WORKING_HOURS, "2026-09-20 10:30"),
    # 0.5 h on Wed 30 Sep 2026, closed 1-7 Oct, 7 h on Thu 8, the last 2.5 h on Fri 9.
    ("2026-09-30 17:00", 10, Unit.WORKING_HOURS, "2026-10-09 11:30"),
    # Starts in the holiday: Thu 8, Fri 9, Sat 10 Oct 2026 (swapped) are the three days.
    ("2026-10-07 09:00", 3, Unit.WORKING_DAYS, "2026-10-10 17:30"),
    # Spring Festival 2026 is 15-23 Feb; Saturday 14 Feb is worked: 1 h on Friday, 2 h on Saturday.
    ("2026-02-13 16:30", 3, Unit.WORKING_HOURS, "2026-02-14 11:00"),
    # From that Saturday the next working day is Tuesday 24 Feb.
    ("2026-02-14 12:00", 1, Unit.WORKING_DAYS, "2026-02-24 17:30"),
    # Tue 24 to Fri 27 Feb are four days, Saturday 28 (swapped) is the fifth.
    ("2026-02-14 12:00", 5, Unit.WORKING_DAYS, "2026-02-28 17:30"),
    # Spring Festival 2025 is 28 Jan-4 Feb: 2.5 h on Mon 27 Jan, 5.5 h on Wed 5 Feb (3 + 2.5).
    ("2025-01-27 15:00", 8, Unit.WORKING_HOURS, "2025-02-05 16:00"),
    # Sunday 26 Jan 2025 is worked: day 1; Mon 27 day 2; Wed 5 Feb day 3.
    ("2025-01-24 10:00", 3, Unit.WORKING_DAYS, "2025-02-05 17:30"),
    # Saturday evening; Sunday 28 Sep 2025 is worked (swapped): 09:00 + 2 h.
    ("2025-09-27 20:00", 2, Unit.WORKING_HOURS, "2025-09-28 11:00"),
    # 1-8 Oct 2025 are free; Thu 9, Fri 10, Sat 11 (swapped), Mon 13, Tue 14.
    ("2025-09-30 09:00", 5, Unit.WORKING_DAYS, "2025-10-14 17:30"),
    # In the lunch break nothing runs: 13:30 + 1 h.
    ("2026-11-23 12:15", 1, Unit.WORKING_HOURS, "2026-11-23 14:30"),
    # Used up exactly at noon is due at noon, not after lunch.
    ("2026-11-23 09:00", 3, Unit.WORKING_HOURS, "2026-11-23 12:00"),
    # Before opening on a working day: the day itself is still the day of the start, Tuesday is day 1.
    ("2026-11-23 07:00", 1, Unit.WORKING_DAYS, "2026-11-24 17:30"),
    # Urgent hours run 08:00-22:00 on holidays too: 0.5 h on 1 Oct, 1.5 h on 2 Oct.
    ("2026-10-01 21:30", 2, Unit.URGENT_HOURS, "2026-10-02 09:30"),
    # Calendar time does not stop.
    ("2026-09-30 17:00", 24, Unit.CALENDAR_HOURS, "2026-10-01 17:00"),
    # Three calendar days after the day of the start: 1, 2, 3 Oct.
    ("2026-09-30 17:00", 3, Unit.CALENDAR_DAYS, "2026-10-03 23:59"),
]


@pytest.mark.parametrize(("start", "amount", "unit", "expected"), BY_HAND)
def test_cases_reckoned_by_hand(start: str, amount: int, unit: Unit, expected: str) -> None:
    assert shown(due(at(start), Limit(amount, unit))) == expected


def test_a_pause_for_waiting_reckoned_by_hand() -> None:
    """4 h from Tue 2026-11-24 10:00 would end at 15:30.

    Waiting for the reporter from 11:00 to Wednesday 10:00 stops 1 h + 4 h + 1 h = 6 h of working time;
    1 h had run, so 3 h run from Wednesday 10:00: 2 before noon, 1 from 13:30.
    """
    waiting = Pause(at("2026-11-24 11:00"), at("2026-11-25 10:00"), "等待反映人补充材料")

    assert shown(due(at("2026-11-24 10:00"), Limit(4, Unit.WORKING_HOURS), [waiting])) == "2026-11-25 14:30"


def test_a_limit_in_days_is_put_off_by_the_working_time_of_the_pause() -> None:
    """2 working days from Mon 2026-11-23 end on Wed 17:30; a pause of 2 h puts that off to Thu 11:00."""
    pause = Pause(at("2026-11-24 14:00"), at("2026-11-24 16:00"), "挂账")

    assert shown(due(at("2026-11-23 10:00"), Limit(2, Unit.WORKING_DAYS), [pause])) == "2026-11-26 11:00"


@given(starts, st.integers(0, 200_000), limits)
def test_a_later_start_is_never_due_earlier(start: datetime, later: int, limit: Limit) -> None:
    assert due(start, limit) <= due(start + timedelta(seconds=later), limit)


@given(starts, limits, st.integers(1, 20))
def test_more_time_is_due_later(start: datetime, limit: Limit, more: int) -> None:
    assert due(start, limit) < due(start, Limit(limit.amount + more, limit.unit))


@given(starts, limits)
def test_due_lies_in_running_time_of_its_clock(start: datetime, limit: Limit) -> None:
    end = moment(due(start, limit))

    assert limit.unit.clock(CHINA).between(end - 1, end) == 1


@given(starts, st.integers(1, 30), st.integers(1, 30), units)
def test_one_limit_after_another_is_their_sum(start: datetime, first: int, second: int, unit: Unit) -> None:
    halfway = due(start, Limit(first, unit))

    assert due(halfway, Limit(second, unit)) == due(start, Limit(first + second, unit))


@given(starts, limits, st.integers(0, 40_000), st.integers(0, 9_000))
def test_a_pause_puts_off_by_exactly_its_running_time(
    start: datetime, limit: Limit, begin: int, length: int
) -> None:
    plain = due(start, limit)
    pause = Pause(start + begin * MINUTE, start + (begin + length) * MINUTE, "挂账")
    clock = limit.unit.clock(CHINA)
    stopped = clock.between(moment(pause.from_), moment(pause.from_) + length)

    if pause.from_ > plain + MINUTE:
        assert due(start, limit, [pause]) == plain
    elif pause.from_ < plain - MINUTE:
        assert moment(due(start, limit, [pause])) == clock.add(moment(plain), stopped)


@given(st.data(), starts, limits)
def test_pauses_may_come_in_any_order_and_overlap(data: st.DataObject, start: datetime, limit: Limit) -> None:
    stops = data.draw(pauses(start))
    shuffled = data.draw(st.permutations(stops + stops))
    split = [
        part
        for stop in stops
        for middle in [stop.from_ + ((stop.to or stop.from_) - stop.from_) // 2]
        for part in (Pause(middle, stop.to, "b"), Pause(stop.from_, middle, "a"))
    ]

    assert due(start, limit, stops) == due(start, limit, shuffled) == due(start, limit, split)


@given(st.data(), starts, limits)
def test_what_runs_outside_all_pauses_is_the_limit(
    data: st.DataObject, start: datetime, limit: Limit
) -> None:
    stops = data.draw(pauses(start))
    end = due(start, limit, stops)
    clock = limit.unit.clock(CHINA)
    cuts = sorted({moment(t) for stop in stops for t in (stop.from_, stop.to or stop.from_)})
    edges = [moment(start), *(cut for cut in cuts if moment(start) < cut < moment(end)), moment(end)]
    ran = sum(
        clock.between(a, b)
        for a, b in pairwise(edges)
        if not any(moment(stop.from_) <= a < moment(stop.to or stop.from_) for stop in stops)
    )

    assert ran == run_of(start, limit, CHINA).minutes
    assert used_share(end, start, limit, CHINA, stops) == 1


@given(starts, limits, st.integers(-1_000, 100_000))
def test_an_open_pause_leaves_no_due_time_unless_time_was_up_before(
    start: datetime, limit: Limit, begin: int
) -> None:
    plain = due(start, limit)
    pause = Pause(start + begin * MINUTE, None, "挂账，等待招标")
    when = due_at(start, limit, CHINA, [pause])

    assert when == (plain if moment(pause.from_) >= moment(plain) else None)


def test_while_a_pause_is_open_nothing_is_used_up() -> None:
    start, limit = at("2026-11-23 09:00"), Limit(4, Unit.WORKING_HOURS)
    stops = [Pause(at("2026-11-23 11:00"), None, "挂账")]

    for now in (at("2026-11-23 11:00"), at("2026-12-23 11:00")):
        assert used_share(now, start, limit, CHINA, stops) == 0.5
        assert colour(now, start, limit, CHINA, stops) is Colour.GREEN
    assert [shown(when) for when in warn_at(start, limit, CHINA, stops)] == ["2026-11-23 11:00"]


@given(st.data(), starts, limits)
def test_warnings_come_in_order_at_their_share_and_the_last_at_the_due_time(
    data: st.DataObject, start: datetime, limit: Limit
) -> None:
    stops = data.draw(pauses(start))
    warnings = warn_at(start, limit, CHINA, stops, [100, 50, 80])

    assert warnings == sorted(warnings)
    assert warnings[-1] == due(start, limit, stops)
    for percent, when in zip([50, 80, 100], warnings, strict=True):
        assert used_share(when, start, limit, CHINA, stops) * 100 >= percent - 1e-9
        if when > start + MINUTE:
            assert used_share(when - MINUTE, start, limit, CHINA, stops) * 100 < percent


@given(st.data(), starts, limits)
def test_colours_follow_share_and_due_time(data: st.DataObject, start: datetime, limit: Limit) -> None:
    stops = data.draw(pauses(start))
    end = due(start, limit, stops)
    yellow = warn_at(start, limit, CHINA, stops, [80])[0]

    assert colour(end + MINUTE, start, limit, CHINA, stops) is Colour.RED
    assert colour(end, start, limit, CHINA, stops) is Colour.YELLOW
    assert colour(yellow, start, limit, CHINA, stops) is Colour.YELLOW
    if yellow > start + MINUTE:
        assert colour(yellow - MINUTE, start, limit, CHINA, stops) is Colour.GREEN


def test_remaining_is_in_the_unit_of_the_limit() -> None:
    start = at("2026-11-23 09:00")
    two_days = Limit(2, Unit.WORKING_DAYS)  # until Wednesday 17:30

    left = remaining(at("2026-11-24 09:00"), start, two_days, CHINA)
    assert (left.amount, left.unit, left.is_late) == (2.0, Unit.WORKING_DAYS, False)
    late = remaining(at("2026-11-26 10:30"), start, two_days, CHINA)
    assert (late.minutes, late.is_late) == (-90, True)
    closed = remaining(at("2026-11-25 20:00"), start, two_days, CHINA)
    assert (closed.minutes, closed.is_late) == (0, True)


@given(st.lists(st.tuples(starts, st.integers(1, 60)), max_size=30), units)
def test_many_at_once_agree_with_one_by_one(cases: list[tuple[datetime, int]], unit: Unit) -> None:
    seconds = [int(start.timestamp()) for start, _ in cases]
    amounts = [amount for _, amount in cases]

    together = due_many(seconds, amounts, unit, CHINA).tolist()
    assert together == [due(start, Limit(amount, unit)).timestamp() for start, amount in cases]


def test_many_at_once_take_one_amount_for_all() -> None:
    start = at("2026-09-24 16:30")

    assert (
        due_many([start.timestamp()] * 2, 4, Unit.WORKING_HOURS, CHINA).tolist()
        == [due(start, Limit(4, Unit.WORKING_HOURS)).timestamp()] * 2
    )


@given(starts, hours)
def test_seconds_do_not_count(start: datetime, unit: Unit) -> None:
    assert due(start, Limit(1, unit)) == due(start.replace(second=0), Limit(1, unit))


@pytest.mark.parametrize("unit", [Unit.CALENDAR_HOURS, Unit.CALENDAR_DAYS])
def test_a_limit_that_leaves_all_dates_is_refused(unit: Unit) -> None:
    for reckon in (due_at, explain):
        with pytest.raises(NoWorkingTime):
            reckon(at("9999-12-31 12:00"), Limit(99_999, unit), CHINA)


@pytest.mark.parametrize("amount", [0, -1, 100_000, 10**30])
def test_a_limit_of_nothing_or_of_ages_is_refused(amount: int) -> None:
    with pytest.raises(BadInput):
        Limit(amount, Unit.WORKING_HOURS)


def test_a_unit_read_from_the_database_is_plain_text() -> None:
    plain = cast("Unit", "working-hours")

    assert Limit(4, plain).unit is Unit.WORKING_HOURS
    with pytest.raises(BadInput):
        Limit(4, cast("Unit", "fortnights"))


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    backwards = Pause(at("2026-11-24 11:00"), at("2026-11-24 10:00"), "")

    with pytest.raises(BadInput):
        due_at(at("2026-11-24 09:00"), Limit(1, Unit.WORKING_HOURS), CHINA, [backwards])


@pytest.mark.parametrize("unit", [Unit.WORKING_HOURS, Unit.WORKING_DAYS, Unit.URGENT_HOURS])
def test_a_limit_that_leaves_the_calendar_is_refused(unit: Unit) -> None:
    with pytest.raises(NoWorkingTime):
        due_at(at("2028-12-31 21:30"), Limit(1, unit), CHINA)


def test_what_is_returned_is_utc() -> None:
    assert due(at("2026-11-23 09:00"), Limit(1, Unit.WORKING_HOURS)).utcoffset() == timedelta(0)
    assert as_datetime(0).tzinfo is not None
