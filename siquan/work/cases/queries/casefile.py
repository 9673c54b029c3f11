"""One case as its page shows it: everything known about it, put into words for the person who looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from siquan.base.kernel import deadlines
from siquan.base.kernel.errors import NotFound, NoWorkingTime, Words
from siquan.base.kernel.explanations import amount_words
from siquan.base.kernel.masking import masked_name, masked_phone
from siquan.base.web.templatetags.web import moment_words
from siquan.city.rules import queries as rules
from siquan.city.rules.models import ResponsibilityRule
from siquan.work.cases.joiners import Joiner
from siquan.work.cases.models import (
    Assist,
    Case,
    CasePhoto,
    ClockRun,
    Comment,
    Extension,
    Purpose,
    Reporter,
)
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.queries.cases import Deadline, deadline_of, history, possible_verbs
from siquan.work.cases.queries.chips import Chip, chip_of
from siquan.work.cases.queries.duplicates import Alike, duplicates_of
from siquan.work.cases.queries.maps import point_of
from siquan.work.cases.queries.photos import photos_of, possible_photo_verbs
from siquan.work.cases.queries.timeline import Happening, offices_of, timeline_of
from siquan.work.cases.services.clocks import as_pauses, limit_of
from siquan.work.cases.services.ruling import entry_of, responsibility_of
from siquan.work.cases.states import PHOTO_VERBS, VERBS, State
from siquan.work.cases.verbwords import GRAVE, ICONS, KEYS, NEXT, STEP_OF


@dataclass(frozen=True)
class Act:
    """A button: what can be done now."""

    verb: str
    label: Words
    icon: str
    key: str
    url: str
    is_grave: bool = False


@dataclass(frozen=True)
class PastRun:
    """A clock that has stopped: which step, how long it was allowed and took, whether in time."""

    run: ClockRun
    limit: str
    was_late: bool


@dataclass(frozen=True)
class Sent:
    """Where a case was sent or would be sent, and why: the line of the responsibility list."""

    unit: str
    why: str
    source: str
    is_done: bool


@dataclass(frozen=True)
class Contact:
    """A reporter, masked; `is_more` says that words of the case were masked too."""

    name: str
    phone: str
    is_more: bool = False


@dataclass(frozen=True)
class CaseFile:
    """What the case page shows."""

    case: Case
    chip: Chip | None
    deadline: Deadline | None
    pauses: Sequence[Any]
    past_runs: Sequence[PastRun]
    acts: Sequence[Act]
    side_acts: Sequence[Act]
    next_step: Words
    step: int
    category_path: Sequence[str]
    conditions: Sequence[tuple[str, str]]
    sent: Sent | None
    timeline: Sequence[Happening]
    photos: Sequence[dict[str, Any]]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    comments: Sequence[dict[str, Any]]
    assists: Sequence[Assist]
    extensions: Sequence[tuple[Extension, str]]
    merged: Sequence[Case]
    alike: Sequence[Alike]
    seen: int
    contact: Contact | None
    may_unmask: bool
    point: dict[str, Any] | None


def case_file(case: Case, *, user: Any, at: datetime, language: str) -> CaseFile:
    """Return everything the page of a case shows to a person."""
    deadline = _deadline(case, at, language)
    acts = acts_of(case, user)
    photos = [_photo(each, case, user) for each in photos_of(case)]
    entry, book = _category(case, at)
    chip = chip_of(case, at, deadline.run if deadline else None)
    return CaseFile(
        case=case,
        chip=chip,
        deadline=deadline,
        pauses=list(deadline.run.pauses.all()) if deadline else [],
        past_runs=_past_runs(case, language),
        acts=acts,
        side_acts=side_acts_of(case, user),
        next_step=NEXT[State(case.state)],
        step=STEP_OF.get(State(case.state), 0),
        category_path=[str(each) for each in book.path(entry.id)] if book and entry else [],
        conditions=_conditions(entry),
        sent=sent_where(case, at),
        timeline=timeline_of(history(case), language),
        photos=photos,
        before=_first(photos, Purpose.REPORT),
        after=_first(photos, Purpose.AFTER, Purpose.VERIFY),
        comments=_comments(case),
        assists=list(case.assists.select_related("unit").order_by("id")),
        extensions=[
            (each, amount_words(deadlines.Limit(each.amount, deadlines.Unit(each.measure)), language))
            for each in case.extensions.select_related("asked_by", "decided_by").order_by("id")
        ],
        merged=list(case.merged.order_by("id")),
        alike=duplicates_of(case) if any(act.verb == "merge" for act in acts) else [],
        seen=1 + Joiner.objects.filter(case=case).count(),
        contact=contact_of(case),
        may_unmask=OTHER_RULES["unmask"](user, case),
        point=point_of(case, chip) if case.lon is not None else None,
    )


def acts_of(case: Case, user: Any) -> list[Act]:
    """Return the buttons of the steps this person may take now; grave ones last."""
    verbs = sorted(possible_verbs(user, case), key=lambda verb: verb in GRAVE)
    return [
        Act(
            verb,
            VERBS[verb],
            ICONS[verb],
            KEYS[verb],
            reverse("cases:act", args=[case.number, verb]),
            verb in GRAVE,
        )
        for verb in verbs
    ]


def side_acts_of(case: Case, user: Any) -> list[Act]:
    """Return what this person may do beside the steps: set the place, reckon the clock again."""
    acts = []
    if OTHER_RULES["set-place"](user, case):
        label = _("改位置") if case.lon is not None else _("定位")
        url = reverse("cases:set_place", args=[case.number])
        acts.append(Act("set-place", label, "map-pin", "", url))
    if case.clock and OTHER_RULES["recalculate"](user, case):
        url = reverse("cases:act", args=[case.number, "recalculate"])
        acts.append(Act("recalculate", _("重新计算时限"), "refresh", "", url))
    return acts


def _deadline(case: Case, at: datetime, language: str) -> Deadline | None:
    try:
        return deadline_of(case, at=at, language=language)
    except NoWorkingTime:  # the calendar does not reach that far: the page still opens
        return None


def _past_runs(case: Case, language: str) -> list[PastRun]:
    runs = case.clock_runs.exclude(stopped_at=None).prefetch_related("pauses").order_by("id")
    return [PastRun(run, amount_words(limit_of(run), language), _was_late(run)) for run in runs]


def _was_late(run: ClockRun) -> bool:
    if run.stopped_at is None or any(pause.to_at is None for pause in run.pauses.all()):
        return False
    facts = (limit_of(run), rules.calendar_by_id(run.calendar_id), as_pauses(run.pauses.all()))
    try:
        return deadlines.remaining(run.stopped_at, run.started_at, *facts).is_late
    except NoWorkingTime:
        return run.stopped_at > run.due_at


def _category(case: Case, at: datetime) -> tuple[rules.CategoryEntry | None, rules.Rulebook | None]:
    try:
        book = rules.rulebook(rules.pack_in_force(timezone.localdate(at)))
    except NotFound:
        return None, None
    return entry_of(case, book), book


def _conditions(entry: rules.CategoryEntry | None) -> list[tuple[str, str]]:
    if entry is None:
        return []
    told = [(_("立案条件"), entry.filing_condition), (_("结案条件"), entry.closing_condition)]
    return [(label, words) for label, words in told if words]


def sent_where(case: Case, at: datetime) -> Sent | None:
    """Return which line sent the case where and why; before it is dispatched, which line would."""
    if case.unit_id and case.unit:
        kept = case.responsibility_id and _line(case, case.responsibility_id)
        if not kept:
            return Sent(str(case.unit), _("由派遣员直接选定，没有按责任清单。"), "", is_done=True)
        return Sent(str(case.unit), kept.why, kept.source, is_done=True)
    if case.state not in (State.REPORTED, State.FILED):
        return None
    try:
        answer = responsibility_of(case, at)
    except NotFound:
        return None
    if answer is None:
        return None
    return Sent(str(answer.book.unit_name(answer.lead_id)), answer.why, answer.source, is_done=False)


def _line(case: Case, rule_id: int) -> rules.Responsibility | None:
    rule = ResponsibilityRule.objects.select_related("pack").get(pk=rule_id)
    book = rules.rulebook(rule.pack)
    entry = entry_of(case, book)
    where = (case.cell_id, case.block_id, case.community_id, case.street_id)
    kind, day = case.block.kind if case.block else "", timezone.localdate(case.reported_at)
    return book.explanation_of(rule_id, rules.Question(entry.id, where, kind, day) if entry else None)


def _photo(each: CasePhoto, case: Case, user: Any) -> dict[str, Any]:
    key = each.file.key
    label = each.get_purpose_display()
    acts = [
        {"url": reverse("cases:photo_act", args=[case.number, key, verb]), "label": PHOTO_VERBS[verb]}
        for verb in possible_photo_verbs(user, each, case)
        if verb != "leave-photo"  # an answer, given from the list of what was said
        and (each.file.has_original or verb != "cover-photo")
    ]
    if each.file.has_original and OTHER_RULES["open-original"](user, case):
        acts.append({"url": reverse("cases:original", args=[case.number, key]), "label": _("查看原图")})
    return {
        "url": reverse("files:picture", args=[key]),
        "thumb_url": reverse("files:thumbnail", args=[key]),
        "alt": label,
        "caption": f"{label} {moment_words(each.at)}",
        "acts": acts,
        "at": each.at,
        "purpose": each.purpose,
    }


def _first(photos: Sequence[dict[str, Any]], *purposes: str) -> dict[str, Any] | None:
    return next((photo for photo in photos if photo["purpose"] in purposes), None)


def _comments(case: Case) -> list[dict[str, Any]]:
    comments: list[Comment] = list(case.comments.select_related("by").order_by("at", "id"))
    offices = offices_of({each.by_id for each in comments if each.by_id})
    return [
        {
            "who": f"{offices.get(each.by_id, '')} {each.by}".strip() if each.by_id else _("反映人"),
            "kind": each.get_kind_display(),
            "at": each.at,
            "text": each.text,
            "is_inside": not each.is_for_reporter,
        }
        for each in comments
    ]


def contact_of(case: Case) -> Contact | None:
    """Return who reported, masked: the family name, and the last digits of the number."""
    reporter = Reporter.objects.filter(case=case).first()
    is_more = bool(reporter and reporter.words) or any(case.comments.values_list("original", flat=True))
    if reporter is None or not (reporter.name or reporter.phone):
        return Contact("", "", is_more) if is_more else None
    return Contact(masked_name(reporter.name), masked_phone(reporter.phone), is_more)
