"""Periods tile time without gap or overlap, in the days of Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.periods import Kind, parse_period, period_of
from tests.base.kernel.calendars import at, starts

kinds = st.sampled_from(list(Kind))


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("2026-11-23", "2026-11-23 00:00", "2026-11-24 00:00"),
        ("2026-11", "2026-11-01 00:00", "2026-12-01 00:00"),
        ("2026-12", "2026-12-01 00:00", "2027-01-01 00:00"),
        ("2026Q1", "2026-01-01 00:00", "2026-04-01 00:00"),
        ("2026Q4", "2026-10-01 00:00", "2027-01-01 00:00"),
        ("2026", "2026-01-01 00:00", "2027-01-01 00:00"),
        ("2028-02-29", "2028-02-29 00:00", "2028-03-01 00:00"),
    ],
)
def test_a_code_means_its_days_in_shanghai(code: str, start: str, end: str) -> None:
    period = parse_period(code)

    assert (period.start, period.end) == (at(start), at(end))
    assert period.start.tzinfo is UTC
    assert period.code == str(period) == code


def test_a_month_begins_at_four_in_the_afternoon_utc_the_day_before() -> None:
    assert parse_period("2026-11").start == datetime(2026, 10, 31, 16, tzinfo=UTC)


@given(starts, kinds)
def test_every_time_lies_in_its_period_and_in_no_neighbour(when: datetime, kind: Kind) -> None:
    period = period_of(when, kind)

    assert when in period
    assert when not in period.next
    assert when not in period.previous
    assert period.next.previous == period == period.previous.next
    assert period.end == period.next.start
    assert parse_period(period.code) == period
    assert period.last + timedelta(days=1) == period.next.first


@given(starts, starts, kinds)
def test_codes_sort_like_time(one: datetime, other: datetime, kind: Kind) -> None:
    first, second = sorted([one, other])

    assert period_of(first, kind).code <= period_of(second, kind).code


@pytest.mark.parametrize(
    ("code", "chinese", "english"),
    [
        ("2026-11-03", "2026年11月3日", "3 Nov 2026"),
        ("2026-11", "2026年11月", "November 2026"),
        ("2026Q4", "2026年第四季度", "Q4 2026"),
        ("2026", "2026年", "2026"),
    ],
)
def test_labels_are_as_people_write_them(code: str, chinese: str, english: str) -> None:
    assert parse_period(code).label("zh-hans") == chinese
    assert parse_period(code).label("en") == english


@pytest.mark.parametrize(
    "code",
    ["", "26-11", "2026-13", "2026-00", "2026-11-31", "2026Q0", "2026Q5", "2026q1", "2026-W47", "2026-11 ",
     "２０２６", "2026-1", "9999", "0001", "\x00", "2" * 100_000],
)  # fmt: skip
def test_other_codes_are_refused(code: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_period(code)

    assert refusal.value.field == "period"


def test_a_time_without_zone_is_in_no_period() -> None:
    with pytest.raises(BadInput):
        period_of(datetime(2026, 11, 23), Kind.DAY)


def test_the_last_day_of_a_quarter() -> None:
    assert parse_period("2026Q4").last == date(2026, 12, 31)
