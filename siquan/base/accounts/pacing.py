"""How fast somebody may go on trying: waits that grow, and a browser that is known keeps its owner in.

Three counters slow a stranger: name and network together, the name from all networks, the network for all
names. A browser in which this name has signed in before shows a cookie and has a counter of its own: no
stranger can move it, so nobody can be locked out of their own browser from elsewhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from siquan.base.accounts.models import Tries
from siquan.base.web.addresses import client_network

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)
KEPT = timedelta(days=1)  # far longer than any wait
BROWSERS_KNOWN_FOR: Final = 180 * 24 * 3600  # seconds
NAMES_PER_BROWSER: Final = 5
SALT: Final = "siquan.accounts.known"


@dataclass(frozen=True)
class Counter:
    """One thing failures are counted under: `free` tries without a wait, one forgiven in each `forgiven`."""

    key: str
    free: int
    forgiven: timedelta = LONGEST_WAIT

    def level(self, tries: Tries, at: datetime) -> int:
        """Return how many failures count by now."""
        return max(0, tries.failures - max(0, (at - tries.last_at) // self.forgiven))

    def closed_until(self, tries: Tries, at: datetime) -> datetime:
        """Return until when there is nothing to try."""
        return tries.last_at + wait_after(self.level(tries, at) - self.free)


@dataclass(frozen=True)
class Closed:
    """The door is closed until then."""

    ends_at: datetime
    minutes: int


def wait_after(excess: int) -> timedelta:
    """Return the wait after so many failures beyond those that are free: doubled each time, to an end."""
    return timedelta() if excess < 0 else min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(excess, 10))


def counters(request: HttpRequest, name: str, what: str = "password") -> list[Counter]:
    """Return under what a try at this name is counted."""
    name, tries = name.strip().casefold()[:60], settings.SIGN_IN_TRIES
    browser = browser_of(request, name)
    if browser:
        return [Counter(_print(what, "browser", name, browser), tries)]
    network = client_network(request)
    return [
        Counter(_print(what, "pair", name, network), tries),
        Counter(account_key(name, what), tries * 6),
        Counter(_print(what, "network", network), tries * 5, timedelta(minutes=1)),
    ]


def account_key(name: str, what: str = "password") -> str:
    """Return the key under which tries at a name from all unknown browsers are counted."""
    return _print(what, "account", name.strip().casefold()[:60])


@transaction.atomic
def begin(under: Sequence[Counter], at: datetime) -> Closed | None:
    """Count a try before it is looked at, so that many at once count too; None lets it in.

    While the door is closed nothing is counted: trying on does not prolong it.
    """
    Tries.objects.bulk_create([Tries(key=each.key, last_at=at) for each in under], ignore_conflicts=True)
    kept = {
        each.key: each
        for each in Tries.objects.select_for_update()
        .filter(key__in=[each.key for each in under])
        .order_by("key")
    }
    ends_at = max(each.closed_until(kept[each.key], at) for each in under)
    if ends_at > at and any(each.level(kept[each.key], at) >= each.free for each in under):
        return Closed(ends_at, max(1, -(-int((ends_at - at).total_seconds()) // 60)))
    for each in under:
        row = kept[each.key]
        row.failures, row.last_at = each.level(row, at) + 1, at
    Tries.objects.bulk_update(kept.values(), ["failures", "last_at"])
    return None


@transaction.atomic
def succeed(under: Sequence[Counter]) -> None:
    """Take the try back: the own counter begins anew, those shared with others keep their other failures."""
    own, shared = under[0], under[1:]
    Tries.objects.filter(key=own.key).delete()
    for row in Tries.objects.select_for_update().filter(key__in=[e.key for e in shared]).order_by("key"):
        row.failures = max(0, row.failures - 1)
        row.save(update_fields=["failures"])


def forgive(name: str) -> None:
    """Forget what strangers tried at a name: its password is a new one."""
    Tries.objects.filter(key__in=[account_key(name), account_key(name, "second")]).delete()


def forget_old(before: datetime) -> int:
    """Remove counters nobody has touched since; return how many."""
    return Tries.objects.filter(last_at__lt=before).delete()[0]


def browser_of(request: HttpRequest, name: str) -> str:
    """Return this browser's own number for a name that has signed in here before; nothing for a stranger."""
    return _known(request).get(_print("name", name)[:16], "")


def know_browser(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Let the browser show next time that this name has signed in here."""
    name = name.strip().casefold()[:60]
    known, own = _known(request), _print("name", name)[:16]
    number = known.pop(own, "") or secrets.token_urlsafe(12)
    newest = dict([*known.items(), (own, number)][-NAMES_PER_BROWSER:])
    response.set_cookie(
        cookie_name(),
        signing.dumps(newest, salt=SALT, compress=True),
        max_age=BROWSERS_KNOWN_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )


def cookie_name() -> str:
    """Return the name of the cookie by which a browser is known."""
    return "__Host-known" if settings.SECURE else "known"


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        found = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=BROWSERS_KNOWN_FOR)
    except signing.BadSignature:
        return {}
    return {str(name): str(number) for name, number in dict(found).items()}


def _print(*parts: str) -> str:
    return salted_hmac("siquan.accounts.tries", "\0".join(parts), algorithm="sha256").hexdigest()
