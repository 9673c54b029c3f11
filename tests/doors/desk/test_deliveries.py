"""What did not arrive: who sees it, why it failed, trying again and giving up."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.notices import queries, reasons, services
from siquan.base.notices.models import Channel, Delivery, DeliveryState
from siquan.base.notices.services import Address
from siquan.city.duties.models import Role
from tests import make
from tests.counting import statements

pytestmark = pytest.mark.django_db
PAGE = "/desk/deliveries/"


@pytest.fixture
def admin(client: Client) -> User:
    person = make.staff(Role.ADMIN)
    client.force_login(person)
    return person


def failed(to: User | Address | None = None, *, reason: str = "TimeoutError") -> Delivery:
    """Return a delivery that has failed for good."""
    person = to or make.user(shown="李经办", email="li@example.org")
    channels = (Channel.INBOX, Channel.EMAIL)
    key = str(Delivery.objects.count())
    services.notify([person], kind="test", key=key, title="通知甲", at=timezone.now(), channels=channels)
    delivery = Delivery.objects.latest("id")
    delivery.state, delivery.attempts, delivery.last_error = DeliveryState.FAILED, 8, reason
    delivery.address = ""
    delivery.save()
    return delivery


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_administrator_sees_what_failed_with_reason_and_attempts(admin: User, client: Client) -> None:
    failed()

    shown = words(client.get(PAGE))

    assert "通知甲" in shown
    assert "李经办" in shown
    assert "对方没有按时回答" in shown
    assert '<td class="is-number">8</td>' in shown
    assert "li@example.org" not in shown
    assert queries.undelivered_count() == 1
    assert PAGE in words(client.get("/duties/"))


def test_trying_again_sends_it_and_is_journalled(admin: User, client: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    delivery = failed()

    answer = client.post(f"{PAGE}{delivery.pk}/retry/")
    assert answer["Location"] == PAGE
    assert services.deliver_next(timezone.now())

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENT, 1)
    assert Entry.objects.get(event="notice.tried_again").by == admin
    assert "全部送达了" in words(client.get(PAGE))


def test_giving_up_takes_it_off_the_list(admin: User, client: Client) -> None:
    delivery = failed()

    client.post(f"{PAGE}{delivery.pk}/stop/")

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.STOPPED
    assert Entry.objects.get(event="notice.stopped").by == admin
    assert not services.deliver_next(timezone.now())
    assert "通知甲" not in words(client.get(PAGE))


def test_what_waits_for_its_next_attempt_is_listed_and_can_be_stopped(admin: User, client: Client) -> None:
    delivery = failed()
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.QUEUED, attempts=2)

    assert "等待再试" in words(client.get(PAGE))
    assert queries.undelivered_count() == 0
    client.post(f"{PAGE}{delivery.pk}/stop/")
    assert not services.deliver_next(timezone.now())


def test_somebody_without_an_account_cannot_be_tried_again(admin: User, client: Client) -> None:
    delivery = failed(Address(Channel.SMS, "13800000000"))

    shown = words(client.get(PAGE))
    answer = client.post(f"{PAGE}{delivery.pk}/retry/")

    assert "地址已按规定清除" in shown
    assert "再试一次" not in shown
    assert answer.status_code == 409


@pytest.mark.parametrize("verb", ["retry", "stop"])
def test_what_was_sent_is_left_alone(admin: User, client: Client, verb: str) -> None:
    delivery = failed()
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.SENT)

    assert client.post(f"{PAGE}{delivery.pk}/{verb}/").status_code == 404


@pytest.mark.parametrize("who", [make.dispatcher, make.lead, make.user])
def test_nobody_else_may_look_or_act(client: Client, who: Any) -> None:
    delivery = failed()
    client.force_login(who())

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}{delivery.pk}/retry/").status_code == 403
    assert client.post(f"{PAGE}{delivery.pk}/stop/").status_code == 403


def test_three_rows_cost_what_one_costs(admin: User, client: Client) -> None:
    failed()
    client.get(PAGE)
    one = statements(client, PAGE)
    failed()
    failed()

    assert statements(client, PAGE) == one


@pytest.mark.parametrize(
    ("reason", "said"),
    [("the receiver answered 503", "503"), ("OddError", "OddError"), ("", "没有记下原因")],
)
def test_an_unknown_reason_is_told_as_it_is(reason: str, said: str) -> None:
    assert said in reasons.in_words(reason)
