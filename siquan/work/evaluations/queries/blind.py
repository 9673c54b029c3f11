"""What an evaluator sees: before, after, what it is about; never the unit, the people or what was claimed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from siquan.base.files.models import StoredFile
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.masking import masked_text
from siquan.city.units.models import Unit
from siquan.work.cases.models import Case, CasePhoto
from siquan.work.evaluations.models import AFTER, BEFORE, Assignment
from siquan.work.evaluations.permissions import is_outsider
from siquan.work.evaluations.states import State

SHORTEST_NAME = 2


@dataclass(frozen=True)
class Sheet:
    """One case as an evaluator sees it: plain words and pictures, no row of the case itself."""

    key: int
    position: int
    total: int
    left: int
    category: str
    place: str
    text: str
    before: Sequence[dict[str, Any]]
    after: Sequence[dict[str, Any]]
    verdict: str
    note: str
    is_open: bool


@dataclass(frozen=True)
class Mine:
    """What was given to one evaluator in one open round."""

    title: str
    due_on: Any
    rows: Sequence[tuple[int, int, str]]  # key, position in one's own list, verdict in words
    left: int
    next_key: int | None


def _given_to(user: Any) -> Any:
    rows = Assignment.objects.filter(evaluator=user, item__round__state=State.OPEN)
    return rows.select_related("item__round", "judgement").order_by("item__round_id", "item__position", "id")


def mine(user: Any) -> list[Mine]:
    """Return what waits for an evaluator, a round at a time."""
    by_round: dict[int, list[Assignment]] = {}
    for each in _given_to(user):
        by_round.setdefault(each.item.round_id, []).append(each)
    found = []
    for given in by_round.values():
        waiting = [each for each in given if each.judgement_id is None]
        of = given[0].item.round
        rows = [
            (each.pk, number, each.judgement.get_verdict_display() if each.judgement else "")
            for number, each in enumerate(given, start=1)
        ]
        found.append(Mine(of.title, of.due_on, rows, len(waiting), waiting[0].pk if waiting else None))
    return found


def waiting_count(user: Any) -> int:
    """Return how many cases still wait for an evaluator's judgement."""
    waiting: int = _given_to(user).filter(judgement=None).count()
    return waiting


def sheet_of(user: Any, assignment_id: int) -> Sheet:
    """Return one case as its evaluator may see it. Raises NotFound."""
    given = list(_given_to(user))
    here = next((number for number, each in enumerate(given) if each.pk == assignment_id), None)
    if here is None or not is_outsider(user):
        raise NotFound
    assignment = given[here]
    rows = Case.objects.select_related("category", "block", "site").defer("block__boundary")
    case = rows.get(pk=assignment.item.case_id)
    photos = list(case.photos.select_related("file").order_by("at", "id"))
    said = assignment.judgement
    return Sheet(
        key=assignment.pk,
        position=here + 1,
        total=len(given),
        left=sum(each.judgement_id is None for each in given),
        category=str(case.category) if case.category else "—",
        place=_roughly(case),
        text=without_units(masked_text(case.text)),
        before=_pictures([each for each in photos if each.purpose in BEFORE], gettext("处置前")),
        after=_pictures([each for each in photos if each.purpose in AFTER], gettext("处置后")),
        verdict=said.verdict if said else "",
        note=said.note if said else "",
        is_open=True,
    )


def _roughly(case: Case) -> str:
    """Return what kind of place it is; a street would name the office that answers for it."""
    kind = case.block.get_kind_display() if case.block and case.block.kind else ""
    parts = [gettext("%(kind)s街区") % {"kind": kind} if kind else ""]
    parts.append(gettext("道路或胡同") if case.road_class else "")
    return gettext("、").join(str(each) for each in parts if each) or "—"


def without_units(text: str) -> str:
    """Return the words without the names of units, long or short."""
    names = {
        name
        for row in Unit.objects.values_list("name", "short_name", "name_en")
        for name in row
        if len(name) >= SHORTEST_NAME
    }
    if not names:
        return text
    listed = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in listed)
    return re.sub(pattern, gettext("〔某单位〕"), text, flags=re.IGNORECASE)


def _pictures(photos: Sequence[CasePhoto], label: str) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("files:picture", args=[each.file.key]),
            "thumb_url": reverse("files:thumbnail", args=[each.file.key]),
            "alt": label,
            "caption": label,
        }
        for each in photos
    ]


def sees_photo(request: HttpRequest, file: StoredFile) -> bool:
    """Tell whether a photo belongs to a case that was given to this evaluator and can still be judged."""
    if not is_outsider(request.user):
        return False
    cases = _given_to(request.user).values("item__case_id")
    shown = CasePhoto.objects.filter(file=file, case_id__in=cases, purpose__in=(*BEFORE, *AFTER))
    return shown.exists()
