"""Refusals carry a stable code and words."""

import pickle

import pytest

from siquan.base.kernel import errors


def kinds() -> list[type[errors.SiquanError]]:
    """Every kind of refusal defined in the module."""
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SiquanError)
    ]


def test_every_kind_has_its_own_kebab_case_code() -> None:
    codes = [kind.code for kind in kinds()]

    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and code.replace("-", "").isalpha() for code in codes)


@pytest.mark.parametrize("kind", kinds())
def test_given_words_are_shown_and_survive_a_trip_through_pickle(kind: type[errors.SiquanError]) -> None:
    error = kind("请先立案。")

    assert str(error) == "请先立案。"
    assert str(pickle.loads(pickle.dumps(error))) == "请先立案。"


def test_bad_input_names_the_field() -> None:
    assert errors.BadInput("太长", field="text").field == "text"
    assert isinstance(errors.UnknownDatum(), errors.BadInput)


def test_not_possible_says_what_is() -> None:
    error = errors.NotPossible("现在不能结案。", verb="close", state="filed", possible=["dispatch"])

    assert (error.verb, error.state, error.possible) == ("close", "filed", ("dispatch",))
