"""Possible duplicates: found by place, time, category and words together, explained, and bounded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.journal.models import Entry
from siquan.base.kernel.checkdigits import case_number
from siquan.base.kernel.errors import NotFound, NotPossible
from siquan.work.cases import queries, services
from siquan.work.cases.joiners import Joiner
from siquan.work.cases.likeness.scoring import Likeness, cosine, grams, threshold
from siquan.work.cases.models import Case
from siquan.work.cases.queries.duplicates import Asked, possible_duplicates_of
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db
METRE = 1 / 111_195
WORDS = "垃圾桶满了两天没人收"


@pytest.fixture(autouse=True)
def district() -> None:
    make.rules()
    make.street()


def open_case(**fields: object) -> Case:
    case = make.case(State.FILED)
    Case.objects.filter(pk=case.pk).update(**{"text": WORDS, "reported_at": make.NOW, **fields})
    case.refresh_from_db()
    return case


def asked(case: Case, **changes: object) -> Asked:
    assert case.lon is not None
    assert case.lat is not None
    given = Asked(
        case.lon,
        case.lat + 15 * METRE,
        make.NOW + timedelta(hours=2),
        "桶里垃圾满了没有人收",
        case.category_id,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def test_the_same_matter_nearby_is_found_and_explained() -> None:
    case = open_case()

    (found,) = queries.possible_duplicates(asked(case))

    assert found.number == case.number
    assert "相距15米" in found.why
    assert "类别相同" in found.why
    assert "早2小时" in found.why


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": make.INSIDE[1] + 0.002},  # 220 m away
        {"at": make.NOW + timedelta(days=15)},
        {"at": make.NOW - timedelta(hours=1)},  # before it was reported
    ],
)
def test_another_place_or_time_is_not_the_same(changes: dict[str, object]) -> None:
    assert (
        queries.possible_duplicates(asked(open_case(lon=make.INSIDE[0], lat=make.INSIDE[1]), **changes)) == []
    )


def test_another_matter_at_the_same_place_is_not_the_same() -> None:
    other = make.category("E0199", level=3, parent=make.category("E02", level=2))
    case = open_case()
    assert queries.possible_duplicates(asked(case, category_id=other.pk, text="路灯不亮了")) == []


@pytest.mark.parametrize("state", [State.REJECTED, State.MERGED, State.VOID])
def test_what_is_over_is_no_duplicate(state: State) -> None:
    assert queries.possible_duplicates(asked(open_case(state=state))) == []
    assert queries.possible_duplicates(asked(open_case(closed_at=make.NOW + timedelta(hours=1)))) == []


def test_many_reports_are_compared_in_one_statement() -> None:
    case = open_case()
    queries.possible_duplicates(asked(case))
    with CaptureQueriesContext(connection) as one:
        queries.possible_duplicates(asked(case))
    with CaptureQueriesContext(connection) as many:
        found = possible_duplicates_of([asked(case)] * 30)
    assert len(one) == len(many)
    assert [len(each) for each in found] == [1] * 30


@given(st.floats(0, 100), st.floats(0, 300), st.sampled_from((-1, 0, 1, 2)), st.floats(0, 1))
def test_nearer_sooner_and_more_alike_is_never_less_likely(
    m: float, h: float, kin: int, words: float
) -> None:
    here = Likeness(m, h, kin, words).probability()
    assert 0 <= here <= 1
    assert Likeness(m / 2, h, kin, words).probability() >= here
    assert Likeness(m, h / 2, kin, words).probability() >= here
    assert Likeness(m, h, 2, words).probability() >= here
    assert Likeness(m, h, kin, 1.0).probability() >= here
    assert 0.3 <= threshold() < 1


def test_texts_are_compared_by_their_characters() -> None:
    assert cosine(grams(WORDS), grams(WORDS)) == pytest.approx(1)
    assert cosine(grams(WORDS), grams("路灯不亮")) < 0.2
    assert cosine(grams(""), grams(WORDS)) == 0


def test_joining_counts_once_and_makes_no_case() -> None:
    case = open_case()

    first = services.join_case(case.number, key="k1", at=make.NOW)
    again = services.join_case(case.number, key="k1", at=make.NOW)
    services.join_case(case.number, key="k2", at=make.NOW)

    assert first.pk == again.pk
    assert (queries.seen_by(case.number), Case.objects.count()) == (3, 1)
    assert Entry.objects.filter(event="case.joined").count() == 2
    assert queries.joined_by_token(first.token).case == case


def test_a_case_that_is_over_or_not_there_cannot_be_joined() -> None:
    with pytest.raises(NotPossible):
        services.join_case(open_case(state=State.CLOSED).number, key="k", at=make.NOW)
    with pytest.raises(NotFound):
        services.join_case(case_number(2026, 9_999_999), key="k", at=make.NOW)
    assert not Joiner.objects.exists()


def test_staff_see_the_possible_duplicate_and_merge(client: Client) -> None:
    case = open_case()
    new = make.case(at=make.NOW + timedelta(hours=3))
    Case.objects.filter(pk=new.pk).update(text="垃圾桶满了没人收", lon=case.lon, lat=case.lat)
    client.force_login(make.dispatcher())

    page = client.get(f"/cases/{new.number}/").content.decode()

    assert "可能重复" in page
    assert case.number in page
    client.post(f"/cases/{new.number}/merge/", {"into": case.number})
    new.refresh_from_db()
    assert (new.state, new.merged_into_id) == (State.MERGED, case.pk)


def test_who_may_not_merge_is_not_shown_duplicates() -> None:
    case = open_case()
    new = make.case(at=make.NOW + timedelta(hours=3))
    with pytest.raises(PermissionDenied):
        services.ACTS["merge"](new.pk, by=make.checker(make.street()), at=make.NOW, into=case.number)
