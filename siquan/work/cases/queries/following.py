"""What a reporter is shown of their case: how far it is, which unit has it, what was said; no staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from siquan.base.journal.models import Entry
from siquan.base.kernel.masking import masked_text
from siquan.city.units.models import Unit
from siquan.work.cases.models import Case, CasePhoto, Comment, CommentKind, Purpose, Submission
from siquan.work.cases.states import FINAL, State

SHOWN: Final = (
    "case.reported", "case.filed", "case.rejected", "case.merged", "case.unmerged", "case.dispatched",
    "case.accepted", "case.reassigned", "case.extension_granted", "case.suspended", "case.resumed",
    "case.reported_done", "case.verified", "case.sent_back", "case.closed", "case.reopened", "case.voided",
)  # fmt: skip
# What the office wrote for the reporter to read; other remarks stay inside.
READABLE: Final = frozenset(
    {"case.rejected", "case.reported_done", "case.suspended", "case.reopened", "case.voided"}
)
OWN_PHOTOS: Final = (Purpose.REPORT, Purpose.COMMENT)
ENDED: Final = (State.CLOSED, State.REJECTED)
# The very same words, place and photos within this time are the same report, even under another key.
SAME_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Told:
    """One thing that happened or was said; `unit` is the unit that had the case, `into` another's number."""

    event: str
    at: datetime
    unit: str = ""
    words: str = ""
    into: str = ""


@dataclass(frozen=True)
class FollowUp:
    """Everything the private link shows."""

    case: Case
    told: Sequence[Told]
    photos: Sequence[CasePhoto]
    photos_after: Sequence[CasePhoto]
    question: str
    kinds: Sequence[CommentKind]
    verdict: str
    merged_into: str


def follow_up(case: Case) -> FollowUp:
    """Return what the reporter of a case is shown (five queries)."""
    comments = list(case.comments.filter(is_for_reporter=True).order_by("at", "id"))
    photos = list(case.photos.select_related("file").order_by("at", "id"))
    entries = list(Entry.objects.about(case).filter(event__in=SHOWN))
    told = sorted([*_told(entries, comments), *_said(comments, entries)], key=lambda each: each.at)
    return FollowUp(
        case=case,
        told=told,
        photos=[each for each in photos if each.purpose in OWN_PHOTOS],
        photos_after=[each for each in photos if each.purpose not in OWN_PHOTOS],
        question=_question(case, comments),
        kinds=kinds_for(case),
        verdict=_verdict(entries, comments),
        merged_into=_merged_into(case),
    )


def kinds_for(case: Case) -> list[CommentKind]:
    """Return what a reporter can say now."""
    if case.state == State.WAITING:
        return [CommentKind.ANSWER]
    if case.state == State.CLOSED:
        return [CommentKind.SOLVED, CommentKind.UNSOLVED, CommentKind.REOPEN_WISH, CommentKind.COMMENT]
    if case.state == State.REJECTED:
        return [CommentKind.REOPEN_WISH, CommentKind.COMMENT]
    return [] if State(case.state) in FINAL else [CommentKind.COMMENT]


def case_by_key(key: str) -> Case | None:
    """Return the case that came in under an idempotency key; None when none did."""
    known = Submission.objects.select_related("case").filter(key=key).first()
    return known.case if known else None


def sent_again(digest: str, *, tokens: Sequence[str], at: datetime) -> Case | None:
    """Return the case that the same browser has made of the very same report a short time ago; None if none.

    `tokens` are the private links it holds. The back button brings a filled-in form with a fresh key.
    """
    if not tokens:
        return None
    known = Submission.objects.select_related("case").filter(
        case__token__in=tokens, at__gt=at - SAME_AGAIN, digest=digest
    )
    found = known.order_by("id").first()
    return found.case if found else None


def _told(entries: Sequence[Entry], comments: Sequence[Comment]) -> Iterable[Told]:
    units = _unit_names(entries)
    unit = ""
    for entry in entries:
        details: dict[str, Any] = entry.details
        if entry.event in ("case.dispatched", "case.reassigned"):
            unit = units.get(details.get("unit") or 0, "")
        words = details.get("reason") or details.get("note") or "" if entry.event in READABLE else ""
        yield Told(entry.event, entry.at, unit, masked_text(str(words)), str(details.get("into") or ""))


def _unit_names(entries: Sequence[Entry]) -> dict[int, str]:
    ids = {entry.details.get("unit") for entry in entries} - {None}
    return {unit.pk: str(unit) for unit in Unit.objects.filter(pk__in=ids)} if ids else {}


def _said(comments: Sequence[Comment], entries: Sequence[Entry]) -> Iterable[Told]:
    # A refusal is kept twice, as an act and as a remark to the reporter: it is told once.
    acts = {(entry.at, entry.details.get("reason")) for entry in entries}
    for each in comments:
        if (each.at, each.text) in acts:
            continue
        who = "staff" if each.by_id else "reporter"
        yield Told(f"{who}.{each.kind}", each.at, words=each.text)


def _question(case: Case, comments: Sequence[Comment]) -> str:
    if case.state != State.WAITING:
        return ""
    asked = [each.text for each in comments if each.kind == CommentKind.QUESTION]
    return asked[-1] if asked else ""


def _verdict(entries: Sequence[Entry], comments: Sequence[Comment]) -> str:
    """Return what the reporter said of the result since the case was last closed."""
    closed = max((each.at for each in entries if each.event == "case.closed"), default=None)
    verdicts = (CommentKind.SOLVED, CommentKind.UNSOLVED, CommentKind.REOPEN_WISH)
    since = [each.kind for each in comments if each.kind in verdicts and closed and each.at >= closed]
    return since[-1] if since else ""


def _merged_into(case: Case) -> str:
    if case.state != State.MERGED or case.merged_into is None:
        return ""
    return case.merged_into.number
