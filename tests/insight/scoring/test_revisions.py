"""A decision on an appeal is turned round: by somebody else, on a recorded ground, nothing forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.accounts.services import make_token
from siquan.base.journal import worker
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.notices.models import Notice
from siquan.insight.scoring import queries, services
from siquan.insight.scoring.models import Appeal, AppealDecision, Rate
from siquan.insight.scoring.states import AppealState
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.insight.scoring import packs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SAID = {"reason": "outside-duty", "text": "该处为铁路用地，不属本区管理。"}
TURNED = {"ground": "new-evidence", "answer": "铁路部门来函说明不属其用地"}


@pytest.fixture(autouse=True)
def formula() -> None:
    """The formula in force."""
    packs.load()


def decided(
    verb: str = "grant", *, by: User | None = None, case: Case | None = None, at: datetime | None = None
) -> Appeal:
    """Return an appeal that a lead has decided."""
    case = case or make.case(State.CLOSED)
    made = services.appeal(case.pk, by=make.clerk(make.unit("HW")), at=make.NOW + DAY, **SAID)
    when = at or make.NOW + 2 * DAY
    return services.ACTS[verb](made.pk, by=by or make.lead(), at=when, answer="先这样定")


def revise(
    appeal: Appeal, *, by: User | None = None, at: datetime = make.NOW + 3 * DAY, **said: Any
) -> Appeal:
    return services.revise_appeal(appeal.pk, by=by or make.lead(), at=at, **TURNED | said)


@pytest.mark.parametrize(("verb", "after"), [("grant", AppealState.REFUSED), ("refuse", AppealState.GRANTED)])
def test_a_decision_is_turned_round_and_both_stay_to_be_read(verb, after):
    first, second = make.lead(), make.lead()
    appeal = revise(decided(verb, by=first), by=second)
    worker.drain()

    kept = list(appeal.decisions.order_by("id").values_list("state", "by", "ground", "answer"))
    assert appeal.state == after
    assert kept[0][1:] == (first.pk, "", "先这样定")
    assert kept[1] == (after, second.pk, "new-evidence", TURNED["answer"])
    entry = Entry.objects.get(event="appeal.revised")
    assert entry.details["ground"] == "new-evidence"
    assert TURNED["answer"] not in str(entry.details)
    assert Notice.objects.filter(kind="appeal.revised", to_user=appeal.asked_by).count() == 1


def test_whoever_decided_before_does_not_revise_nor_does_a_third_time_the_second():
    first, second, third = make.lead(), make.lead(), make.lead()
    appeal = decided(by=first)

    with pytest.raises(PermissionDenied, match="没有决定过"):
        revise(appeal, by=first)
    revise(appeal, by=second)
    for who in (first, second):
        with pytest.raises(PermissionDenied, match="没有决定过"):
            revise(appeal, by=who)
    assert revise(appeal, by=third).state == AppealState.GRANTED


def test_neither_the_unit_nor_the_dispatcher_revises():
    appeal = decided()

    for who in (make.clerk(make.unit("HW")), make.dispatcher()):
        with pytest.raises(PermissionDenied):
            revise(appeal, by=who)


def test_a_ground_must_be_recorded_in_the_formula_pack_and_words_are_needed():
    appeal = decided()

    with pytest.raises(BadInput) as refused:
        revise(appeal, ground="feeling")
    assert refused.value.field == "ground"
    with pytest.raises(BadInput) as silent:
        revise(appeal, answer="  ")
    assert silent.value.field == "answer"
    assert AppealDecision.objects.count() == 1


def test_a_decision_stands_when_its_days_are_over():
    appeal = decided()

    with pytest.raises(NotPossible, match="60天"):
        revise(appeal, at=make.NOW + 63 * DAY)
    assert revise(appeal, at=make.NOW + 62 * DAY).state == AppealState.REFUSED


def test_a_pack_without_grounds_offers_no_revision():
    text = packs.PLAIN[: packs.PLAIN.index("  revision:")] + "public: streets\n"
    packs.load(text.replace('version: "1"', 'version: "2"').replace("2020-01-01", "2020-01-02"))
    appeal = decided()
    appeal.refresh_from_db()

    assert queries.formula_of(appeal.pack).grounds == {}
    assert queries.possible_verbs(make.lead(), appeal) == []
    with pytest.raises(BadInput):
        revise(appeal)


def test_what_waits_or_was_withdrawn_cannot_be_revised():
    case = make.case(State.CLOSED)
    clerk = make.clerk(make.unit("HW"))
    appeal = services.appeal(case.pk, by=clerk, at=make.NOW + DAY, **SAID)

    with pytest.raises(NotPossible):
        revise(appeal)
    services.withdraw_appeal(appeal.pk, by=clerk, at=make.NOW + DAY)
    with pytest.raises(NotPossible):
        revise(appeal)


def test_a_refusal_is_not_turned_round_past_a_newer_appeal_about_the_same():
    case = make.case(State.CLOSED)
    appeal = decided("refuse", case=case)
    services.appeal(case.pk, by=make.clerk(make.unit("HW")), at=make.NOW + 2 * DAY, **SAID)

    with pytest.raises(NotPossible, match="后来又申诉过"):
        revise(appeal)


def test_the_rates_of_each_day_count_by_the_decision_of_that_day():
    make.case(State.CLOSED)
    appeal = decided("grant")
    revise(appeal)

    def counted(days: int) -> int:
        reckoning = services.reckon("2026-09", at=make.NOW + 9 * DAY, known_at=make.NOW + days * DAY)
        return Rate.objects.get(reckoning=reckoning, scope="district", rate="response").denominator

    assert [counted(1), counted(2), counted(3)] == [2, 1, 2]


def test_the_worker_reckons_again_after_a_revision():
    make.case(State.CLOSED)
    appeal = decided("refuse")
    services.reckon("2026-09", at=make.NOW + 2 * DAY)
    revise(appeal)
    worker.drain()

    newest = queries.newest(["2026-09"])["2026-09"]
    assert Rate.objects.get(reckoning=newest, scope="district", rate="response").left_out_by_appeal == 1


def test_no_decision_can_be_changed_or_removed():
    decision = decided().decisions.get()

    with pytest.raises(DatabaseError), transaction.atomic():
        AppealDecision.objects.filter(pk=decision.pk).update(answer="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        decision.delete()


def test_another_lead_revises_on_the_page_and_reads_both_decisions(client: Client):
    appeal = decided("refuse", at=timezone.now())
    client.force_login(make.lead())
    address = reverse("rates:act", args=[appeal.pk, "revise"])
    asked = client.get(address).content.decode()
    wrong = client.post(address, {"ground": "feeling", "answer": "不行"})

    done = client.post(address, TURNED, follow=True).content.decode()

    assert "新证据" in asked
    assert wrong.status_code == 422
    assert "先这样定" in done
    assert TURNED["answer"] in done
    assert "新证据" in done


def test_a_program_revises_and_reads_the_decisions():
    appeal, client = decided(at=timezone.now()), Client()
    token = {"authorization": f"Bearer {make_token(make.lead(), label='x', at=make.NOW)}"}

    answer = client.post(
        f"/api/v1/rates/appeals/{appeal.pk}/revise", TURNED, "application/json", headers=token
    )

    assert answer.status_code == 200, answer.content
    read = client.get(f"/api/v1/rates/appeals/{appeal.pk}", headers=token).json()
    assert [(each["state"], each["ground"]) for each in read["decisions"]] == [
        ("granted", ""),
        ("refused", "new-evidence"),
    ]
