"""Forget who reported, when it is over or when they ask; the case itself is a fact and stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.files import queries as files
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.sealedtext import print_field
from siquan.base.notices.models import Notice
from siquan.base.notices.services import forget_addresses
from siquan.base.privacy import queries as privacy
from siquan.base.privacy.registry import Erased, Gone, Held, Person
from siquan.work.cases.joiners import Joiner
from siquan.work.cases.models import Case, CaseQuerySet, Comment, Purpose, Reporter, Submission
from siquan.work.cases.services.wording import as_written, hidden_words
from siquan.work.cases.states import FINAL

KIND = "contact"
OWN_PHOTOS = (Purpose.REPORT, Purpose.COMMENT)
HOLDS_DATA = Q(name__empty=False) | Q(phone__empty=False) | Q(words__empty=False)


def contacts_over(before: datetime) -> CaseQuerySet:
    """Return the cases that ended before a time, have been quiet since, and still name somebody."""
    ended = Case.objects.filter(state__in=FINAL).filter(
        Q(closed_at__lt=before) | Q(closed_at=None, reported_at__lt=before)
    )
    since = Entry.objects.filter(about_type="case", about_id=OuterRef("pk"), at__gte=before)
    return ended.filter(
        Exists(Reporter.objects.filter(HOLDS_DATA, case=OuterRef("pk")))
        | Exists(Comment.objects.filter(case=OuterRef("pk"), original__empty=False))
        | Exists(Joiner.objects.filter(case=OuterRef("pk"), phone__empty=False))
    ).exclude(Exists(since.exclude(event="case.unmasked")))


def count_contacts(before: datetime) -> int:
    """Return how many cases still name somebody although their time is over."""
    return contacts_over(before).count()


@transaction.atomic
def forget_contacts(before: datetime, at_once: int) -> Gone:
    """Forget the reporters of some cases whose time is over."""
    cases = list(
        contacts_over(before).select_for_update(of=("self",), skip_locked=True).order_by("pk")[:at_once]
    )
    _forget(cases, at=timezone.now())
    return Gone(len(cases), "case", [case.pk for case in cases])


def _forget(cases: Iterable[Case], *, at: datetime) -> None:
    keys = [case.pk for case in cases]
    empty = {"name": "", "phone": "", "phone_print": "", "words": ""}
    Reporter.objects.filter(case__in=keys).update(**empty, forgotten_at=at)
    missing = set(keys) - set(Reporter.objects.filter(case__in=keys).values_list("case", flat=True))
    Reporter.objects.bulk_create([Reporter(case_id=key, forgotten_at=at) for key in sorted(missing)])
    Comment.objects.filter(case__in=keys).update(original="")
    Joiner.objects.filter(case__in=keys).update(phone="", phone_print="")
    Submission.objects.filter(case__in=keys).delete()
    forget_addresses("case", keys)


def count_submissions(before: datetime) -> int:
    """Return how many keys of reports are over."""
    return Submission.objects.filter(at__lt=before).count()


def forget_submissions(before: datetime, at_once: int) -> Gone:
    """Remove some of the keys under which reports were sent: their digest is made of the words."""
    old = Submission.objects.filter(at__lt=before).order_by("pk").values_list("pk", flat=True)[:at_once]
    return Gone(Submission.objects.filter(pk__in=list(old)).delete()[0])


# --- One person


def cases_of(person: Person) -> CaseQuerySet:
    """Return the cases a person has reported, as far as it is known."""
    if person.token:
        return Case.objects.filter(token=person.token)
    prints = print_field(Reporter, "phone_print").prints_of(person.phone)
    return Case.objects.filter(reporter__phone_print__in=prints)


def hold_cases(person: Person, pictures: bool) -> list[Held]:
    """Return the cases a person has reported, with everything they told in them."""
    found = cases_of(person).select_related("category", "reporter").order_by("pk")
    return [_held(case, pictures) for case in found]


def _held(case: Case, pictures: bool) -> Held:
    reporter: Reporter | None = getattr(case, "reporter", None)
    hidden = hidden_words(reporter)
    photos = list(case.photos.filter(purpose__in=OWN_PHOTOS).select_related("file").order_by("pk"))
    content: dict[str, Any] = {
        "number": case.number,
        "state": case.state,
        "source": case.source,
        "reported_at": case.reported_at.isoformat(),
        "category": case.category.code if case.category else None,
        "name": reporter.name if reporter else "",
        "phone": reporter.phone if reporter else "",
        "title": hidden.get("title", case.title),
        "text": hidden.get("text", case.text),
        "address": hidden.get("address", case.address),
        "lon": case.lon,
        "lat": case.lat,
        "remarks": [
            {"at": each.at.isoformat(), "kind": each.kind, "text": as_written(each)}
            for each in case.comments.filter(by=None).order_by("at", "id")
        ],
        "photos": [f"{case.number}-{place}.jpg" for place, _photo in enumerate(photos, start=1)],
        "history": [
            {"at": at.isoformat(), "event": event}
            for at, event in Entry.objects.about(case).values_list("at", "event")
        ],
        "messages": [
            {"at": at.isoformat(), "kind": kind}
            for at, kind in Notice.objects.filter(about_type="case", about_id=case.pk, to_user=None)
            .order_by("pk")
            .values_list("created_at", "kind")
        ],
    }
    names = content["photos"] if pictures else []
    bytes_of = {name: _picture(photo) for name, photo in zip(names, photos, strict=False)}
    handed_out = {name: data for name, data in bytes_of.items() if data}
    if pictures:  # what is not blurred yet is not handed out to anybody, and said to be there
        content |= {"photos": list(handed_out), "photos_not_ready": len(photos) - len(handed_out)}
    return Held("case", case.number, content, handed_out)


def _picture(photo: Any) -> bytes:
    try:
        return files.picture_bytes(photo.file)
    except NotFound:  # not blurred yet, or lost by the storage: the rest is still handed out
        return b""


def erase_cases(person: Person, at: datetime) -> list[Erased]:
    """Forget a person in their cases, as far as nobody has to reach them any more."""
    done = []
    for case in cases_of(person).select_for_update(of=("self",)).order_by("pk"):
        refused = _why_kept(case, at)
        if not refused:
            _forget([case], at=at)
        done.append(Erased(KIND, case.number, "case", case.pk, refused))
    return done


def _why_kept(case: Case, at: datetime) -> Any:
    if case.state not in FINAL:
        return _("案件还在办理，需要能联系到反映人；办结以后可以删除。")
    rule = privacy.data_class(KIND)
    ended = case.closed_at or case.reported_at
    days = (at - ended).days
    if days < rule.least:
        words = _("办结后{least}天内要能联系到反映人，还差{left}天。")
        return format_lazy(words, least=rule.least, left=rule.least - days)
    return ""
