"""What there is to learn from, the models that were learned, and how a new one compares with the old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.estimates import wilson
from siquan.work.cases.decisions import CategoryDecision
from siquan.work.cases.learned import LearnedModel
from siquan.work.cases.queries.suggestion import known_until
from siquan.work.cases.states import CHOICES_OF_PEOPLE, LEARNING_NOW, LEARNING_TRANSITIONS, LearningState

LISTED: Final = 20


@dataclass(frozen=True)
class LessonsThere:
    """How many filings there are to learn from, how many of them are news to the model in use."""

    count: int
    fresh: int
    least: int

    @property
    def missing(self) -> int:
        """Return how many more there must be."""
        return max(0, self.least - self.fresh)


def lessons_there() -> LessonsThere:
    """Return what there is to learn from, of the newest decisions; one statement."""
    until = known_until()
    newest = CategoryDecision.objects.filter(district_id=current_district()).order_by("-at", "-id")
    is_news = Q(at__gt=until) if until else Q()
    counted = newest[: settings.SUGGESTION_MOST_LESSONS].aggregate(
        all=Count("case_id", distinct=True), fresh=Count("case_id", distinct=True, filter=is_news)
    )
    return LessonsThere(counted["all"], counted["fresh"], settings.SUGGESTION_LEAST_LESSONS)


def learned_models() -> list[LearnedModel]:
    """Return the newest models and trainings."""
    here = LearnedModel.objects.filter(district_id=current_district())
    return list(here.select_related("by", "used_by").order_by("-id")[:LISTED])


def model_in_use() -> LearnedModel | None:
    """Return the learned model that is in use, None for the one that comes along."""
    here = LearnedModel.objects.filter(district_id=current_district(), state=LearningState.IN_USE)
    return here.first()


def training_now() -> LearnedModel | None:
    """Return the training that waits or is at work."""
    here = LearnedModel.objects.filter(district_id=current_district(), state__in=LEARNING_NOW)
    return here.select_related("by").first()


def learned_model(key: int) -> LearnedModel:
    """Return a model or training. Raises NotFound."""
    here = LearnedModel.objects.filter(district_id=current_district())
    model = here.select_related("by", "used_by").filter(pk=key).first()
    if model is None:
        raise NotFound
    return model


def possible_choices(model: LearnedModel) -> list[str]:
    """Return what may be done with a model now."""
    verbs = [each for each in LEARNING_TRANSITIONS[LearningState(model.state)] if each in CHOICES_OF_PEOPLE]
    return [each for each in verbs if each != "use" or model.has_file]


@dataclass(frozen=True)
class Measure:
    """One figure of two models, side by side, and whether the difference may be chance."""

    name: str
    old: str
    new: str
    difference: str
    verdict: str
    kind: str


@dataclass(frozen=True)
class Compared:
    """Two models on the same letters, for people."""

    letters: int
    more_right: int
    verdict: str
    measures: Sequence[Measure]

    @property
    def less_right(self) -> int:
        """Return how many fewer the new one got right."""
        return -self.more_right


BETTER, WORSE, CHANCE = "better", "worse", "chance"


def compared(model: LearnedModel) -> Compared | None:
    """Return how a model fared beside the one then in use; None without letters to compare on."""
    figures = model.figures
    if not figures.get("letters"):
        return None
    new, old = figures["new"], figures.get("old")
    rows = [
        (_("选对的比例"), _share("right", "letters"), "accuracy", _points),
        (_("各类别平均（宏F1）"), _macro, "macro_f1", _plain),
        (_("说有把握的比例"), _share("sure", "letters"), "sure", _points),
        (_("有把握时选对的比例"), _share("sure_right", "sure"), "", _points),
    ]
    measures = []
    for name, say, key, write in rows:
        bounds = figures.get(key)
        verdict = verdict_of(bounds) if bounds else ""
        measures.append(
            Measure(
                name,
                say(old, figures) if old else "—",
                say(new, figures),
                write(bounds) if bounds else "—",
                _words_of(verdict),
                {BETTER: "good", WORSE: "late"}.get(verdict, "") if key != "sure" else "",
            )
        )
    return Compared(
        letters=figures["letters"],
        more_right=new["right"] - old["right"] if old else 0,
        verdict=verdict_of(figures["accuracy"]) if "accuracy" in figures else "",
        measures=measures,
    )


def verdict_of(bounds: Sequence[float]) -> str:
    """Return whether a difference (value, low, high) says better or worse, or may be chance."""
    _value, low, high = bounds
    if low > 0:
        return BETTER
    return WORSE if high < 0 else CHANCE


def _words_of(verdict: str) -> str:
    return {BETTER: _("新的高"), WORSE: _("新的低"), CHANCE: _("可能只是偶然")}.get(verdict, "")


def _share(part: str, of: str) -> Any:
    def say(tally: dict[str, Any], figures: dict[str, Any]) -> str:
        whole = figures["letters"] if of == "letters" else tally[of]
        if not whole:
            return "—"
        around = wilson(tally[part], whole)
        return _("{share}%（{low}–{high}%）").format(
            share=_tenth(tally[part] / whole), low=round(100 * around.low), high=round(100 * around.high)
        )

    return say


def _macro(tally: dict[str, Any], figures: dict[str, Any]) -> str:
    return f"{tally['macro_f1']:.3f}"


def _tenth(share: float) -> str:
    return f"{100 * share:.1f}"


def _points(bounds: Sequence[float]) -> str:
    value, low, high = (f"{100 * each:+.1f}".replace("-", "−") for each in bounds)
    return _("{value}个百分点（{low} 到 {high}）").format(value=value, low=low, high=high)


def _plain(bounds: Sequence[float]) -> str:
    value, low, high = (f"{each:+.3f}".replace("-", "−") for each in bounds)
    return _("{value}（{low} 到 {high}）").format(value=value, low=low, high=high)
