"""Rates from call-backs: what was said, when it was known, and for how many an answer speaks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siquan.insight.scoring import services
from siquan.insight.scoring.models import Rate, Reckoning, Tally
from siquan.work.callbacks import services as call_backs
from siquan.work.callbacks.models import CallBack, Draw
from siquan.work.cases import services as cases
from siquan.work.cases.models import CommentKind
from tests import make
from tests.insight.scoring import packs
from tests.work.callbacks import asking

pytestmark = pytest.mark.django_db
LATER = make.NOW + timedelta(days=10)


def rates(made: Reckoning) -> dict[str, tuple[int, int]]:
    """Return the district's rates as pairs of integers."""
    rows = Rate.objects.filter(reckoning=made, scope="district")
    return {row.rate: (row.numerator, row.denominator) for row in rows}


@pytest.fixture(autouse=True)
def formula() -> None:
    """The demo district's formula and a plan that asks everybody."""
    packs.load(packs.DEMO.read_text())
    asking.plan()


def test_the_demo_formula_counts_what_reporters_said() -> None:
    said = [
        (CommentKind.SOLVED, {"satisfied": 5, "contacted": True}),
        (CommentKind.SOLVED, {"satisfied": 3, "contacted": False}),
        (CommentKind.UNSOLVED, {"solved": "partly", "text": "还有一半", "satisfied": 4}),
    ]
    for kind, answer in said:
        call_backs.answer_by_link(asking.call_back().case_id, at=make.NOW, kind=kind, **answer)
    asking.call_back()  # never answers

    made = services.reckon("2026-09", at=LATER)

    assert rates(made) == {"response": (1, 2), "resolution": (2, 3), "satisfaction": (2, 3)}


def test_an_answer_counts_from_when_it_was_given_and_a_correction_replaces_it_from_then_on() -> None:
    case = asking.call_back().case_id
    first, second = make.NOW + timedelta(days=1), make.NOW + timedelta(days=2)
    call_backs.answer_by_link(case, at=first, kind=CommentKind.SOLVED, satisfied=5)
    call_backs.answer_by_link(case, at=second, kind=CommentKind.UNSOLVED, solved="no", text="又来了")

    known = [make.NOW + timedelta(hours=1), first + timedelta(hours=1), second + timedelta(hours=1)]
    found = [rates(services.reckon("2026-09", at=LATER, known_at=each))["resolution"] for each in known]

    assert found == [(0, 0), (1, 1), (0, 1)]


def test_what_was_said_of_a_closing_counts_after_the_case_is_taken_up_again() -> None:
    case = asking.call_back().case_id
    call_backs.answer_by_link(case, at=make.NOW, kind=CommentKind.UNSOLVED, solved="no", text="没有清")
    cases.ACTS["reopen"](case, by=make.dispatcher(), at=make.NOW + timedelta(hours=5), reason="没有解决")

    assert rates(services.reckon("2026-09", at=LATER))["resolution"] == (0, 1)


def test_in_a_sample_each_answer_weighs_as_many_cases_as_it_stands_for() -> None:
    plan = asking.plan(kind="sample", fraction=0.5, strata=["source"])
    found = [asking.closed() for _each in range(2)]
    draw = Draw.objects.create(
        plan=plan,
        first=make.LONG_AGO,
        last=make.LONG_AGO,
        seed="x",
        strata={"few": [6, 2], "all": [3, 3]},
        at=make.NOW,
    )
    for case, stratum, satisfied in zip(found, ("few", "all"), (5, 1), strict=True):
        call_back = CallBack.objects.create(
            case=case,
            plan=plan,
            draw=draw,
            stratum=stratum,
            reason="closed",
            anchor_at=case.closed_at,
            channel="link",
            unit=case.unit,
            street=case.street,
            source=case.source,
            planned_at=make.NOW,
            due_at=LATER,
        )
        assert call_back.is_of_sample
        kind = CommentKind.SOLVED
        call_backs.answer_by_link(case.pk, at=make.NOW, kind=kind, satisfied=satisfied)

    made = services.reckon("2026-09", at=LATER)
    row = Rate.objects.get(reckoning=made, scope="district", rate="satisfaction")

    assert (row.numerator, row.denominator) == (1, 2)
    assert (row.weighted_numerator, row.weighted_denominator) == (3000, 4000)
    assert set(Tally.objects.filter(reckoning=made).values_list("weight", flat=True)) == {1000, 3000}


def test_who_answers_unasked_speaks_for_nobody() -> None:
    case = asking.closed()
    CallBack.objects.all().delete()
    call_backs.answer_by_link(case.pk, at=make.NOW, kind=CommentKind.SOLVED, satisfied=5)
    assert CallBack.objects.get(case=case).plan_id is None

    assert rates(services.reckon("2026-09", at=LATER))["resolution"] == (0, 0)
