"""Calendars and times the tests of the kernel reckon with."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from siquan.base.kernel.deadlines import Limit, Pause, Unit
from siquan.base.kernel.localtime import SHANGHAI
from siquan.base.kernel.workcalendar import from_chinesecalendar, parse_hours

CHINA = from_chinesecalendar(
    range(2004, 2029), parse_hours("09:00-12:00, 13:30-17:30"), parse_hours("08:00-22:00"), "cn-test"
)


def at(text: str) -> datetime:
    """A time in Shanghai, written like 2026-09-24 16:30."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def shown(when: datetime | None) -> str | None:
    """A time as it is written in Shanghai."""
    return when.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if when else None


_FIRST = datetime(2024, 1, 1, tzinfo=UTC)

starts = st.builds(
    lambda seconds: _FIRST + timedelta(seconds=seconds),
    st.integers(0, 3 * 365 * 24 * 3600),
)
units = st.sampled_from(list(Unit))
hours = st.sampled_from([Unit.WORKING_HOURS, Unit.URGENT_HOURS, Unit.CALENDAR_HOURS])
limits = st.builds(Limit, st.integers(1, 60), units)


@st.composite
def pauses(draw: st.DrawFn, start: datetime, most: int = 4) -> list[Pause]:
    """Up to `most` closed pauses around `start`, in any order, overlapping or not."""
    spans = draw(st.lists(st.tuples(st.integers(-5_000, 40_000), st.integers(0, 9_000)), max_size=most))
    return [
        Pause(
            start + timedelta(minutes=begin), start + timedelta(minutes=begin + length), "等待反映人补充材料"
        )
        for begin, length in spans
    ]
