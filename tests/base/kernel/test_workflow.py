"""A table of states and verbs answers what may happen next, and finds its own holes."""

from typing import cast

import pytest
from django.db.models import TextChoices
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.errors import NotPossible
from siquan.base.kernel.workflow import PREVIOUS, Table, check, next_state, verbs


class Life(TextChoices):
    """A small life with a detour."""

    REPORTED = "reported", "已上报"
    FILED = "filed", "已立案"
    SUSPENDED = "suspended", "已挂账"
    CLOSED = "closed", "已结案"


TABLE: Table[Life] = {
    Life.REPORTED: {"file": Life.FILED, "suspend": Life.SUSPENDED},
    Life.FILED: {"suspend": Life.SUSPENDED, "close": Life.CLOSED},
    Life.SUSPENDED: {"resume": PREVIOUS},
    Life.CLOSED: {},
}


def test_a_verb_leads_to_the_state_in_the_table() -> None:
    assert next_state(TABLE, Life.REPORTED, "file") is Life.FILED


def test_a_state_read_from_the_database_is_a_plain_string_and_works_alike() -> None:
    plain = cast("Life", "filed")

    assert next_state(TABLE, plain, "close") is Life.CLOSED
    with pytest.raises(NotPossible, match="已立案"):
        next_state(TABLE, plain, "resume")


@pytest.mark.parametrize("before", [Life.REPORTED, Life.FILED])
def test_resume_goes_back_to_where_it_was(before: Life) -> None:
    assert next_state(TABLE, Life.SUSPENDED, "resume", previous=before) is before


def test_resume_without_a_known_state_before_is_refused() -> None:
    with pytest.raises(NotPossible):
        next_state(TABLE, Life.SUSPENDED, "resume")


def test_refusal_names_verb_state_and_what_is_possible_in_the_words_given() -> None:
    with pytest.raises(NotPossible) as refusal:
        next_state(TABLE, Life.FILED, "resume", labels={"resume": "恢复", "close": "结案"})

    assert str(refusal.value) == "“已立案”状态下不能“恢复”。现在可以：suspend、结案。"
    assert refusal.value.verb == "resume"
    assert refusal.value.state == "filed"
    assert refusal.value.possible == ("suspend", "close")


def test_refusal_at_the_end_says_there_is_no_next_step() -> None:
    with pytest.raises(NotPossible, match="没有下一步"):
        next_state(TABLE, Life.CLOSED, "file")


def test_verbs_come_once_each_in_order_of_life() -> None:
    assert verbs(TABLE) == ["file", "suspend", "close", "resume"]


def test_a_sound_table_has_no_faults() -> None:
    assert check(TABLE, start=Life.REPORTED, final=frozenset({Life.CLOSED})) == []


def test_check_finds_what_is_never_reached() -> None:
    table: Table[Life] = {**TABLE, Life.FILED: {"suspend": Life.SUSPENDED}}

    assert "closed is never reached from reported" in check(
        table, start=Life.REPORTED, final=frozenset({Life.CLOSED})
    )


def test_check_finds_a_dead_end_and_a_circle_nobody_leaves() -> None:
    dead: Table[Life] = {**TABLE, Life.SUSPENDED: {}}
    circle: Table[Life] = {
        Life.REPORTED: {"file": Life.FILED, "close": Life.CLOSED},
        Life.FILED: {"suspend": Life.SUSPENDED},
        Life.SUSPENDED: {"resume": Life.FILED},
        Life.CLOSED: {},
    }
    final = frozenset({Life.CLOSED})

    assert check(dead, start=Life.REPORTED, final=final) == ["suspended is a dead end"]
    assert check(circle, start=Life.REPORTED, final=final) == [
        "filed is a dead end",
        "suspended is a dead end",
    ]


def test_check_finds_a_target_without_a_row() -> None:
    table: Table[Life] = {state: row for state, row in TABLE.items() if state is not Life.CLOSED}

    assert "closed is a target without a row" in check(
        table, start=Life.REPORTED, final=frozenset({Life.CLOSED})
    )


@given(st.sampled_from(list(Life)), st.text(max_size=8))
def test_whatever_is_asked_either_leads_to_a_state_of_the_table_or_is_refused(state: Life, verb: str) -> None:
    try:
        target = next_state(TABLE, state, verb, previous=Life.FILED)
    except NotPossible as refusal:
        assert verb not in refusal.possible
        assert set(refusal.possible) <= set(TABLE[state])
    else:
        assert target in TABLE
        assert verb in TABLE[state]
