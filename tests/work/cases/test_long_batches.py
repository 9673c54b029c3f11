"""A dispatch longer than one waits for goes out in the background, each case once."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput
from siquan.base.notices.models import Notice
from siquan.work.cases import jobs, services
from siquan.work.cases.batches import BatchRefusal, DispatchBatch
from siquan.work.cases.models import Case
from siquan.work.cases.services import long_batches
from siquan.work.cases.states import State
from siquan.work.cases.views import batch as views
from tests import make
from tests.counting import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispatcher() -> User:
    return make.dispatcher()


@pytest.fixture
def centre(client: Client, dispatcher: User) -> Client:
    client.force_login(dispatcher)
    return client


def filed(count: int) -> list[Case]:
    return [make.case(State.FILED, at=timezone.now()) for _ in range(count)]


def finish() -> None:
    """Let the worker do what is left."""
    for _ in range(20):
        jobs.go_on_dispatching()


def test_every_case_of_a_long_list_is_dispatched_once_and_the_person_is_told(
    centre: Client, dispatcher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    monkeypatch.setattr(long_batches, "SLICE", 2)
    cases = filed(5)

    preview = centre.post("/cases/batch/", {"all": "1", "filters": "state=filed"}).content.decode()
    assert "在后台派遣全部5件" in preview
    assert 'name="all" value="1"' in preview
    answer = centre.post("/cases/batch/dispatch/", {"all": "1", "filters": "state=filed", "key": "one"})
    assert "正在后台派遣" in centre.get(answer["Location"]).content.decode()
    finish()

    assert set(Case.objects.values_list("state", flat=True)) == {State.DISPATCHED}
    assert Entry.objects.filter(event="case.dispatched").count() == len(cases)
    assert "已派遣5件" in centre.get(answer["Location"]).content.decode()
    notice = Notice.objects.get(kind="cases_batch.done", to_user=dispatcher)
    assert (notice.words_title, notice.url) == ("批量派遣完成：已派遣5件", answer["Location"])


def test_what_cannot_be_dispatched_is_listed_with_its_reason(centre: Client, dispatcher: User) -> None:
    ready, other = filed(2)
    services.ACTS["dispatch"](other.pk, by=dispatcher, at=timezone.now(), unit=make.unit("HW").code)

    batch = services.start_batch([ready.pk, other.pk], by=dispatcher, at=timezone.now(), key="k")
    finish()

    shown = centre.get(f"/cases/batch/{batch.pk}/").content.decode()
    assert "已派遣1件" in shown
    assert other.number in shown
    assert "待接收" in BatchRefusal.objects.get(batch=batch).reason


def test_the_same_key_makes_one_batch(dispatcher: User) -> None:
    case = filed(1)[0]

    first = services.start_batch([case.pk, case.pk], by=dispatcher, at=timezone.now(), key="k")
    second = services.start_batch([case.pk], by=dispatcher, at=timezone.now(), key="k")

    assert (second.pk, first.total) == (first.pk, 1)


def test_somebody_who_lost_the_duty_meanwhile_dispatches_nothing_more(dispatcher: User) -> None:
    case = filed(1)[0]
    batch = services.start_batch([case.pk], by=dispatcher, at=timezone.now(), key="k")
    dispatcher.duties.all().delete()
    finish()

    batch.refresh_from_db()
    assert (batch.done, batch.refused) == (1, 1)
    assert Case.objects.get(pk=case.pk).state == State.FILED


def test_only_the_centre_starts_one_and_only_its_owner_sees_it(centre: Client, client: Client) -> None:
    case = filed(1)[0]
    with pytest.raises(PermissionDenied):
        services.start_batch([case.pk], by=make.clerk(make.unit("HW")), at=timezone.now(), key="k")

    batch = services.start_batch([case.pk], by=make.dispatcher(), at=timezone.now(), key="k")
    assert centre.get(f"/cases/batch/{batch.pk}/").status_code == 404


def test_a_list_beyond_all_measure_is_refused(dispatcher: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_batches, "MOST", 1)

    with pytest.raises(BadInput):
        services.start_batch([1, 2], by=dispatcher, at=timezone.now(), key="k")


def test_the_result_of_three_refusals_costs_what_one_costs(centre: Client, dispatcher: User) -> None:
    def page_of(count: int) -> int:
        ids = [make.case(State.REPORTED, at=timezone.now()).pk for _ in range(count)]
        batch = services.start_batch(ids, by=dispatcher, at=timezone.now(), key=str(count))
        finish()
        return statements(centre, f"/cases/batch/{batch.pk}/")

    assert page_of(3) == page_of(1)
    assert DispatchBatch.objects.filter(finished_at=None).count() == 0
