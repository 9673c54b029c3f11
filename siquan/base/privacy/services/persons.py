"""What is held about one person: looked up, handed out, erased; journalled without saying about whom."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.masking import dialled
from siquan.base.privacy import registry
from siquan.base.privacy.models import PersonRequest, Why, Wish
from siquan.base.privacy.registry import Erased, Gone, Held, Person
from siquan.base.privacy.services.retaining import leave_tombstones

SHORTEST_REASON = 2
PRIVATE_LINKS = ("r", "j")  # of who reported, and of who saw it too
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,32}")


def person_from(words: str) -> Person:
    """Return whom a telephone number or the private link of a case means. Raises BadInput."""
    words = words.strip()
    parts = [part for part in urlsplit(words).path.split("/") if part]
    for kind, token in pairwise(parts):
        if kind in PRIVATE_LINKS and _TOKEN.fullmatch(token):
            return Person(token=token)
    phone = dialled(words)
    if len(phone) < 7 or re.search(r"[A-Za-z一-鿿]", words):
        raise BadInput(_("请填写电话号码，或案件的专属链接。"), field="person")
    return Person(phone=phone)


@transaction.atomic
def look_up(*, person: str, by: User | None, at: datetime, reason: str) -> list[Held]:
    """Return what is held about a person, and write down that somebody looked. Raises BadInput, NotFound."""
    found = _held(person_from(person), reason, pictures=False)
    _note(Wish.LOOK, reason, by=by, at=at, held=len(found))
    return found


@transaction.atomic
def export_person(*, person: str, by: User | None, at: datetime, reason: str) -> bytes:
    """Return what is held about a person as a ZIP of a JSON and the pictures. Raises BadInput, NotFound."""
    found = _held(person_from(person), reason, pictures=True)
    _note(Wish.EXPORT, reason, by=by, at=at, held=len(found))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        listed = [{"kind": each.kind, "title": each.title, **each.content} for each in found]
        packed.writestr("data.json", json.dumps(listed, ensure_ascii=False, indent=2))
        for each in found:
            for name, data in each.pictures.items():
                packed.writestr(f"pictures/{name}", data)
    return out.getvalue()


@transaction.atomic
def erase_person(*, person: str, by: User | None, at: datetime, reason: str) -> list[Erased]:
    """Erase what is held about a person as far as it need not be kept; tombstones stay, the cases stay.

    Returns each thing with the reason where it was kept. Raises BadInput, NotFound.
    """
    whom = person_from(person)
    _check(reason)
    done = [each for holder in registry.holders() for each in holder.erase(whom, at)]
    if not done:
        raise NotFound(_("没有找到这个人的信息。"))
    gone = [each for each in done if not each.refused]
    for each in gone:
        leave_tombstones(
            each.kind,
            Gone(1, each.about_type, [each.about_id]),
            why=Why.ERASURE,
            rule="asked for by the person",
            at=at,
        )
    _note(Wish.ERASE, reason, by=by, at=at, erased=len(gone), refused=len(done) - len(gone))
    return done


def _held(person: Person, reason: str, *, pictures: bool) -> list[Held]:
    _check(reason)
    found = [each for holder in registry.holders() for each in holder.hold(person, pictures)]
    if not found:
        raise NotFound(_("没有找到这个人的信息。"))
    return found


def _check(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput(_("请写明为什么。"), field="reason")


def _note(wish: Wish, reason: str, *, by: User | None, at: datetime, **counts: int) -> None:
    request = PersonRequest.objects.create(wish=wish, reason=reason.strip()[:200], by=by, at=at, **counts)
    details: dict[str, Any] = {"reason": request.reason, **counts}
    journal.write(f"privacy.person_{_PAST[wish]}", about=request, by=by, at=at, **details)


_PAST = {Wish.LOOK: "looked_up", Wish.EXPORT: "exported", Wish.ERASE: "erased"}
