"""Which rule applies: against a reading of every rule, one by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.limits import Limit
from siquan.base.kernel.limits import Unit as Measure
from siquan.city.places.models import BlockKind
from siquan.city.rules.models import Clock
from siquan.city.rules.rulebook import DEPTH, LimitLine, Question, ResponsibilityLine
from tests.city.rules.books import DIVISIONS, LEVELS, PARENTS, book, limit, responsibility

DAY = date(2026, 6, 1)
kinds = st.sampled_from(["", *BlockKind.values])
days = st.integers(0, 6).map(lambda number: DAY + timedelta(days=number))
roads = st.sampled_from(["", "trunk", "alley"])


@st.composite
def responsibilities(draw: st.DrawFn) -> list[ResponsibilityLine]:
    lines = []
    for line in range(2, 2 + draw(st.integers(0, 14))):
        begins = draw(days)
        length = draw(st.none() | st.integers(0, 4))
        lines.append(
            responsibility(
                line,
                draw(st.sampled_from(list(PARENTS))),
                draw(st.sampled_from(list(LEVELS))),
                draw(kinds),
                valid_from=begins,
                valid_to=None if length is None else begins + timedelta(days=length),
            )
        )
    return lines


@st.composite
def limits(draw: st.DrawFn) -> list[LimitLine]:
    return [
        limit(line, draw(st.sampled_from(list(PARENTS))), draw(st.sampled_from(list(Clock))), draw(roads))
        for line in range(2, 2 + draw(st.integers(0, 14)))
    ]


def above(category: int) -> list[int]:
    found = [category]
    while PARENTS[found[-1]] is not None:
        found.append(PARENTS[found[-1]])  # type: ignore[arg-type]
    return found


def read_every_rule(
    rules: list[ResponsibilityLine], category: int, divisions: list[int], kind: str, on: date
) -> int | None:
    """Return the line that applies, by asking each rule whether it applies and ranking those that do."""
    codes = {DIVISIONS[key][0] for key in divisions if key in DIVISIONS}
    ranked = []
    for rule in rules:
        applies = (
            rule.category_id in above(category)
            and (not rule.division or rule.division in codes)
            and (not rule.block_kind or rule.block_kind == kind)
            and rule.valid_from <= on
            and (rule.valid_to is None or on < rule.valid_to)
        )
        if applies:
            rank = (
                len(above(rule.category_id)),
                DEPTH[rule.level],
                bool(rule.block_kind),
                rule.valid_from,
                -rule.line,
            )
            ranked.append((rank, rule.line))
    return max(ranked)[1] if ranked else None


one_of_each = st.tuples(
    st.sampled_from([9, None, 999]),
    st.sampled_from([8, None]),
    st.just(7),
    st.sampled_from([5, 6, 55]),
    st.just(1),
)


@given(
    responsibilities(),
    st.lists(st.tuples(st.sampled_from(list(PARENTS)), one_of_each, kinds), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_the_most_specific_rule_in_force_applies(rules, cases, random):
    rulebook = book(rules)
    asked = [(*case, DAY + timedelta(days=day)) for case in cases for day in range(-1, 12)]
    for category, divisions, kind, on in random.sample(asked * 2, 2 * len(asked)):  # often from memory
        shuffled = random.sample(divisions, len(divisions))
        answer = rulebook.responsibility_for(category, division_ids=shuffled, block_kind=kind, on=on)

        assert (answer.line if answer else None) == read_every_rule(rules, category, divisions, kind, on)


@given(responsibilities(), st.sampled_from(list(PARENTS)), one_of_each, kinds, days)
def test_the_rule_it_went_before_is_the_one_that_applies_without_it(rules, category, divisions, kind, on):
    answer = book(rules).responsibility_for(category, division_ids=divisions, block_kind=kind, on=on)
    if answer is None:
        return

    others = [rule for rule in rules if rule.line != answer.line]
    without = book(others).responsibility_for(category, division_ids=divisions, block_kind=kind, on=on)

    assert (answer.over.line if answer.over else None) == (without.line if without else None)
    assert answer.why


@given(limits(), st.sampled_from(list(PARENTS)), st.sampled_from(list(Clock)), roads)
def test_the_nearest_category_gives_the_limit_then_the_class_of_road(rules, category, clock, road):
    rulebook = book(limits=rules)
    ranked = [
        (len(above(rule.category_id)), bool(rule.road_class), -rule.line)
        for rule in rules
        if rule.category_id in above(category) and rule.clock == clock and rule.road_class in ("", road)
    ]

    for _ in range(2):
        found = rulebook.limit_for(category, clock, road)
        assert (found.line if found else None) == (-max(ranked)[2] if ranked else None)


def test_a_limit_is_one_the_kernel_reckons_with():
    found = book(limits=[limit(4, 11)]).limit_for(111, Clock.HANDLING)

    assert found
    assert found.limit == Limit(4, Measure.WORKING_HOURS)


def test_why_names_the_line_the_unit_and_what_made_it_win():
    rulebook = book([responsibility(3, 11), responsibility(12, 11, "S1")])
    answer = rulebook.responsibility_for(111, division_ids=[5], on=DAY)

    assert answer
    assert answer.why == "责任清单第 12 行：类11 × 东四街道 → 单位1200；比第 3 行更具体（按街道）"


@pytest.mark.parametrize(
    ("winner", "loser", "reason"),
    [
        (responsibility(3, 111), responsibility(2, 11, "K1"), "比第 2 行更具体（按类别）"),
        (responsibility(3, 11, "", "culture"), responsibility(2, 11), "比第 2 行更具体（按街区类型）"),
        (responsibility(3, 11, valid_from=DAY), responsibility(2, 11), "比第 2 行施行得晚"),
        (responsibility(2, 11), responsibility(3, 11), "与第 3 行同样具体，取排在前面的"),
    ],
)
def test_why_says_by_what_a_rule_goes_before_the_next(winner, loser, reason):
    answer = book([loser, winner]).responsibility_for(
        111, division_ids=[9, 8, 5], block_kind="culture", on=DAY
    )

    assert answer
    assert answer.line == winner.line
    assert answer.why.endswith("；" + reason)


def test_a_rule_for_the_whole_district_says_so_and_names_who_assists():
    rule = responsibility(3, 2, assist_ids=(300, 7))
    answer = book([rule]).responsibility_for(2, division_ids=[], on=DAY)

    assert answer
    assert answer.why == "责任清单第 3 行：类2 × 全区 → 单位300（协办：单位300、7）"


def test_a_rule_that_was_applied_is_explained_again_beside_the_next_one():
    rulebook = book([responsibility(3, 11), responsibility(12, 11, "S1"), responsibility(2, 1)])
    asked = Question(111, (None, 5), "", DAY)

    assert rulebook.explanation_of(1012, asked).why.endswith("；比第 3 行更具体（按街道）")
    assert rulebook.explanation_of(1003, asked).why.endswith("；比第 2 行更具体（按类别）")
    assert rulebook.explanation_of(1002, asked).over is None
    assert rulebook.explanation_of(1012).why.endswith("单位1200")
    assert rulebook.explanation_of(1012, Question(121, (), "", DAY)).over is None  # no longer applies
    assert rulebook.explanation_of(99, asked) is None


def test_no_rule_is_an_answer_too():
    assert book().responsibility_for(111, division_ids=[5], on=DAY) is None
    assert book().limit_for(111, Clock.FILING) is None


def test_a_category_of_another_pack_is_refused():
    with pytest.raises(KeyError):
        book().responsibility_for(999, division_ids=[], on=DAY)
    with pytest.raises(KeyError):
        book().limit_for(999, Clock.FILING)


def test_many_questions_are_answered_in_order():
    rulebook = book([responsibility(2, 1), responsibility(3, 2)])
    asked = [Question(111, (5,), "", DAY), Question(2, (), "", DAY), Question(2, (), "", date(2025, 1, 1))]

    assert [answer and answer.line for answer in rulebook.resolve_many(asked)] == [2, 3, None]


def test_the_path_runs_from_the_large_class_to_the_small_one():
    assert [entry.code for entry in book().path(112)] == ["1", "11", "112"]
    assert {entry.code for entry in book().leaf_categories} == {"111", "112", "121", "2"}


def test_names_follow_the_reader():
    with translation.override("en"):
        assert str(book().categories["111"]) == "Class 111"
    assert str(book().categories["111"]) == "类111"
