"""An explanation says what was reckoned: its words add up, name each holiday, swapped day and pause."""

import re
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.deadlines import Limit, Pause, Unit, amount_words, due_at, explain, used_share
from siquan.base.kernel.localtime import SHANGHAI, moment
from siquan.base.kernel.workcalendar import from_chinesecalendar, parse_hours
from tests.base.kernel.calendars import CHINA, at, hours, limits, pauses, starts

LANGUAGES = st.sampled_from(["zh-hans", "en"])
_COUNTED_ZH = re.compile(r"(?<!停)计(?:(\d+)小时)?(?:(\d+)分钟)?(?=。|（)")
_COUNTED_EN = re.compile(r"^(?:(\d+) h)?(?: ?(\d+) min)? on ", re.ASCII)


def minutes_told(lines: tuple[str, ...], pattern: re.Pattern[str]) -> int:
    """The sum of all durations that the lines count."""
    found = (pattern.search(line) for line in lines)
    return sum(int(match[1] or 0) * 60 + int(match[2] or 0) for match in found if match)


def test_mid_autumn_2026_as_an_official_would_write_it() -> None:
    told = explain(at("2026-09-24 16:30"), Limit(4, Unit.WORKING_HOURS), CHINA)

    assert told.headline == (
        "自2026年9月24日（周四）16:30起4个工作时：当日至17:30计1小时，"
        "9月25日（周五）至27日（周日）中秋节放假不计，9月28日（周一）09:00至12:00计3小时，"
        "期限至2026年9月28日（周一）12:00。"
    )
    assert told.lines == (
        "当日至17:30计1小时。",
        "9月25日（周五）至27日（周日）中秋节放假不计。",
        "9月28日（周一）09:00至12:00计3小时。",
        "期限至2026年9月28日（周一）12:00。",
    )
    assert str(told).splitlines() == [told.headline, *(f"- {line}" for line in told.lines)]


def test_mid_autumn_2026_in_english() -> None:
    told = explain(at("2026-09-24 16:30"), Limit(4, Unit.WORKING_HOURS), CHINA, language="en")

    assert told.headline == (
        "4 working hours from Thu 2026-09-24 16:30: 1 h on Thu 24 Sep until 17:30, "
        "office closed Fri 25 – Sun 27 Sep for Mid-Autumn Festival, "
        "then 3 h on Mon 28 Sep from 09:00 to 12:00, due Mon 2026-09-28 12:00."
    )


def test_a_swapped_working_day_names_the_holiday_it_was_swapped_for() -> None:
    start, limit = at("2026-09-18 17:00"), Limit(12, Unit.WORKING_HOURS)

    assert "9月20日（周日，国庆节调休上班）计7小时。" in explain(start, limit, CHINA).lines
    assert (
        "7 h on Sun 20 Sep (a working day swapped for National Day)."
        in explain(start, limit, CHINA, language="en").lines
    )


def test_a_limit_that_begins_on_a_swapped_day() -> None:
    told = explain(at("2026-10-10 17:00"), Limit(1, Unit.WORKING_HOURS), CHINA)

    assert told.lines[:2] == ("当日（国庆节调休上班）至17:30计30分钟。", "10月11日（周日）休息日不计。")


def test_lunch_is_mentioned_once() -> None:
    told = explain(
        at("2026-11-23 10:00"),
        Limit(6, Unit.WORKING_HOURS),
        CHINA,
        [Pause(at("2026-11-23 15:00"), at("2026-11-24 10:00"), "等待反映人补充材料")],
    )

    assert told.headline.count("午休") == 1


def test_working_days_are_numbered() -> None:
    told = explain(at("2026-09-30 16:30"), Limit(3, Unit.WORKING_DAYS), CHINA)

    assert told.lines == (
        "当日不计。",
        "10月1日（周四）至7日（周三）国庆节放假不计。",
        "10月8日（周四）至9日（周五）为第1日、第2日。",
        "10月10日（周六，国庆节调休上班）为第3日。",
        "期限至2026年10月10日（周六）17:30。",
    )


def test_a_pause_puts_off_a_limit_in_days_and_says_by_how_much() -> None:
    pause = Pause(at("2026-11-27 15:30"), at("2026-11-30 09:30"), "挂账")
    told = explain(at("2026-11-25 10:00"), Limit(2, Unit.WORKING_DAYS), CHINA, [pause])

    assert told.lines == (
        "当日不计。",
        "11月26日（周四）至27日（周五）为第1日、第2日。",
        "11月27日（周五）15:30至11月30日（周一）09:30暂停（挂账；停计2小时30分钟）。",
        "期限相应顺延2小时30分钟。",
        "期限至2026年11月30日（周一）11:30。",
    )


def test_a_limit_in_days_put_off_over_a_weekend_names_the_weekend() -> None:
    pause = Pause(at("2026-11-27 14:00"), at("2026-11-27 16:00"), "挂账")
    told = explain(at("2026-11-26 10:00"), Limit(1, Unit.WORKING_DAYS), CHINA, [pause])

    assert told.lines[-3:] == (
        "期限相应顺延2小时。",
        "11月28日（周六）至29日（周日）休息日不计。",
        "期限至2026年11月30日（周一）11:00。",
    )


def test_pauses_that_overlap_are_not_counted_twice() -> None:
    """10:00 to 12:00 stops 2 h; of 11:00 to 14:30 only 13:30 to 14:30 is new."""
    stops = [
        Pause(at("2026-11-24 11:00"), at("2026-11-24 14:30"), "挂账"),
        Pause(at("2026-11-24 10:00"), at("2026-11-24 12:00"), "等待反映人补充材料"),
    ]
    told = explain(at("2026-11-24 09:00"), Limit(2, Unit.WORKING_HOURS), CHINA, stops)

    assert told.lines == (
        "当日至10:00计1小时。",
        "11月24日（周二）10:00至12:00暂停（等待反映人补充材料；停计2小时）。",
        "11月24日（周二）11:00至14:30暂停（挂账；停计1小时；与前一暂停重叠的部分不重复扣除）。",
        "11月24日（周二）14:30至15:30计1小时。",
        "期限至2026年11月24日（周二）15:30。",
    )


def test_two_holidays_in_a_row_are_both_named() -> None:
    told = explain(at("2025-09-30 17:00"), Limit(1, Unit.WORKING_HOURS), CHINA)

    assert told.lines[1] == "10月1日（周三）至8日（周三）国庆节、中秋节放假不计。"


def test_an_open_pause_says_what_is_left_and_gives_no_due_time() -> None:
    stops = [Pause(at("2026-11-24 11:00"), None, "挂账，等待招标")]
    start, limit = at("2026-11-24 10:00"), Limit(4, Unit.WORKING_HOURS)
    chinese, english = explain(start, limit, CHINA, stops), explain(start, limit, CHINA, stops, "en")

    assert chinese.due is english.due is None
    assert "尚未恢复" in chinese.headline
    assert "恢复后还剩工作时间3小时" in chinese.headline
    assert "3 h of working time left when the clock runs again" in english.headline


def test_a_pause_that_does_not_matter_is_listed_all_the_same() -> None:
    stops = [
        Pause(at("2026-11-20 09:00"), at("2026-11-20 11:00"), "误操作"),
        Pause(at("2026-12-20 09:00"), None, "挂账"),
    ]
    told = explain(at("2026-11-24 10:00"), Limit(1, Unit.WORKING_HOURS), CHINA, stops)

    assert told.lines[-2:] == (
        "11月20日（周五）09:00开始的暂停（误操作）在起算之前，不影响期限。",
        "12月20日（周日）09:00开始的暂停（挂账）在期限届满之后，不影响期限。",
    )


def test_a_provisional_year_is_owned_up_to() -> None:
    start, limit = at("2026-12-31 15:00"), Limit(3, Unit.WORKING_DAYS)
    chinese, english = explain(start, limit, CHINA), explain(start, limit, CHINA, language="en")

    assert chinese.is_provisional
    assert chinese.headline.endswith("（暂定）。")
    assert chinese.lines[-1].startswith("2027年放假调休安排尚未公布")
    assert english.headline.endswith("(provisional).")
    assert english.lines[-1].startswith("The holidays of 2027 are not announced yet")
    assert not explain(at("2026-12-30 09:00"), Limit(1, Unit.WORKING_HOURS), CHINA).is_provisional
    assert not explain(at("2027-12-30 09:00"), Limit(1, Unit.CALENDAR_HOURS), CHINA).is_provisional


def test_a_long_limit_is_summed_up_in_the_sentence_and_told_in_full_below() -> None:
    """Fri 11:00-17:30 gives 5 h; 7 whole days give 49 h; 6 h remain.

    27 Sep, 1-8 Oct and 12 Oct are closed: 10 days.
    """
    start, limit = at("2025-09-26 11:00"), Limit(60, Unit.WORKING_HOURS)
    told = explain(start, limit, CHINA)

    assert told.headline == (
        "自2025年9月26日（周五）11:00起60个工作时：当日至17:30计5小时（午休不计），其间7日计49小时，"
        "国庆节、中秋节放假及休息日共10日不计，10月14日（周二）09:00至16:30计6小时，"
        "期限至2025年10月14日（周二）16:30。"
    )
    assert "office closed 10 days for National Day, Mid-Autumn Festival and the weekend" in (
        explain(start, limit, CHINA, language="en").headline
    )
    assert len(told.lines) == 11


def test_urgent_hours_that_end_at_midnight() -> None:
    round_the_clock = from_chinesecalendar([2026], CHINA.hours, parse_hours("08:00-24:00"), "x")
    told = explain(at("2026-10-01 23:00"), Limit(2, Unit.URGENT_HOURS), round_the_clock)

    assert told.lines == (
        "当日至24:00计1小时。",
        "10月2日（周五）08:00至09:00计1小时。",
        "期限至2026年10月2日（周五）09:00。",
        "紧急工作时在节假日、休息日照常计时。",
    )


@given(st.data(), starts, limits, LANGUAGES)
def test_parts_add_up_in_order_to_the_due_time(
    data: st.DataObject, start: datetime, limit: Limit, language: str
) -> None:
    stops = data.draw(pauses(start))
    told = explain(start, limit, CHINA, stops, language)

    assert sum(part.minutes for part in told.parts) == told.minutes
    assert told.due == due_at(start, limit, CHINA, stops) == told.parts[-1].to
    assert all(before.to <= after.from_ for before, after in pairwise(told.parts))
    for part in told.parts:
        last_minute = part.to - timedelta(minutes=1)
        assert part.from_.astimezone(SHANGHAI).date() == last_minute.astimezone(SHANGHAI).date()
        for stop in stops:
            begin, end = moment(stop.from_), moment(stop.to or stop.from_)
            assert begin == end or end <= moment(part.from_) or moment(part.to) <= begin


@given(st.data(), starts, st.integers(1, 60), hours)
def test_the_hours_in_the_lines_add_up_to_the_limit(
    data: st.DataObject, start: datetime, amount: int, unit: Unit
) -> None:
    stops = data.draw(pauses(start))
    limit = Limit(amount, unit)
    told = minutes_told(explain(start, limit, CHINA, stops).lines, _COUNTED_ZH)
    english = minutes_told(explain(start, limit, CHINA, stops, "en").lines, _COUNTED_EN)

    assert told == english == (0 if unit is Unit.CALENDAR_HOURS else amount * 60)


@given(starts, st.integers(1, 60), st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]))
def test_the_days_in_the_lines_are_numbered_up_to_the_limit(start: datetime, amount: int, unit: Unit) -> None:
    lines = "".join(explain(start, Limit(amount, unit), CHINA).lines)
    numbers = [int(number) for number in re.findall(r"第(\d+)日", lines)]

    assert numbers[0] == 1
    assert numbers[-1] == amount
    assert numbers == sorted(set(numbers))


@given(st.data(), starts, limits, LANGUAGES)
def test_every_pause_is_told_with_its_reason(
    data: st.DataObject, start: datetime, limit: Limit, language: str
) -> None:
    stops = [
        Pause(stop.from_, stop.to, f"reason-{number}-")
        for number, stop in enumerate(data.draw(pauses(start)))
    ]
    lines = "".join(explain(start, limit, CHINA, stops, language).lines)

    assert all(lines.count(stop.reason) == 1 for stop in stops)


@given(st.data(), starts, limits, LANGUAGES)
def test_an_open_pause_tells_what_ran_before_it(
    data: st.DataObject, start: datetime, limit: Limit, language: str
) -> None:
    closed = data.draw(pauses(start))
    begin = data.draw(starts)
    stops = [*closed, Pause(begin, None, "挂账")]
    told = explain(start, limit, CHINA, stops, language)

    ran = used_share(max(begin, start), start, limit, CHINA, stops) * told.minutes
    assert sum(part.minutes for part in told.parts) == (told.minutes if told.due else round(ran))
    assert "挂账" in "".join(told.lines)


@pytest.mark.parametrize(
    ("limit", "chinese", "english"),
    [
        (Limit(4, Unit.WORKING_HOURS), "4个工作时", "4 working hours"),
        (Limit(1, Unit.WORKING_DAYS), "1个工作日", "1 working day"),
        (Limit(2, Unit.URGENT_HOURS), "2个紧急工作时", "2 urgent hours"),
        (Limit(24, Unit.CALENDAR_HOURS), "24小时", "24 calendar hours"),
        (Limit(3, Unit.CALENDAR_DAYS), "3个自然日", "3 calendar days"),
    ],
)
def test_limits_in_words(limit: Limit, chinese: str, english: str) -> None:
    assert amount_words(limit, "zh-hans") == chinese
    assert amount_words(limit, "en-gb") == english
