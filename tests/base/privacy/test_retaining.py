"""Each class of personal data ends by its rule, in slices, and leaves a tombstone that says no more."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, transaction
from django.utils import timezone

from siquan.base.accounts.models import ApiToken
from siquan.base.accounts.services import make_token, revoke_token
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput
from siquan.base.notices import services as notices
from siquan.base.notices.models import Delivery, Notice
from siquan.base.privacy import queries, registry, services
from siquan.base.privacy.jobs import forget_what_is_over
from siquan.base.privacy.models import RetentionRule, Tombstone, Why
from siquan.base.privacy.services import retaining
from siquan.city.duties.models import Role
from siquan.work.cases import services as cases
from siquan.work.cases.models import Comment, CommentKind, Reporter, Submission
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db
LATER = make.NOW + timedelta(days=181)


def closed(**fields: Any) -> Any:
    return make.case(
        State.CLOSED, **{"text": "打13812345678", "name": "王小明", "phone": "13812345678", **fields}
    )


def test_who_reported_is_forgotten_when_the_days_are_over_and_the_case_stays() -> None:
    case = closed()
    cases.say_as_reporter(case.pk, at=make.NOW, kind=CommentKind.COMMENT, text="或13912345678")

    assert services.retain(at=make.NOW + timedelta(days=179)).get("contact") == 0
    assert services.retain(at=LATER)["contact"] == 1

    reporter = Reporter.objects.get(case=case)
    assert (reporter.name, reporter.phone, reporter.phone_print, reporter.words) == ("", "", "", "")
    assert reporter.forgotten_at
    assert Comment.objects.get().original == ""
    case.refresh_from_db()
    assert (case.state, case.text) == (State.CLOSED, "打138****5678")
    stone = Tombstone.objects.get(kind="contact")
    assert (stone.about_type, stone.about_id, stone.why) == ("case", case.pk, Why.RETENTION)
    assert stone.rule.startswith("180 days, assumed")
    entry = Entry.objects.get(event="privacy.forgotten", details__kind="contact")
    assert entry.details == {"kind": "contact", "count": 1, "days": 180}


def test_a_second_run_finds_nothing_more() -> None:
    closed()
    services.retain(at=LATER)

    assert set(services.retain(at=LATER).values()) == {0}
    assert Tombstone.objects.filter(kind="contact").count() == 1


@pytest.mark.parametrize("state", [State.IN_HAND, State.REPORTED])
def test_an_open_case_keeps_its_reporter(state: State) -> None:
    make.case(state, phone="13812345678")

    assert services.retain(at=make.NOW + timedelta(days=2000))["contact"] == 0


def test_a_case_in_which_something_happened_since_keeps_its_reporter_but_being_looked_at_is_nothing() -> None:
    spoken, seen = closed(), closed()
    lately = make.NOW + timedelta(days=100)
    cases.say_as_reporter(spoken.pk, at=lately, kind=CommentKind.COMMENT, text="还在漏")
    cases.unmask(seen.pk, by=make.dispatcher(), at=lately, reason="核实")

    assert services.retain(at=LATER)["contact"] == 1
    assert Reporter.objects.get(case=spoken).phone


def test_a_case_without_personal_data_gets_no_tombstone() -> None:
    make.case(State.CLOSED)

    assert services.retain(at=LATER)["contact"] == 0


def test_it_goes_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    for _each in range(3):
        closed()
    monkeypatch.setattr(retaining, "AT_ONCE", 2)

    assert services.retain(at=LATER, most_slices=1)["contact"] == 2
    assert services.retain(at=LATER, most_slices=1)["contact"] == 1
    assert Entry.objects.filter(event="privacy.forgotten", details__kind="contact").count() == 2


def test_notices_tokens_and_keys_end_too() -> None:
    person = make.staff(Role.DISPATCHER)
    notices.notify([person], kind="x", key="x", title="通知", at=make.NOW)
    make_token(person, "old", make.NOW)
    revoke_token(ApiToken.objects.get().pk, by=person, at=make.NOW)
    make.case()

    gone = services.retain(at=make.NOW + timedelta(days=400))

    assert (gone["notices"], gone["tokens"], gone["submissions"]) == (1, 1, 1)
    assert not Notice.objects.exists()
    assert not ApiToken.objects.exists()
    assert not Submission.objects.exists()
    assert Tombstone.objects.get(kind="notices").count == 1


def test_a_valid_token_and_a_fresh_notice_stay() -> None:
    person = make.staff(Role.DISPATCHER)
    make_token(person, "own", make.NOW)
    notices.notify([person], kind="x", key="x", title="通知", at=make.NOW)

    services.retain(at=make.NOW + timedelta(days=300))

    assert ApiToken.objects.exists()
    assert Notice.objects.exists()


def test_the_centre_may_set_the_days_with_a_source_and_the_newest_counts() -> None:
    admin = make.staff(Role.ADMIN)
    closed()
    services.set_days(kind="contact", days=60, source="区数据〔2026〕3号", by=admin, at=make.NOW)
    services.set_days(kind="contact", days=90, source="区数据〔2026〕4号", by=admin, at=make.NOW)

    assert queries.data_class("contact").days == 90
    assert services.retain(at=make.NOW + timedelta(days=89))["contact"] == 0
    assert services.retain(at=make.NOW + timedelta(days=91))["contact"] == 1
    assert Tombstone.objects.get(kind="contact").rule == "90 days, 区数据〔2026〕4号"
    assert RetentionRule.objects.count() == 2
    details = Entry.objects.filter(event="privacy.retention_set").order_by("id").last()
    assert details is not None
    assert (details.details["was"], details.details["days"]) == (60, 90)


@pytest.mark.parametrize(("days", "source"), [(29, "x"), (40_000, "x"), (90, " ")])
def test_too_few_days_or_no_source_are_refused(days: int, source: str) -> None:
    with pytest.raises(BadInput):
        services.set_days(kind="contact", days=days, source=source, by=make.user(), at=make.NOW)


def test_every_class_has_a_keeper_and_a_source() -> None:
    assert {each.kind for each in queries.data_classes()} == {each.kind for each in registry.keepers()}
    assert all(each.source and each.name and each.name_en for each in queries.data_classes())


def test_a_tombstone_can_not_be_taken_away() -> None:
    closed()
    services.retain(at=LATER)

    with pytest.raises(ProgrammingError, match="pgtrigger"), transaction.atomic():
        Tombstone.objects.all().delete()


def test_the_command_counts_and_removes() -> None:
    closed(at=timezone.now() - timedelta(days=200))
    counted, removed = StringIO(), StringIO()

    call_command("privacy_retention", "--dry-run", stdout=counted)
    assert Reporter.objects.get().phone
    call_command("privacy_retention", stdout=removed)

    assert "contact            180 days        1 to remove" in counted.getvalue()
    assert "contact            180 days        1 removed" in removed.getvalue()
    assert not Reporter.objects.get().phone


def test_the_worker_does_it_by_the_clock() -> None:
    closed(at=timezone.now() - timedelta(days=200))

    assert forget_what_is_over()["contact"] == 1


def test_a_message_on_its_way_forgets_its_address() -> None:
    case = closed()
    notices.notify(
        [notices.Address("sms", "13812345678")], kind="x", key="x", title="请看", about=case, at=make.NOW
    )
    services.retain(at=LATER)

    assert Delivery.objects.get().address == ""
