"""Names as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.city.places.names import NameIndex, is_one_slip, plain

NAMES = ["安定门内大街", "安定门", "史家胡同", "史家胡同小学", "东四十条", "王府井大街", "景山公园"]
INDEX = NameIndex(NAMES)


def best(typed: str) -> str:
    found = INDEX.search(typed, enough=5)
    return NAMES[max(found, key=lambda match: match.score).position] if found else ""


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("安定门", "安定门"),
        ("安定门内", "安定门内大街"),
        ("安 定 门 内 大 街", "安定门内大街"),
        ("安定門內大街", "安定门内大街"),
        ("「史家胡同」。", "史家胡同"),
        ("胡同小学", "史家胡同小学"),
        ("史加胡同", "史家胡同"),  # a wrong character
        ("王井大街", "王府井大街"),  # one missing
        ("王府府井大街", "王府井大街"),  # one too many
        ("府王井大街", "王府井大街"),  # two swapped
        ("安定们内", "安定门内大街"),  # a slip while still typing
        ("不存在的地方", ""),
        ("", ""),
        ("。，", ""),
    ],
)
def test_the_name_meant_comes_first(typed: str, name: str) -> None:
    assert best(typed) == name


def test_the_name_itself_beats_its_beginning_beats_its_middle_beats_a_slip() -> None:
    index = NameIndex(["天坛", "天坛公园", "北天坛", "天坊"])
    scores = {match.position: match.score for match in index.search("天坛", enough=9)}
    assert scores[0] > scores[1] > scores[2]
    assert 3 not in scores, "a slip in a name of two characters could be anything"


@given(st.text(max_size=30))
def test_text_made_plain_stays_so(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text("甲乙丙丁", min_size=1, max_size=8), st.integers(0, 8), st.sampled_from("甲乙丙丁戊"))
def test_one_slip_is_found_in_both_directions(name: str, place: int, other: str) -> None:
    place = min(place, len(name) - 1)
    wrong = name[:place] + other + name[place + 1 :]
    more = name[:place] + other + name[place:]
    fewer = name[:place] + name[place + 1 :]
    for typed in (wrong, more, fewer):
        assert is_one_slip(typed, name)
        assert is_one_slip(name, typed)


@given(st.text("甲乙丙", max_size=6), st.text("甲乙丙", max_size=6))
def test_one_slip_means_one_step(typed: str, name: str) -> None:
    one_step = {name}
    for i in range(len(name) + 1):
        one_step |= {name[:i] + c + name[i:] for c in "甲乙丙"}
        one_step |= {name[:i] + c + name[i + 1 :] for c in "甲乙丙" if i < len(name)}
        one_step |= {name[:i] + name[i + 1 :]}
        one_step |= {name[:i] + name[i + 1 : i + 2] + name[i : i + 1] + name[i + 2 :]}

    assert is_one_slip(typed, name) == (typed in one_step)


def test_the_longest_name_at_each_place_of_a_text_counts() -> None:
    found = list(INDEX.in_text("我在安定门内大街附近，史家胡同 小学门口；过了东四十条。"))
    assert [name for name, _ in found] == ["安定门内大街", "史家胡同小学", "东四十条"]


def test_a_text_full_of_beginnings_is_read_in_no_time() -> None:
    assert list(NameIndex(["安" * 30]).in_text("安" * 29 + "定" * 20_000)) == []
