"""What one can do with notices: tell people something, mark it read, carry it out of the product."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound, NotPossible, Words
from siquan.base.kernel.masking import dialled
from siquan.base.kernel.turns import is_due
from siquan.base.notices import bundling, wording
from siquan.base.notices.bundling import Bundle
from siquan.base.notices.channels import Message, NeverSent, NotSent, channel_out
from siquan.base.notices.models import Channel, Delivery, DeliveryState, Notice
from siquan.base.notices.wording import Named, Param

__all__ = [
    "Address",
    "Bundle",
    "Named",
    "deliver_next",
    "mark_all_read",
    "mark_read",
    "notify",
    "retry_delivery",
    "stop_delivery",
]

MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
LEASE = timedelta(minutes=5)  # a delivery taken longer ago than this was interrupted
OUT = (Channel.EMAIL, Channel.SMS, Channel.WEBHOOK)


@dataclass(frozen=True)
class Address:
    """Somebody without an account: an e-mail address, a phone number, or a web address."""

    channel: str
    to: str
    language: str = "zh-hans"


@transaction.atomic
def notify(
    to: Iterable[User | Address],
    *,
    kind: str,
    key: str,
    title: Words,
    at: datetime,
    text: Words = "",
    params: Mapping[str, Param] | None = None,
    url: str = "",
    about: models.Model | None = None,
    channels: Collection[str] = (Channel.INBOX,),
    bundle: Bundle | None = None,
) -> int:
    """Tell people something once, and return to how many it was new.

    `key` names the occasion (`case.dispatched:1234`): the same key never tells the same person twice.
    `title` and `text` are lazy translations with `{gaps}` for `params`; no personal data in either. `url` is
    a path of this site. `channels` are those wanted for users; one for which a user has no address is
    skipped. An Address uses its own channel. With a `bundle`, more than a few of this kind are told as one.
    """
    if url and (not url.startswith("/") or url.startswith(("//", "/\\"))):
        raise ValueError("A notice leads to a path of this site.")
    base = Notice(
        kind=kind,
        title=wording.source(title),
        text=wording.source(text),
        params=wording.kept(params or {}),
        url=url,
        about_type=(about._meta.model_name or "") if about else "",
        about_id=about.pk if about else None,
        created_at=at,
    )
    listed = {_key(key, each): each for each in to}
    known = set(
        Notice.objects.filter(district_id=current_district(), dedupe_key__in=listed).values_list(
            "dedupe_key", flat=True
        )
    )
    new = [_copy(base, dedupe, each, channels) for dedupe, each in listed.items() if dedupe not in known]
    if not new:
        return 0
    # Should another worker tell the same at this moment, one of the two inserts waits and then does nothing.
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    ours = Notice.objects.filter(
        district_id=current_district(), dedupe_key__in=[each.dedupe_key for each in new]
    )
    _send_out({notice: listed[notice.dedupe_key] for notice in ours}, channels, at)
    if bundle:
        outward = [each for each in OUT if each in channels]
        people = {each.pk: each for each in listed.values() if isinstance(each, User)}
        bundles = bundling.gather(ours, bundle, at=at, ways=outward)
        readers = {notice: people[notice.to_user_id or 0] for notice in bundles}
        _send_out(readers, channels, at + bundling.MAILED_AFTER)
    return len(new)


def _send_out(to: Mapping[Notice, User | Address], channels: Collection[str], at: datetime) -> None:
    deliveries = [
        Delivery(notice=notice, channel=channel, address=address, language=language, run_after=at)
        for notice, reader in to.items()
        for channel, address, language in _ways(reader, channels)
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _key(key: str, to: User | Address) -> str:
    who = f"{to.channel}:{to.to}" if isinstance(to, Address) else f"user:{to.pk}"
    return salted_hmac("siquan.notices", f"{key}\0{who}", algorithm="sha256").hexdigest()


def _copy(base: Notice, dedupe: str, to: User | Address, channels: Collection[str]) -> Notice:
    values = {field.attname: getattr(base, field.attname) for field in Notice._meta.concrete_fields}
    values |= {"dedupe_key": dedupe, "is_in_inbox": False}
    if isinstance(to, User):
        values |= {"to_user_id": to.pk, "is_in_inbox": Channel.INBOX in channels}
    return Notice(**values)


def _ways(to: User | Address, channels: Collection[str]) -> list[tuple[str, str, str]]:
    if isinstance(to, Address):
        return [(to.channel, to.to[:300], to.language)]
    return [(channel, "", "") for channel in OUT if channel in channels and _address_of(to, channel)]


def _address_of(user: User, channel: str) -> str:
    return str({Channel.EMAIL: user.email, Channel.SMS: user.phone}.get(Channel(channel), ""))


def mark_read(notice_id: int, *, by: User, at: datetime) -> Notice:
    """Mark one's own notice as read; the first time counts. Raises NotFound."""
    notice = Notice.objects.of(by.pk).filter(pk=notice_id).first()
    if notice is None:
        raise NotFound
    if notice.read_at is None:
        notice.read_at = at
        notice.save(update_fields=["read_at"])
    return notice


def mark_all_read(*, by: User, at: datetime, up_to: int | None = None) -> int:
    """Mark one's own notices as read, up to the newest one that was on the page; return how many."""
    found = Notice.objects.of(by.pk).unread()
    if up_to is not None:
        found = found.filter(pk__lte=up_to)
    return found.update(read_at=at)


def forget_addresses(about_type: str, about_ids: Collection[int]) -> None:
    """Forget where messages about these things are on their way to, of people without an account."""
    notices = Notice.objects.filter(about_type=about_type, about_id__in=about_ids, to_user=None)
    Delivery.objects.filter(notice__in=notices).update(address="")


def forget_address(about_type: str, about_id: int, address: str) -> None:
    """Forget one address among those to which messages about a thing are on their way."""
    notices = Notice.objects.filter(about_type=about_type, about_id=about_id, to_user=None)
    for delivery in Delivery.objects.filter(notice__in=notices):
        if dialled(delivery.address) == dialled(address):
            Delivery.objects.filter(pk=delivery.pk).update(address="")


def count_old(before: datetime) -> int:
    """Return how many notices are older than a time."""
    return Notice.objects.filter(created_at__lt=before).count()


def forget_old(before: datetime, at_once: int) -> int:
    """Remove some notices older than a time, with their deliveries; return how many."""
    old = list(
        Notice.objects.filter(created_at__lt=before).order_by("pk").values_list("pk", flat=True)[:at_once]
    )
    Notice.objects.filter(pk__in=old).delete()
    return len(old)


def deliver_next(at: datetime) -> bool:
    """Carry out one delivery that is due; False when there is none.

    It is taken in one transaction and settled in another, so that nothing is held open while a mail server
    answers. A delivery interrupted in between is repeated only where repeating shows to nobody.
    """
    delivery = _take(at)
    if delivery is None:
        return False
    try:
        channel = channel_out(delivery.channel)
        if delivery.attempts > 1 and delivery.last_error == INTERRUPTED and not channel.is_repeatable:
            raise NeverSent(INTERRUPTED)
        channel.send(_message(delivery, at))
    except NeverSent as error:
        _settle(delivery, DeliveryState.FAILED, at, str(error))
    except NotSent as error:
        _try_again(delivery, at, str(error))
    except Exception as error:  # other people's words may hold the address: only the kind is kept
        _try_again(delivery, at, type(error).__name__)
    else:
        _settle(delivery, DeliveryState.SENT, at, "")
    return True


@transaction.atomic
def retry_delivery(delivery_id: int, *, by: User, at: datetime) -> Delivery:
    """Try a delivery again that has not arrived, at once and with all its attempts.

    Whoever calls has asked whether the person may. Raises NotFound, NotPossible.
    """
    delivery = _troubled(delivery_id)
    if delivery.is_lost:
        raise NotPossible(message=_("这条通知发给没有账号的人，地址已按规定清除，不能再发。"))
    delivery.state, delivery.attempts, delivery.run_after = DeliveryState.QUEUED, 0, at
    delivery.save(update_fields=["state", "attempts", "run_after"])
    journal.write("notice.tried_again", about=delivery, by=by, at=at, channel=delivery.channel)
    return delivery


@transaction.atomic
def stop_delivery(delivery_id: int, *, by: User, at: datetime) -> Delivery:
    """Give up a delivery that has not arrived. Whoever calls has asked whether the person may.

    Raises NotFound.
    """
    delivery = _troubled(delivery_id)
    _settle(delivery, DeliveryState.STOPPED, at, delivery.last_error)
    journal.write("notice.stopped", about=delivery, by=by, at=at, channel=delivery.channel)
    return delivery


def _troubled(delivery_id: int) -> Delivery:
    found = Delivery.objects.in_trouble().select_for_update(of=("self",)).select_related("notice")
    delivery = found.filter(pk=delivery_id, notice__district_id=current_district()).first()
    if delivery is None:
        raise NotFound(_("这条通知已经送达、已经停止，或者正在发送。"))
    return delivery


INTERRUPTED = "interrupted while sending; whether it arrived is not known"


@transaction.atomic
def _take(at: datetime) -> Delivery | None:
    delivery = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(is_due(at, turn="run_after", longest=LONGEST_WAIT))
        .filter(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING])
        .order_by("run_after", "id")
        .first()
    )
    if delivery is None:
        return None
    delivery.last_error = INTERRUPTED if delivery.state == DeliveryState.SENDING else ""
    delivery.state = DeliveryState.SENDING
    delivery.attempts += 1
    delivery.run_after = at + LEASE
    delivery.save(update_fields=["state", "attempts", "run_after", "last_error"])
    return delivery


def _message(delivery: Delivery, at: datetime) -> Message:
    notice = Notice.objects.select_related("to_user").get(pk=delivery.notice_id)
    user = notice.to_user
    to = delivery.address or (_address_of(user, delivery.channel) if user and user.is_active else "")
    if not to:
        raise NeverSent("there is no address any more")
    language = delivery.language or (user.language if user else settings.LANGUAGE_CODE)
    title = wording.render(notice.title, notice.params, language)
    return Message(
        id=f"siquan-{notice.district_id}-{delivery.pk}",
        attempt=delivery.attempts,
        kind=notice.kind,
        to=to,
        title=" ".join(title.split()),
        text=wording.render(notice.text, notice.params, language),
        url=f"{settings.SITE_URL}{notice.url}" if notice.url and settings.SITE_URL else notice.url,
        language=language,
        at=timezone.localtime(at).isoformat(timespec="seconds"),
    )


def _settle(delivery: Delivery, state: DeliveryState, at: datetime, error: str) -> None:
    """Note how it ended, and forget the address of somebody without an account."""
    delivery.state, delivery.last_error, delivery.address = state, error[:300], ""
    delivery.sent_at = at if state == DeliveryState.SENT else None
    delivery.save(update_fields=["state", "last_error", "address", "sent_at"])


def _try_again(delivery: Delivery, at: datetime, error: str) -> None:
    if delivery.attempts >= MOST_ATTEMPTS:
        _settle(delivery, DeliveryState.FAILED, at, error)
        return
    delivery.state, delivery.last_error = DeliveryState.QUEUED, error[:300]
    delivery.run_after = at + min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
    delivery.save(update_fields=["state", "last_error", "run_after"])
