"""What one can ask about appeals: which closing may be appealed against, how it counts, who sees what."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from siquan.base.files.models import StoredFile
from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound, NotPossible
from siquan.base.kernel.periods import Kind, parse_period, period_of
from siquan.city.duties.queries import duties_of
from siquan.insight.scoring.formulas import Verdict
from siquan.insight.scoring.models import Appeal, FormulaPack, Reckoning
from siquan.insight.scoring.outcomes import Outcome
from siquan.insight.scoring.permissions import READERS, RULES, may_appeal, sees_appeal
from siquan.insight.scoring.population import facts_query
from siquan.insight.scoring.queries.packs import formula_of, pack_for
from siquan.insight.scoring.states import TRANSITIONS, AppealState
from siquan.work.cases.models import Case
from siquan.work.cases.queries import visible_to


@dataclass(frozen=True)
class Closing:
    """One closing of a case, the unit that brought it there, and the formula it counts by."""

    at: datetime
    unit_id: int
    pack: FormulaPack


def case_to_appeal(user: Any, number: str) -> Case:
    """Return a case by its number for an appeal; one that this person may not see is not found.

    Who may appeal is asked next. Raises BadInput, NotFound.
    """
    found: Case | None = (
        Case.objects.filter(number=parse_number(number), district_id=current_district())
        .select_related("category", "street", "unit")
        .first()
    )
    if found is None or not (may_appeal(user, found) or visible_to(user).filter(pk=found.pk).exists()):
        raise NotFound
    return found


def closing_for(case: Case, user: Any) -> Closing:
    """Return the last closing of a case by a unit this person acts for. Raises NotPossible, NotFound."""
    mine = duties_of(user).unit_ids
    found: list[tuple[datetime, int]] = []
    if case.closed_at and case.unit_id in mine:
        found.append((case.closed_at, case.unit_id))
    closings = case.call_backs.filter(reason="closed", unit_id__in=mine)
    found += closings.values_list("anchor_at", "unit_id")
    if not found:
        raise NotPossible(_("案件还没有结案，不计入三率，不用申诉。"), verb="appeal")
    at, unit_id = max(found)
    return Closing(at, unit_id, pack_for(period_of(at, Kind.MONTH)))


def appeal_until(closing: Closing) -> datetime:
    """Return until when a closing can be appealed against, by its formula."""
    return closing.at + timedelta(days=formula_of(closing.pack).appeal_days)


def outcome_of(case_id: int, reckoning: Reckoning) -> Outcome | None:
    """Return how one case came out, as a reckoning saw it; None when it does not belong to its period."""
    return _outcome(case_id, reckoning.period, reckoning.pack, reckoning.known_at)


def verdicts_of(case: Case, closing: Closing, at: datetime) -> list[Verdict]:
    """Return how a closing counts by what is known, appeals not regarded."""
    outcome = _outcome(case.pk, period_of(closing.at, Kind.MONTH).code, closing.pack, at)
    return formula_of(closing.pack).judge(outcome) if outcome else []


def _outcome(case_id: int, period: str, pack: FormulaPack, known_at: datetime) -> Outcome | None:
    formula = formula_of(pack)
    found = facts_query(
        parse_period(period),
        window=formula.window,
        known_at=known_at,
        facts=formula.facts,
        case_id=case_id,
    )
    columns = ", ".join(f"f.{each.name}" for each in fields(Outcome))
    with connection.cursor() as cursor:
        cursor.execute(f"with {found.text} select {columns} from facts f", found.given)  # noqa: S608
        row = cursor.fetchone()
    return Outcome(*row) if row else None


def appeals_for(user: Any, state: str = "") -> models.QuerySet[Appeal]:
    """Return the appeals a person may see, newest first, with what a list shows."""
    found = Appeal.objects.filter(district_id=current_district())
    held = duties_of(user)
    if not held.holds(*READERS):
        found = found.filter(unit_id__in=held.unit_ids)
    if state:
        found = found.filter(state=state)
    found = found.select_related("case", "unit", "pack", "asked_by", "decided_by")
    return found.prefetch_related("decisions").order_by("-id")


def appeal_by_id(user: Any, appeal_id: int) -> Appeal:
    """Return one appeal that this person may see. Raises NotFound."""
    found = appeals_for_all().filter(pk=appeal_id).first()
    if found is None or not sees_appeal(user, found):
        raise NotFound
    return found


def appeals_for_all() -> models.QuerySet[Appeal]:
    """Return every appeal of the district with the rows its page shows."""
    found = Appeal.objects.filter(district_id=current_district())
    return found.select_related("case", "case__street", "unit", "pack", "asked_by", "decided_by")


def waiting_appeals(user: Any) -> int:
    """Return how many appeals wait for this person's decision."""
    held = duties_of(user)
    if not held.holds("centre_lead"):
        return 0
    waiting = Appeal.objects.filter(district_id=current_district(), state=AppealState.ASKED)
    own = models.Q(unit_id__in=held.unit_ids) | models.Q(asked_by_id=user.pk)
    return waiting.exclude(own | models.Q(case__handler_ids__contains=[user.pk])).count()


def possible_verbs(user: Any, appeal: Appeal) -> list[str]:
    """Return what this person may do to this appeal now."""
    verbs = [verb for verb in TRANSITIONS[AppealState(appeal.state)] if RULES[verb](user, appeal)]
    return verbs if formula_of(appeal.pack).grounds else [verb for verb in verbs if verb != "revise"]


def sees_photo(request: HttpRequest, file: StoredFile) -> bool:
    """Tell whether a photo of an appeal may be shown: to who may see the appeal."""
    found = Appeal.objects.filter(photos__file=file)
    return any(sees_appeal(request.user, each) for each in found)
