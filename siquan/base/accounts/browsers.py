"""Where somebody is signed in: one line a browser, seen rarely written, ended one by one or all at once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from siquan.base.accounts.models import SignIn, User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import NotFound
from siquan.base.web.addresses import client_address

SEEN_EVERY = timedelta(minutes=5)
MARK: Final = "sign_in"  # in the session: the line of this browser, and when it was last written
BROWSERS: Final = (
    (r"MicroMessenger", gettext_noop("微信")),
    (r"Edg[A-Z]?/", "Edge"),
    (r"OPR/", "Opera"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"QQBrowser/", gettext_noop("QQ浏览器")),
    (r"HuaweiBrowser/", gettext_noop("华为浏览器")),
    (r"Chrom(e|ium)/|CriOS/", "Chrome"),
    (r"Safari/", "Safari"),
)
SYSTEMS: Final = (
    (r"HarmonyOS|OpenHarmony", "HarmonyOS"),
    (r"iPhone|iPad", "iOS"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux", "Linux"),
)


def remember(request: HttpRequest, user: User, at: datetime) -> SignIn:
    """Write down that this browser is signed in now. Its session must be saved under its final key."""
    store = request.session
    if not store.session_key:
        store.save()
    kept = SignIn.objects.create(
        user=user,
        session_key=str(store.session_key),
        session_round=user.session_round,
        browser=browser_words(request.headers.get("User-Agent", "")),
        address=masked(client_address(request)),
        started_at=at,
        seen_at=at,
    )
    store[MARK] = [kept.pk, int(at.timestamp())]
    return kept


def see(session: Any, at: datetime) -> None:
    """Write down that somebody is still here, at most once in some minutes."""
    number, seen = session.get(MARK) or (0, 0)
    if not number or at.timestamp() - seen < SEEN_EVERY.total_seconds():
        return
    session[MARK] = [number, int(at.timestamp())]
    SignIn.objects.filter(pk=number).update(seen_at=at)


def sign_ins_of(user: User, at: datetime) -> models.QuerySet[SignIn]:
    """Return where somebody is signed in, the browser seen last first."""
    alive = Session.objects.filter(expire_date__gt=at).values("session_key")
    return SignIn.objects.filter(user=user, session_round=user.session_round, session_key__in=alive).order_by(
        "-seen_at", "-pk"
    )


@transaction.atomic
def end_sign_in(sign_in_id: int, *, by: User, at: datetime) -> None:
    """End one of one's own sign-ins. Raises NotFound."""
    found = SignIn.objects.filter(pk=sign_in_id, user=by).first()
    if found is None:
        raise NotFound
    _end([found])
    journal.write("account.sign_in_ended", about=by, by=by, at=at)


@transaction.atomic
def end_others(user: User, session_key: str | None, at: datetime) -> int:
    """End every sign-in of a person but this one; return how many."""
    others = list(SignIn.objects.filter(user=user).exclude(session_key=session_key or ""))
    _end(others)
    if others:
        journal.write("account.other_sign_ins_ended", about=user, by=user, at=at, count=len(others))
    return len(others)


def end_all(user: User) -> None:
    """End every sign-in of a person."""
    _end(list(SignIn.objects.filter(user=user)))


def forget_ended() -> int:
    """Remove the lines of sessions that are no more; return how many."""
    return SignIn.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()[0]


def _end(found: list[SignIn]) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for each in found:
        store(each.session_key).delete()
    SignIn.objects.filter(pk__in=[each.pk for each in found]).delete()


def browser_words(agent: str) -> str:
    """Return the browser and the system in words; nothing for what is not known."""
    found = [
        next((words for pattern, words in table if re.search(pattern, agent)), "")
        for table in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(each for each in found if each)


def masked(address: str) -> str:
    """Return an address without its last part: enough to tell home from the office."""
    if ":" in address:
        return ":".join(address.split(":")[:3]) + ":…"
    return ".".join([*address.split(".")[:2], "*", "*"])
