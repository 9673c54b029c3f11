"""Tell people something once, in their language, by the ways they can be reached."""

from __future__ import annotations

import email
import json
from datetime import UTC, date, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from siquan.base.accounts.models import User
from siquan.base.kernel.errors import NotFound
from siquan.base.notices import channels, queries, services
from siquan.base.notices.models import Channel, Delivery, DeliveryState, Notice
from siquan.base.notices.services import Address
from tests.counting import statements

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
BACKEND = "siquan.base.accounts.sessions.Accounts"
ALL = (Channel.INBOX, Channel.EMAIL, Channel.SMS)


@pytest.fixture
def clerk() -> User:
    return User.objects.create_user("clerk", name="李经办", email="li@example.org", phone="13800000000")


def tell(*to: User | Address, key: str = "case.dispatched:1", **more: Any) -> int:
    words: dict[str, Any] = {
        "kind": "case.dispatched",
        "title": "案件 {number} 已派给贵单位",
        "text": "请在 {due} 前处置。",
        "params": {"number": "A12345", "due": NOW},
        "url": "/cases/A12345/",
        "at": NOW,
    }
    return services.notify(to, key=key, **(words | more))


def deliver(at: datetime = NOW) -> int:
    done = 0
    while services.deliver_next(at):
        done += 1
    return done


def sms(folder: str) -> list[dict[str, Any]]:
    path = Path(folder) / "sms.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def mails(folder: str) -> list[Any]:
    parts = [each for file in Path(folder).glob("*.log") for each in file.read_bytes().split(b"-" * 79)]
    return [email.message_from_bytes(each.strip(), policy=default) for each in parts if each.strip()]


@pytest.fixture(autouse=True)
def _mail_files(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


def test_a_notice_lies_in_the_inbox_with_its_words_and_its_way(clerk: User) -> None:
    assert tell(clerk) == 1

    notice = queries.inbox(clerk).get()
    assert notice.words_title == "案件 A12345 已派给贵单位"
    assert notice.words_text == "请在 2026年11月23日 16:30 前处置。"
    assert not Delivery.objects.exists()
    assert queries.unread_count(clerk) == 1


def test_each_reader_reads_their_own_language(clerk: User) -> None:
    tell(clerk, title=_("未读"), text=_("已读"), params={"day": date(2026, 9, 5)})
    notice = queries.inbox(clerk).get()

    assert notice.title == "未读", "the source words are kept"
    with override("en"):
        assert notice.words_title == "unread"
    with override("zh-hans"):
        assert notice.words_title == "未读"


def test_words_given_in_an_english_request_are_kept_at_their_source(clerk: User) -> None:
    with override("en"):
        tell(
            clerk,
            title=_("未读"),
            text="{what} {day} {gap}",
            params={"what": _("已读"), "day": date(2026, 9, 5)},
        )
    notice = queries.inbox(clerk).get()

    assert notice.title == "未读"
    with override("en"):
        assert notice.words_text == "read 5 Sep 2026 —"
    with override("zh-hans"):
        assert notice.words_text == "已读 2026年9月5日 —"


def test_the_same_occasion_is_told_once(clerk: User) -> None:
    other = User.objects.create_user("other", name="旁人")

    assert tell(clerk) == 1
    assert tell(clerk, other) == 1
    assert tell(clerk, other) == 0
    assert tell(clerk, key="case.dispatched:2") == 1
    assert Notice.objects.count() == 3


def test_telling_many_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    people = [User.objects.create_user(f"p{n}", name="某", email=f"p{n}@example.org") for n in range(20)]

    with django_assert_max_num_queries(6):
        tell(*people, channels=ALL)
    with django_assert_max_num_queries(3):
        tell(*people, channels=ALL)


def test_a_way_leads_into_this_site_only(clerk: User) -> None:
    for url in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"):
        with pytest.raises(ValueError, match="path of this site"):
            tell(clerk, url=url)


def test_channels_carry_it_out_once(clerk: User, settings: Any) -> None:
    settings.SITE_URL = "https://siquan.example"
    tell(clerk, channels=ALL)
    tell(clerk, channels=ALL)

    assert deliver() == 2
    assert deliver(NOW + timedelta(days=1)) == 0

    (message,) = sms(settings.NOTICE_FOLDER)
    assert message["to"] == "13800000000"
    assert message["title"] == "案件 A12345 已派给贵单位"
    assert message["url"] == "https://siquan.example/cases/A12345/"
    (mail,) = mails(settings.EMAIL_FILE_PATH)
    assert (mail["to"], mail["subject"]) == ("li@example.org", "案件 A12345 已派给贵单位")
    assert "https://siquan.example/cases/A12345/" in mail.get_content()
    assert set(Delivery.objects.values_list("state", "sent_at")) == {(DeliveryState.SENT, NOW)}


def test_a_person_without_an_address_is_told_in_the_inbox_only() -> None:
    silent = User.objects.create_user("silent", name="无邮箱")

    tell(silent, channels=ALL)

    assert queries.unread_count(silent) == 1
    assert not Delivery.objects.exists()


def test_an_outside_address_is_forgotten_once_the_matter_is_settled(settings: Any) -> None:
    tell(Address(Channel.SMS, "13911112222", "en"), title=_("未读"))
    assert Delivery.objects.get().address == "13911112222"
    assert "13911112222" not in Notice.objects.get().dedupe_key

    deliver()

    assert [each["title"] for each in sms(settings.NOTICE_FOLDER)] == ["unread"]
    assert Delivery.objects.get().address == ""
    assert tell(Address(Channel.SMS, "13911112222", "en"), title=_("未读")) == 0, "still told once"


def test_a_line_break_cannot_smuggle_a_mail_header(clerk: User, settings: Any) -> None:
    tell(clerk, channels=(Channel.EMAIL,), title="{x}", params={"x": "hi\nBcc: all@example.org"})

    deliver()

    (mail,) = mails(settings.EMAIL_FILE_PATH)
    assert mail["subject"] == "hi Bcc: all@example.org"
    assert mail["bcc"] is None


def test_words_of_people_are_no_gaps(clerk: User) -> None:
    tell(clerk, title="{x}", text="", params={"x": "{number} {0.__class__} %s"})

    assert queries.inbox(clerk).get().words_title == "{number} {0.__class__} %s"


class Broken:
    """A gateway that is down and says the address in its error."""

    is_repeatable = False

    def send(self, message: channels.Message) -> None:
        raise OSError(f"could not reach {message.to}")


class Refusing(Broken):
    """A gateway that will never take it."""

    def send(self, message: channels.Message) -> None:
        raise channels.NeverSent("the number is blocked")


def served_by(settings: Any, way: type) -> None:
    settings.NOTICE_CHANNELS = settings.NOTICE_CHANNELS | {"sms": f"{__name__}.{way.__name__}"}


def test_what_fails_is_tried_again_later_and_given_up_at_last(clerk: User, settings: Any) -> None:
    served_by(settings, Broken)
    tell(clerk, channels=(Channel.SMS,))

    assert deliver() == 1
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.attempts, waiting.last_error) == (DeliveryState.QUEUED, 1, "OSError")
    assert waiting.run_after == NOW + timedelta(seconds=30)

    at = NOW
    for _each in range(services.MOST_ATTEMPTS):
        at += timedelta(hours=7)
        deliver(at)
    given_up = Delivery.objects.get()
    assert (given_up.state, given_up.attempts) == (DeliveryState.FAILED, services.MOST_ATTEMPTS)
    assert deliver(at + timedelta(days=9)) == 0


def test_a_clock_that_is_set_back_makes_no_notice_wait_longer_than_one_that_failed(clerk: User) -> None:
    tell(clerk, channels=ALL)

    assert deliver(NOW - timedelta(hours=1)) == 0  # as if it had been put off
    assert deliver(NOW - timedelta(days=2)) == 2


def test_what_is_refused_is_not_tried_again(clerk: User, settings: Any) -> None:
    served_by(settings, Refusing)
    tell(clerk, channels=(Channel.SMS,))

    deliver()

    refused = Delivery.objects.get()
    assert (refused.state, refused.last_error) == (DeliveryState.FAILED, "the number is blocked")


def interrupt(after_sending: bool, channel: str) -> None:
    """Do what a killed worker leaves behind."""
    delivery = services._take(NOW)
    assert delivery is not None
    if after_sending:
        channels.channel_out(channel).send(services._message(delivery, NOW))


@pytest.mark.parametrize("after_sending", [False, True])
def test_an_interrupted_sms_is_written_exactly_once(clerk: User, settings: Any, after_sending: bool) -> None:
    tell(clerk, channels=(Channel.SMS,))
    interrupt(after_sending, "sms")
    assert deliver() == 0, "it is taken"

    assert deliver(NOW + services.LEASE) == 1

    assert len(sms(settings.NOTICE_FOLDER)) == 1
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_an_interrupted_mail_is_never_sent_twice(clerk: User, settings: Any) -> None:
    tell(clerk, channels=(Channel.EMAIL,))
    interrupt(True, "email")

    deliver(NOW + services.LEASE)

    assert len(mails(settings.EMAIL_FILE_PATH)) == 1
    assert "not known" in Delivery.objects.get().last_error


def test_a_closed_account_gets_nothing_more(clerk: User, settings: Any) -> None:
    tell(clerk, channels=(Channel.SMS,))
    User.objects.update(is_active=False)

    deliver()

    assert sms(settings.NOTICE_FOLDER) == []
    assert Delivery.objects.get().state == DeliveryState.FAILED


def test_nobody_reads_or_marks_the_notices_of_another(clerk: User, client: Client) -> None:
    other = User.objects.create_user("other", name="旁人")
    tell(clerk)
    notice = Notice.objects.get()

    with pytest.raises(NotFound):
        services.mark_read(notice.pk, by=other, at=NOW)
    client.force_login(other, BACKEND)
    assert client.get(f"/inbox/{notice.pk}/").status_code == 404
    client.post("/inbox/read/")
    assert queries.unread_count(clerk) == 1


def test_the_inbox_shows_unread_first_and_opens_where_the_notice_leads(clerk: User, client: Client) -> None:
    client.force_login(clerk, BACKEND)
    assert "没有通知" in client.get("/inbox/").text
    for number in range(3):
        tell(clerk, key=str(number), params={"number": f"<{number}>"})
    oldest, _middle, newest = Notice.objects.order_by("id")

    assert client.get(f"/inbox/{newest.pk}/").url == "/cases/A12345/"

    text = client.get("/inbox/").text
    assert text.index("&lt;1&gt;") < text.index("&lt;0&gt;") < text.index("&lt;2&gt;")
    assert "未读：</span>2" in text, "the bell counts"
    client.post(f"/inbox/{oldest.pk}/read/")
    assert queries.unread_count(clerk) == 1


def test_marking_all_leaves_what_came_after_the_page(clerk: User, client: Client) -> None:
    client.force_login(clerk, BACKEND)
    tell(clerk, key="1")
    seen = Notice.objects.get().pk
    tell(clerk, key="2")

    client.post("/inbox/read/", {"up_to": str(seen)})
    assert queries.unread_count(clerk) == 1
    client.post("/inbox/read/", {"up_to": "nonsense"})
    assert queries.unread_count(clerk) == 0


def test_the_inbox_takes_the_same_statements_for_any_number(clerk: User, client: Client) -> None:
    client.force_login(clerk, BACKEND)
    tell(clerk, key="1")
    one = statements(client, "/inbox/")
    tell(clerk, key="2")
    tell(clerk, key="3")

    assert statements(client, "/inbox/") == one


def test_the_bell_costs_one_statement_and_residents_none(clerk: User, client: Client) -> None:
    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return sum("notices_notice" in each["sql"] for each in seen)

    assert asked("/account/sign-in/") == 0
    client.force_login(clerk, BACKEND)
    assert asked("/account/password/") == 1


def test_the_inbox_needs_a_person(client: Client) -> None:
    assert client.get("/inbox/").status_code == 302
