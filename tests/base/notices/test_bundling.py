"""More than a few notices of one kind are told as one that counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from siquan.base.accounts.models import User
from siquan.base.notices import bundling, queries, services
from siquan.base.notices.models import Channel, Delivery, Notice
from siquan.base.notices.services import Bundle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
ALL_DUE = Bundle("{count}件到期", url="/cases/?due=today")
MAIL = (Channel.INBOX, Channel.EMAIL)


@pytest.fixture
def clerk() -> User:
    return User.objects.create_user("clerk", name="李经办", email="li@example.org")


def tell(*to: User, first: int, last: int, at: datetime = NOW, kind: str = "due", **more: Any) -> None:
    for number in range(first, last + 1):
        words = {"bundle": ALL_DUE, "title": f"第{number}件到期"} | more
        services.notify(to, kind=kind, key=f"{kind}:{number}", at=at, **words)


def titles(user: User) -> list[str]:
    return [each.words_title for each in queries.inbox(user)]


def test_a_few_are_told_one_by_one(clerk: User) -> None:
    tell(clerk, first=1, last=bundling.FEW)

    assert titles(clerk) == ["第3件到期", "第2件到期", "第1件到期"]


def test_more_than_a_few_become_one_that_leads_to_the_list(clerk: User) -> None:
    tell(clerk, first=1, last=37)

    assert titles(clerk) == ["37件到期"]
    assert queries.inbox(clerk).get().url == "/cases/?due=today"
    assert queries.unread_count(clerk) == 1


def test_the_same_thing_told_again_is_not_counted_again(clerk: User) -> None:
    tell(clerk, first=1, last=5)
    tell(clerk, first=1, last=5)

    assert titles(clerk) == ["5件到期"]


def test_each_reader_and_each_kind_is_counted_apart(clerk: User) -> None:
    other = User.objects.create_user("other", name="旁人")
    tell(clerk, other, first=1, last=4)
    tell(clerk, first=5, last=6)
    tell(clerk, first=1, last=1, kind="late", title="一件超期")

    assert titles(clerk) == ["一件超期", "6件到期"]
    assert titles(other) == ["4件到期"]


def test_after_it_was_read_counting_begins_anew(clerk: User) -> None:
    tell(clerk, first=1, last=5)
    services.mark_all_read(by=clerk, at=NOW)
    tell(clerk, first=6, last=6)

    assert titles(clerk) == ["第6件到期", "5件到期"]


def test_what_lay_there_since_yesterday_stays_on_its_own(clerk: User) -> None:
    tell(clerk, first=1, last=3, at=NOW - timedelta(days=1))
    tell(clerk, first=4, last=4)

    assert len(titles(clerk)) == 4


def test_one_mail_with_the_final_count_goes_out_for_all_of_them(clerk: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    tell(clerk, first=1, last=20, channels=MAIL)
    assert not services.deliver_next(NOW)

    assert services.deliver_next(NOW + bundling.MAILED_AFTER)
    assert not services.deliver_next(NOW + bundling.MAILED_AFTER)
    assert [each.subject for each in mail.outbox] == ["20件到期"]

    tell(clerk, first=21, last=24, at=NOW + timedelta(minutes=20), channels=MAIL)
    assert titles(clerk) == ["4件到期", "20件到期"], "what was mailed does not change any more"
    assert Delivery.objects.filter(notice__kind="due.many", state="queued").count() == 1


def test_without_a_bundle_nothing_is_gathered(clerk: User) -> None:
    tell(clerk, first=1, last=5, bundle=None)

    assert len(titles(clerk)) == 5
    assert not Notice.objects.filter(kind="due.many").exists()
