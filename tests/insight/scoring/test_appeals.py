"""Appeals: asked by the unit, decided by somebody else, and the figure says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.files.models import StoredFile
from siquan.base.journal import worker
from siquan.base.journal.models import Entry
from siquan.base.kernel import workflow
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.kernel.periods import parse_period
from siquan.base.notices.models import Notice
from siquan.insight.scoring import forms, queries, services
from siquan.insight.scoring.models import Appeal, Rate
from siquan.insight.scoring.permissions import RULES
from siquan.insight.scoring.states import EVENTS, FINAL, TRANSITIONS, VERBS, AppealState
from siquan.work.cases import services as cases
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.counting import statements
from tests.insight.scoring import packs

pytestmark = pytest.mark.django_db
LATER = make.NOW + timedelta(days=1)
SAID = {"reason": "outside-duty", "text": "该处为铁路用地，不属本区管理。"}


@pytest.fixture(autouse=True)
def formula() -> None:
    """The formula in force."""
    packs.load()


def asked(*, case: Case | None = None, by: User | None = None, **said: Any) -> Appeal:
    """Return an appeal of the unit that closed a case."""
    case = case or make.case(State.CLOSED)
    return services.appeal(case.pk, by=by or make.clerk(make.unit("HW")), at=LATER, **SAID | said)


def test_every_verb_has_a_rule_a_service_a_form_words_and_an_event() -> None:
    verbs = set(workflow.verbs(TRANSITIONS))

    assert verbs == set(RULES) == set(services.ACTS) == set(forms.FORMS) == set(VERBS) == set(EVENTS)
    assert workflow.check(TRANSITIONS, start=AppealState.ASKED, final=FINAL) == []


def test_appeal_keeps_reason_words_and_photos_and_tells_who_decides() -> None:
    lead = make.lead()
    appeal = asked(photos=[make.photo()], rate="resolution")
    worker.drain()

    assert (appeal.state, appeal.rate, appeal.unit.code) == (AppealState.ASKED, "resolution", "HW")
    assert appeal.photos.count() == 1
    assert Notice.objects.filter(to_user=lead, kind="appeal.asked").count() == 1
    assert Entry.objects.filter(event="appeal.asked").get().details["reason"] == "outside-duty"


def test_a_granted_appeal_changes_the_figures_and_the_figures_say_so() -> None:
    make.case(State.CLOSED)
    clerk = make.clerk(make.unit("HW"))
    appeal = asked(by=clerk)
    before = services.reckon("2026-09", at=LATER)
    assert Rate.objects.get(reckoning=before, scope="district", rate="response").numerator == 2

    services.grant_appeal(appeal.pk, by=make.lead(), at=LATER + timedelta(hours=1), answer="属实")
    worker.drain()

    board = queries.board(parse_period("2026-09"))
    assert board is not None
    figure = board.district["response"]
    assert (figure.numerator, figure.denominator) == (1, 1)
    assert (figure.left_out, figure.left_out_by_appeal) == (1, 1)
    assert board.reckoning.why == "appeal"
    unit = next(row for row in board.units if row.code == "HW")
    assert unit.figures["resolution"].left_out_by_appeal == 1
    assert Notice.objects.filter(to_user=clerk, kind="appeal.granted").count() == 1
    then = services.reckon("2026-09", at=LATER + timedelta(days=9), known_at=before.known_at)
    assert Rate.objects.get(reckoning=then, scope="district", rate="response").numerator == 2


def test_an_appeal_for_one_rate_leaves_the_others_alone() -> None:
    appeal = asked(rate="response")
    services.grant_appeal(appeal.pk, by=make.lead(), at=LATER, answer="属实")
    made = services.reckon("2026-09", at=LATER + timedelta(hours=1))

    rows = Rate.objects.filter(reckoning=made, scope="district")
    found = {row.rate: (row.cases, row.left_out) for row in rows}
    assert found == {"response": (0, 1), "resolution": (1, 0), "satisfaction": (0, 0)}


@pytest.mark.parametrize("verb", ["refuse", "withdraw"])
def test_refused_and_withdrawn_cases_count(verb: str) -> None:
    clerk = make.clerk(make.unit("HW"))
    appeal = asked(by=clerk)
    by = clerk if verb == "withdraw" else make.lead()

    services.ACTS[verb](appeal.pk, by=by, at=LATER, answer="证据不足")
    worker.drain()

    made = services.reckon("2026-09", at=LATER + timedelta(hours=1))
    assert Rate.objects.get(reckoning=made, scope="district", rate="response").left_out == 0
    again = services.appeal(appeal.case_id, by=clerk, at=LATER, **SAID)
    assert again.state == AppealState.ASKED


@pytest.mark.parametrize("verb", ["grant", "refuse"])
def test_who_is_concerned_never_decides(verb: str) -> None:
    case = make.case(State.CLOSED)
    appeal = asked(case=case)
    both = make.lead()
    make.duty(both, "unit_clerk", unit=make.unit("HW"))
    handled = make.lead()
    Case.objects.filter(pk=case.pk).update(handler_ids=[handled.pk])

    for who in (both, handled, appeal.asked_by, make.dispatcher(), make.clerk(make.unit("OTHER"))):
        with pytest.raises(PermissionDenied, match="不能决定"):
            services.ACTS[verb](appeal.pk, by=User.objects.get(pk=who.pk), at=LATER, answer="同意")


def test_only_the_unit_takes_its_appeal_back() -> None:
    appeal = asked()
    for who in (make.lead(), make.clerk(make.unit("OTHER"))):
        with pytest.raises(PermissionDenied, match="撤回"):
            services.withdraw_appeal(appeal.pk, by=who, at=LATER)


@pytest.mark.parametrize("verb", sorted({*VERBS} - {"revise"}))  # test_revisions.py
def test_what_is_decided_is_not_decided_again(verb: str) -> None:
    clerk = make.clerk(make.unit("HW"))
    appeal = asked(by=clerk)
    services.refuse_appeal(appeal.pk, by=make.lead(), at=LATER, answer="证据不足")

    with pytest.raises(NotPossible):
        services.ACTS[verb](
            appeal.pk, by=clerk if verb == "withdraw" else make.lead(), at=LATER, answer="还是同意"
        )


def test_a_decision_gives_its_reason() -> None:
    with pytest.raises(BadInput, match="为什么"):
        services.grant_appeal(asked().pk, by=make.lead(), at=LATER, answer=" ")


def test_only_clerks_of_the_unit_that_closed_the_case_appeal() -> None:
    case = make.case(State.CLOSED)
    for who in (make.clerk(make.unit("OTHER")), make.lead(), make.dispatcher()):
        with pytest.raises(PermissionDenied, match="申诉"):
            asked(case=case, by=who)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"reason": "sleet"}, "公式包"),
        ({"reason": "because"}, "公式包"),
        ({"rate": "coverage"}, "没有这一率"),
        ({"text": " "}, "事实依据"),
    ],
)
def test_an_appeal_needs_a_reason_of_the_pack_and_facts(said: dict[str, str], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        asked(**said)


def test_an_open_case_a_late_appeal_and_a_second_one_are_refused() -> None:
    clerk = make.clerk(make.unit("HW"))
    with pytest.raises(NotPossible, match="没有结案"):
        asked(case=make.case(State.HANDLED), by=clerk)
    case = make.case(State.CLOSED)
    with pytest.raises(NotPossible, match="30天"):
        services.appeal(case.pk, by=clerk, at=LATER + timedelta(days=31), **SAID)
    asked(case=case, rate="response")
    with pytest.raises(NotPossible, match="申诉过了"):
        asked(case=case)
    asked(case=case, rate="resolution")


def test_whoever_comes_too_late_is_told_before_writing_anything() -> None:
    case = make.case(State.CLOSED)
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=31))

    page = client_of(make.clerk(make.unit("HW"))).get(f"/rates/appeals/new/{case.number}/").content.decode()

    assert "结案已超过30天，不能再申诉" in page
    assert 'name="text"' not in page


def test_a_unit_appeals_against_a_closing_after_the_case_was_taken_up_again() -> None:
    from tests.work.callbacks import asking

    asking.plan()
    call_back = asking.call_back()
    cases.ACTS["reopen"](call_back.case_id, by=make.dispatcher(), at=LATER, reason="反映人说没有解决")

    appeal = asked(case=call_back.case)

    assert appeal.closed_at == call_back.anchor_at
    services.grant_appeal(appeal.pk, by=make.lead(), at=LATER, answer="属实")
    made = services.reckon("2026-09", at=LATER + timedelta(hours=1))
    assert Rate.objects.get(reckoning=made, scope="district", rate="response").left_out_by_appeal == 1


def client_of(person: User) -> Client:
    """Return a browser of somebody."""
    client = Client()
    client.force_login(person)
    return client


def test_the_pages_ask_decide_and_show() -> None:
    clerk, lead = make.clerk(make.unit("HW")), make.lead()
    case = make.case(State.CLOSED, at=make.NOW)
    unit, centre = client_of(clerk), client_of(lead)
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now())

    assert unit.get(f"/rates/appeals/?case={case.number}").url == f"/rates/appeals/new/{case.number}/"  # type: ignore[attr-defined]
    assert "这一件现在怎么计" in unit.get(f"/rates/appeals/new/{case.number}/").content.decode()
    assert unit.post(f"/rates/appeals/new/{case.number}/", {}).status_code == 422
    sent = unit.post(f"/rates/appeals/new/{case.number}/", SAID | {"photos": []})
    appeal = Appeal.objects.get()
    assert sent.url == f"/rates/appeals/{appeal.pk}/"  # type: ignore[attr-defined]
    assert "撤回申诉" in unit.get(f"/rates/appeals/{appeal.pk}/").content.decode()
    assert unit.post(f"/rates/appeals/{appeal.pk}/grant/", {"answer": "同意"}).status_code == 403
    assert centre.post(f"/rates/appeals/{appeal.pk}/grant/", {}).status_code == 422
    assert centre.post(f"/rates/appeals/{appeal.pk}/grant/", {"answer": "属实"}).status_code == 302
    assert centre.post(f"/rates/appeals/{appeal.pk}/refuse/", {"answer": "不"}).status_code == 409
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decided_by) == (AppealState.GRANTED, lead)


def test_others_see_neither_the_appeal_nor_its_photos() -> None:
    appeal = asked(photos=[make.photo()])
    file = StoredFile.objects.get(pk=appeal.photos.get().file_id)
    other, centre = client_of(make.clerk(make.unit("OTHER"))), client_of(make.dispatcher())

    assert [each.get(f"/rates/appeals/{appeal.pk}/").status_code for each in (other, centre)] == [404, 200]
    assert [each.get(f"/files/{file.key}").status_code for each in (other, centre)] == [404, 200]
    assert appeal.case.number not in other.get("/rates/appeals/").content.decode()


def test_the_list_of_appeals_costs_the_same_for_one_and_three() -> None:
    client = client_of(make.lead())
    asked()
    one = statements(client, "/rates/appeals/")
    asked(), asked()

    assert statements(client, "/rates/appeals/") == one
