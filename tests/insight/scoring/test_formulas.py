"""Formula packs: what is read, what is refused, how a case is judged; the same in Python, SQL and words."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from siquan.base.kernel.errors import BadInput
from siquan.insight.scoring import services
from siquan.insight.scoring.conditions import Unusable, as_sql, holds, in_words, parse
from siquan.insight.scoring.models import FormulaPack
from siquan.insight.scoring.outcomes import FACTS, Kind, Outcome
from siquan.insight.scoring.packfiles import FaultyFormula, checked, read_formula
from tests import make
from tests.insight.scoring import packs

VALUES = {
    "source": st.sampled_from(["snapshot", "hotline", "grid", "finding"]),
    "category": st.sampled_from(["2001", "200112", "9004", "9"]),
    "solved": st.sampled_from(["yes", "partly", "no"]),
}


def value_of(fact: str) -> st.SearchStrategy[Any]:
    """Return a strategy for values of a fact."""
    kinds = {Kind.YES_NO: st.booleans(), Kind.NUMBER: st.integers(-3, 9)}
    return VALUES[fact] if fact in VALUES else kinds[FACTS[fact].kind]


def test_of(fact: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for one comparison of a fact, as YAML gives it."""
    value = value_of(fact)
    ways = [value, st.lists(value, min_size=1, max_size=3), st.builds(lambda v: {"not": v}, value)]
    ways.append(st.builds(lambda known: {"known": known}, st.booleans()))
    if FACTS[fact].kind is Kind.NUMBER:
        ways.append(st.builds(lambda how, v: {how: v}, st.sampled_from(["at_least", "at_most"]), value))
    if fact == "category":
        ways.append(st.builds(lambda v: {"starts": v}, value))
    return st.builds(lambda wanted: {fact: wanted}, st.one_of(ways))


test_of.__test__ = False  # type: ignore[attr-defined]
conditions = st.recursive(
    st.sampled_from(list(FACTS)).flatmap(test_of),
    lambda inner: st.builds(
        lambda how, parts: {how: parts},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
ALWAYS_KNOWN = {"source", "closed", "reopened", "asked", "reached"}
outcomes = st.builds(
    Outcome,
    **{name: value_of(name) if name in ALWAYS_KNOWN else st.none() | value_of(name) for name in FACTS},
)
TYPES = {Kind.TEXT: "text", Kind.NUMBER: "int", Kind.YES_NO: "bool"}


@pytest.mark.django_db
@settings(max_examples=150, deadline=None)
@given(conditions, outcomes)
def test_python_and_the_database_judge_alike(given_: dict[str, Any], outcome: Outcome) -> None:
    condition = parse(given_, "when")
    text, values = as_sql(condition)
    columns = ", ".join(f"%s::{TYPES[FACTS[each.name].kind]} as {each.name}" for each in fields(Outcome))
    facts = [getattr(outcome, each.name) for each in fields(Outcome)]
    with connection.cursor() as cursor:
        cursor.execute(f"select {text} from (select {columns}) f", [*values, *facts])

        assert cursor.fetchone()[0] is holds(condition, outcome)
    assert in_words(condition)


def test_what_is_not_known_fits_no_condition() -> None:
    unknown = Outcome()

    assert not holds(parse({"satisfied": {"at_most": 5}}, ""), unknown)
    assert not holds(parse({"contacted": False}, ""), unknown)
    assert holds(parse({"contacted": {"known": False}}, ""), unknown)


@pytest.mark.parametrize(
    "given_",
    [
        {"__import__('os')": True},
        {"solved": "maybe"},
        {"satisfied": "4"},
        {"satisfied": True},
        {"source": {"at_least": "a"}},
        {"all": []},
        {"all": "yes"},
        "source == 'hotline'",
        {"source": "hot\0line"},
    ],
)
def test_other_words_are_refused(given_: Any) -> None:
    with pytest.raises(Unusable):
        parse(given_, "when")


def test_the_words_of_a_condition_are_told_in_both_languages() -> None:
    condition = parse({"solved": ["yes", "partly"], "satisfied": {"at_least": 4}}, "")

    assert in_words(condition) == "反映人说是否解决为解决了或部分解决，并且满意程度（1 到 5）不少于 4"
    with translation.override("en"):
        assert "at least 4" in in_words(condition)


def test_the_demo_districts_formula_is_sound_and_says_that_it_is_assumed() -> None:
    formula = checked(packs.DEMO.read_bytes())

    assert formula.source == "assumed"
    assert {rule.source for rule in formula.rates.values()} == {"assumed"}
    partly = Outcome(source="hotline", asked=True, contacted=True, solved="partly", satisfied=5)
    assert {each.rate: each.points for each in formula.judge(partly)} == {
        "response": 1,
        "resolution": 0,
        "satisfaction": 1,
    }
    assert formula.judge(Outcome(source="grid", asked=True, contacted=True)) == []


def test_a_recorded_rule_comes_before_an_appeal_and_an_appeal_may_be_for_one_rate() -> None:
    formula = checked(packs.PLAIN.encode())
    outcome = Outcome(source="hotline", handled_in_time=True)

    assert {each.reason for each in formula.judge(outcome, {"": "outside-duty"})} == {"appeal:outside-duty"}
    by_rate = {each.rate: each.reason for each in formula.judge(outcome, {"response": "outside-duty"})}
    assert by_rate == {"response": "appeal:outside-duty", "resolution": "", "satisfaction": ""}
    sleet = Outcome(source="hotline", category="900401", handled_in_time=True)
    assert {each.reason for each in formula.judge(sleet, {"": "outside-duty"})} == {"sleet"}


@pytest.mark.parametrize(
    ("was", "is_", "where"),
    [
        ("  response:", "  组建率:", "rates.组建率"),
        ("source: test\ncounts", "counts", "source"),
        (
            "handled_in_time: true}, points: 1}]\n    source",
            "handled: true}, points: 1}]\n    source",
            "handled",
        ),
        ("full: 2", "full: 0", "full"),
        ("valid_from: 2020-01-01", "valid_from: soon", "valid_from"),
        ("public: streets", "public: everybody", "public"),
        ("composite: {response", "composite: {coverage", "composite.coverage"),
        ("code: sleet", "code: outside-duty", "exclusions"),
        ("name: test-rates", "name: test-rates\nexec: rm", "exec"),
    ],
)
def test_a_fault_is_told_with_its_place(was: str, is_: str, where: str) -> None:
    assert was in packs.PLAIN
    _formula, faults = read_formula(packs.PLAIN.replace(was, is_, 1).encode())

    assert [str(each) for each in faults if where in each.where]


def test_foreign_bytes_are_no_formula() -> None:
    bomb = b"a: &a [x, x]\nb: &b [*a, *a]\n"
    for content in (
        b"",
        b"\xff\xfe",
        b"[1, 2]",
        b"a: !!python/object/apply:os.system [ls]",
        bomb,
        b"x" * 300_000,
    ):
        formula, faults = read_formula(content)
        assert formula is None
        assert faults


def test_an_example_that_comes_out_otherwise_is_a_fault() -> None:
    wrong = packs.PLAIN + 'examples: [{facts: {source: hotline, solved: "no"}, counts: {response: 1}}]\n'

    _formula, faults = read_formula(wrong.encode())

    assert "examples[1]" in str(faults[0])


@pytest.mark.django_db
def test_load_formula_ends_the_version_before_and_never_changes_what_is_loaded() -> None:
    first = packs.load()
    again = packs.load()
    second = packs.load(
        packs.PLAIN.replace('version: "1"', 'version: "2"').replace("2020-01-01", "2026-07-01")
    )
    first.refresh_from_db()

    assert again == first
    assert (str(first.valid_to), second.valid_to) == ("2026-07-01", None)
    with pytest.raises(BadInput, match="换一个版本号"):
        packs.load(packs.PLAIN + "# another\n")
    with pytest.raises(Exception, match="pgtrigger"):
        FormulaPack.objects.filter(pk=first.pk).update(text="")


@pytest.mark.django_db
def test_load_formula_refuses_a_faulty_pack_and_people_without_the_duty() -> None:
    with pytest.raises(FaultyFormula):
        services.load_formula(b"name: x", by=None, at=make.NOW)
    with pytest.raises(Exception, match="规则管理员"):
        services.load_formula(packs.PLAIN.encode(), by=make.dispatcher(), at=make.NOW)
    assert FormulaPack.objects.count() == 0


def test_the_check_command_tells_faults_and_a_sound_formula_in_words(tmp_path: Any, capsys: Any) -> None:
    file = tmp_path / "rates.yaml"
    file.write_text(packs.PLAIN)
    call_command("rates_check", str(file), language="en")
    assert "test-rates 1" in capsys.readouterr().out
    file.write_text(packs.PLAIN.replace("full: 2", "full: two"))

    with pytest.raises(CommandError, match="cannot be used"):
        call_command("rates_check", str(file))
    assert "rates.resolution.full" in capsys.readouterr().out
