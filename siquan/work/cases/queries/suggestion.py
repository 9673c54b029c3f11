"""The category a text suggests, from the model of this installation; how good its suggestions were."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from django.conf import settings
from django.db.models import Count, F
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.city.rules.queries import CategoryEntry
from siquan.work.cases.decisions import CategoryDecision
from siquan.work.cases.models import Case
from siquan.work.cases.services.ruling import book_on
from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.calibration import Bin, reliability
from siquan.work.cases.suggestion.model import Model

SHIPPED: Final = Path(modelfile.__file__).with_name("pretrained") / "demo-pack.model"
LIKELY: Final = 0.5  # from here on a resident is asked whether it is this one
VERY_LIKELY: Final = 0.9
MOST_CORRECTED: Final = 20
WINDOW: Final = timedelta(days=90)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Suggested:
    """A category in force that the words suggest, and why."""

    category: CategoryEntry
    probability: float
    is_sure: bool
    because: tuple[str, ...]
    model: str

    @property
    def percent(self) -> int:
        """Return the probability as a whole number of a hundred; nothing is certain."""
        return min(round(100 * self.probability), 99)

    @property
    def is_likely(self) -> bool:
        """Return whether it is worth asking a resident about it."""
        return self.is_sure or self.probability >= LIKELY

    @property
    def how_sure(self) -> str:
        """Return the probability in words."""
        if self.is_sure and self.probability >= VERY_LIKELY:
            return _("把握很大")
        return _("比较有把握") if self.is_sure else _("说不准")


@dataclass(frozen=True)
class _Loaded:
    model: Model
    version: str


def model_path() -> Path:
    """Return the file of the model in use: the installation's own, or the one that comes along."""
    own = Path(settings.SUGGESTION_MODEL)
    return own if own.exists() else SHIPPED


def version_in_use() -> str:
    """Return the version of the model in use, nothing when there is none that can be read."""
    loaded = _loaded()
    return loaded.version if loaded else ""


def known_until() -> datetime | None:
    """Return up to when what was chosen is no news to the model in use; None when all of it is."""
    loaded = _loaded()
    about = loaded.model.about if loaded else {}
    told = about.get("corrections_until") or (about.get("trained_at") if about.get("corrections") else None)
    try:
        until = parse_datetime(str(told))
    except ValueError:  # a file from elsewhere may say anything
        return None
    return timezone.make_aware(until) if until and timezone.is_naive(until) else until


def _loaded() -> _Loaded | None:
    path = model_path()
    try:
        return _load(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=2)
def _load(path: Path, changed: int) -> _Loaded | None:
    """Read the model once for each state of its file; a broken one must not stop anybody from reporting."""
    try:
        return _Loaded(modelfile.load_from(path), modelfile.version_of(path.read_bytes()))
    except modelfile.NotAModel as error:
        log.error("the model %s suggests nothing: %s", path, error)
        return None


def suggestion(text: str, *, at: datetime, why: bool = True) -> Suggested | None:
    """Return the category the words suggest, None when the model knows none that is in force."""
    return suggestions([text], at=at, why=why)[0]


def suggestion_for(case: Case, at: datetime) -> Suggested | None:
    """Return the category a case's words suggest."""
    return suggestion(said_of(case), at=at)


def said_of(case: Case) -> str:
    """Return a case's words as a model reads them: the title first, when it says more than the words."""
    return f"{case.title}。{case.text}" if case.title and case.title not in case.text else case.text


def suggestions(texts: Sequence[str], *, at: datetime, why: bool = False) -> list[Suggested | None]:
    """Return the category each text suggests; thousands a second."""
    loaded = _loaded()
    leaves = _leaves(timezone.localdate(at))
    if loaded is None or not leaves:
        return [None] * len(texts)
    found: list[Suggested | None] = []
    for text, each in zip(texts, loaded.model.suggest(texts, why=why), strict=True):
        category = leaves.get(each.label) if text.strip() else None
        because = tuple(reason.words for reason in each.because)
        found.append(
            Suggested(category, each.probability, each.is_sure, because, loaded.version) if category else None
        )
    return found


def _leaves(on: date) -> dict[str, CategoryEntry]:
    try:
        book = book_on(on)
    except NotFound:
        return {}
    return {entry.code: entry for entry in book.leaf_categories}


@dataclass(frozen=True)
class Corrected:
    """A suggestion that staff changed, how often, to what."""

    suggested: str
    chosen: str
    times: int


@dataclass(frozen=True)
class ReliabilityRow:
    """Suggestions of about one probability, in whole hundredths: what was said, what was right."""

    said: int
    right: int
    top: int
    count: int
    low: int
    high: int


@dataclass(frozen=True)
class Record:
    """How suggestions fared at filing since a day."""

    at: datetime
    since: datetime
    suggested: int
    accepted: int
    sure: int
    sure_accepted: int
    bins: tuple[Bin, ...]
    corrected: tuple[Corrected, ...]
    model: str
    own_model: bool
    letters: int | None

    @property
    def rows(self) -> list[ReliabilityRow]:
        """Return the bins as rows of a table and points of a chart of 100 by 100, its origin at the top."""
        return [
            ReliabilityRow(
                said=round(100 * each.said),
                right=round(100 * each.right / each.count),
                top=100 - round(100 * each.right / each.count),
                count=each.count,
                low=round(100 * each.low),
                high=round(100 * each.high),
            )
            for each in self.bins
        ]

    @property
    def changed(self) -> int:
        """Return how many suggestions were changed."""
        return self.suggested - self.accepted


def suggestion_record(at: datetime) -> Record:
    """Return how suggestions fared in the last three months: three statements, whatever was filed."""
    since = at - WINDOW
    decided = CategoryDecision.objects.filter(district_id=current_district(), at__gte=since)
    rows = list(decided.values_list("probability", "is_sure", "suggested", "chosen"))
    chance = np.array([row[0] for row in rows])
    right = np.array([row[2] == row[3] for row in rows], dtype=bool)
    sure = np.array([row[1] for row in rows], dtype=bool)
    loaded = _loaded()
    letters = loaded.model.about.get("letters") if loaded else None
    return Record(
        at=at,
        since=since,
        suggested=len(rows),
        accepted=int(right.sum()),
        sure=int(sure.sum()),
        sure_accepted=int((right & sure).sum()),
        bins=tuple(reliability(chance, right)) if rows else (),
        corrected=_corrected(since),
        model=loaded.version if loaded else "",
        own_model=model_path() != SHIPPED,
        letters=letters if isinstance(letters, int) else None,
    )


def _corrected(since: datetime) -> tuple[Corrected, ...]:
    changed = CategoryDecision.objects.filter(district_id=current_district(), at__gte=since)
    counted = (
        changed.exclude(suggested=F("chosen"))
        .order_by()
        .values_list("suggested", "chosen")
        .annotate(times=Count("id"))
        .order_by("-times", "suggested", "chosen")[:MOST_CORRECTED]
    )
    names = {code: str(entry) for code, entry in _leaves(timezone.localdate()).items()}
    return tuple(Corrected(names.get(one, one), names.get(two, two), times) for one, two, times in counted)
