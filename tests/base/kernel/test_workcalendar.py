"""The working calendar knows the State Council's days; its clock agrees with counting every minute."""

from datetime import date, datetime, time, timedelta
from functools import cache

import chinese_calendar
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from siquan.base.kernel.errors import BadInput, NoWorkingTime
from siquan.base.kernel.localtime import SHANGHAI, as_datetime, day_number, day_of, midnight, moment
from siquan.base.kernel.workcalendar import DayKind, WorkCalendar, from_chinesecalendar, parse_hours
from tests.base.kernel.calendars import CHINA, at, shown, starts

OFFICE = [(time(9), time(12)), (time(13, 30), time(17, 30))]


@cache
def is_worked(day: date) -> bool:
    """Whether the office works on `day`, asked of chinesecalendar itself."""
    return bool(chinese_calendar.is_workday(day))


def is_open(local: datetime) -> bool:
    """Whether the office works in the minute that begins at `local`."""
    return is_worked(local.date()) and any(a <= local.time() < b for a, b in OFFICE)


def due_by_counting(start: datetime, minutes: int) -> datetime:
    """The due time found by walking through every minute."""
    now = start.astimezone(SHANGHAI).replace(second=0, microsecond=0)
    while minutes:
        minutes -= is_open(now)
        now += timedelta(minutes=1)
    return now


def test_the_days_around_mid_autumn_and_national_day_2026() -> None:
    assert CHINA.day(date(2026, 9, 20)) == DayKind(is_working=True, name="国庆节", swapped=True)
    assert CHINA.day(date(2026, 9, 24)) == DayKind(is_working=True)
    assert CHINA.day(date(2026, 9, 25)) == DayKind(is_working=False, name="中秋节")
    assert CHINA.day(date(2026, 10, 10)) == DayKind(is_working=True, name="国庆节", swapped=True)
    assert CHINA.day(date(2026, 10, 11)) == DayKind(is_working=False)


def test_a_year_without_notice_is_provisional_and_goes_by_weekdays() -> None:
    assert CHINA.provisional == {2027, 2028}
    assert CHINA.day(date(2027, 10, 1)) == DayKind(is_working=False, name="国庆节")  # fixed by law
    assert CHINA.day(date(2027, 10, 4)).is_working  # a Monday that the notice may still make free
    assert not CHINA.day(date(2027, 10, 9)).is_working


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_every_day_is_what_chinesecalendar_says(day: date) -> None:
    assert CHINA.day(day).is_working == chinese_calendar.is_workday(day)


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2029, 1, 1)])
def test_a_day_outside_the_calendar_is_refused(day: date) -> None:
    with pytest.raises(NoWorkingTime):
        CHINA.day(day)
    with pytest.raises(NoWorkingTime):
        CHINA.closing_after(day_number(day), 1)


@settings(max_examples=40)
@given(starts, st.integers(1, 600))
def test_adding_working_time_agrees_with_counting_minutes(start: datetime, minutes: int) -> None:
    assert as_datetime(CHINA.office.add(moment(start), minutes)) == due_by_counting(start, minutes)


@settings(max_examples=40)
@given(starts, st.integers(0, 5_000))
def test_time_between_agrees_with_counting_minutes(start: datetime, length: int) -> None:
    begin = start.astimezone(SHANGHAI).replace(second=0, microsecond=0)
    assume((begin + timedelta(minutes=length)).year < 2027)  # the reference knows no later year
    counted = sum(is_open(begin + timedelta(minutes=minute)) for minute in range(length))

    assert CHINA.office.between(moment(begin), moment(begin) + length) == counted


@given(starts, st.integers(1, 50_000))
def test_what_was_added_has_run_and_not_a_minute_earlier(start: datetime, minutes: int) -> None:
    due = CHINA.office.add(moment(start), minutes)

    assert CHINA.office.between(moment(start), due) == minutes
    assert CHINA.office.between(moment(start), due - 1) == minutes - 1


@given(st.lists(st.tuples(starts, st.integers(0, 50_000)), max_size=50))
def test_many_at_once_agree_with_one_by_one(cases: list[tuple[datetime, int]]) -> None:
    seconds = np.array([int(start.timestamp()) for start, _ in cases], dtype=np.int64)
    minutes = np.array([minutes for _, minutes in cases], dtype=np.int64)

    one_by_one = [CHINA.office.add(moment(start), minutes) * 60 for start, minutes in cases]
    assert CHINA.due_many(seconds, minutes).tolist() == one_by_one


def test_time_that_runs_out_of_the_calendar_is_refused() -> None:
    last = at("2028-12-29 17:00")

    with pytest.raises(NoWorkingTime):
        CHINA.office.add(moment(last), 31)
    with pytest.raises(NoWorkingTime):
        CHINA.due_many([int(last.timestamp())], [31])
    with pytest.raises(NoWorkingTime):
        CHINA.due_many([0], [31])
    with pytest.raises(NoWorkingTime):
        CHINA.closing_after(day_number(date(2028, 12, 29)), 1)
    with pytest.raises(NoWorkingTime):
        CHINA.closing_after_many(np.array([day_number(date(2028, 12, 29))]), np.array([1]))


@given(st.dates(date(2004, 1, 1), date(2028, 12, 31)), st.integers(0, 1439))
def test_minutes_east_of_greenwich_are_those_of_the_time_zone(day: date, minute: int) -> None:
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=SHANGHAI)

    assert moment(local) == midnight(day_number(day)) + minute
    assert day_of(moment(local)) == day


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(BadInput):
        moment(datetime(2026, 9, 24, 16, 30))


def test_an_own_calendar_holds_only_what_differs_from_the_week() -> None:
    own = WorkCalendar(
        version="own-1",
        first_year=2027,
        last_year=2027,
        hours=parse_hours("08:30-11:30, 14:00-17:00"),
        urgent_hours=parse_hours("00:00-24:00"),
        days={date(2027, 2, 8): DayKind(is_working=False, name="春节")},
    )

    assert own.minutes_a_day == 360
    friday_noon = moment(at("2027-02-05 11:30"))
    assert shown(as_datetime(own.office.add(friday_noon, 181))) == "2027-02-09 08:31"
    assert own.urgent.between(friday_noon, friday_noon + 3 * 1440) == 3 * 1440
    assert hash(own)


@pytest.mark.parametrize(
    "text",
    ["", "9-12", "09:00-12:00 13:30-17:30", "13:30-17:30, 09:00-12:00", "09:00-12:00, 11:00-17:30",
     "12:00-09:00", "24:00-25:00", "25:00-26:00", "09:00-09:00", "09:00-12:00, x"],
)  # fmt: skip
def test_hours_that_cannot_be_worked_are_refused(text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_hours(text)

    assert refusal.value.field == "hours"


def test_hours_are_read_as_people_write_them() -> None:
    assert parse_hours("9:00–12:00，13:30至17:30") == tuple(OFFICE)
    assert parse_hours("22:00-24:00") == ((time(22), time(0)),)


@pytest.mark.parametrize("years", [(), (1950,), (9999,)])
def test_years_that_cannot_be_reckoned_are_refused(years: tuple[int, ...]) -> None:
    with pytest.raises(BadInput):
        from_chinesecalendar(years, CHINA.hours, CHINA.urgent_hours, "x")
