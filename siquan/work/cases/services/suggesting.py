"""What follows from a suggested category: kept beside the choice, or taken for a ticket without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from django.db.models import Exists, OuterRef, Value
from django.utils.translation import gettext as _

from siquan.base.accounts.models import User
from siquan.base.kernel.districts import current_district
from siquan.work.cases.decisions import CategoryDecision
from siquan.work.cases.models import Case
from siquan.work.cases.queries.suggestion import Suggested, said_of, suggestion, suggestions
from siquan.work.cases.suggestion.retraining import Lesson


def note_decision(case: Case, *, chosen: str, by: User, at: datetime) -> CategoryDecision | None:
    """Keep what was suggested for a case and what somebody chose; None when nothing was suggested."""
    words = said_of(case)
    found = suggestion(words, at=at, why=False)
    if found is None:
        return None
    return CategoryDecision.objects.create(
        case=case,
        at=at,
        by=by,
        model=found.model,
        text_sha256=sha256(words.encode()).hexdigest(),
        suggested=found.category.code,
        probability=found.probability,
        is_sure=found.is_sure,
        chosen=chosen,
    )


def sure_categories(texts: Sequence[str], *, unknown: Sequence[bool], at: datetime) -> list[Suggested | None]:
    """Return a category for each text whose own is unknown, where the model is sure; the others stay open."""
    asked = [text for text, is_unknown in zip(texts, unknown, strict=True) if is_unknown]
    found = iter(suggestions(asked, at=at) if asked else ())
    drawn = (next(found) if is_unknown else None for is_unknown in unknown)
    return [each if each and each.is_sure else None for each in drawn]


def guessed_words(found: Suggested) -> str:
    """Return the sentence with which a case's history marks a category as suggested."""
    return _("类别“%(category)s”由系统按文字建议（把握%(percent)d%%），立案时请核对。") % {
        "category": found.category,
        "percent": found.percent,
    }


def lessons(*, known_until: datetime | None = None, most: int | None = None) -> Iterator[Lesson]:
    """Give what can be learned: the newest decision of each case whose words are still the same.

    Cases first decided after `known_until` are news. Of very many only the `most` newest decisions count.
    """
    of_here = CategoryDecision.objects.filter(district_id=current_district())
    newest = of_here.order_by("case_id", "-at", "-id").distinct("case_id").select_related("case")
    if most is not None:
        newest = newest.filter(pk__in=of_here.order_by("-at", "-id")[:most].values("pk"))
    known: Exists | Value = Value(False)
    if known_until:
        known = Exists(CategoryDecision.objects.filter(case=OuterRef("case"), at__lte=known_until))
    for each in newest.annotate(is_known=known).iterator(chunk_size=1000):
        words = said_of(each.case)
        if sha256(words.encode()).hexdigest() == each.text_sha256:
            yield Lesson(words, each.chosen, is_fresh=not each.is_known)
