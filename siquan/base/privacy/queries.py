"""What one can ask: the classes with their days, and what is gone."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from django.db.models import Max, Sum
from django.utils.translation import get_language

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.base.privacy import registry
from siquan.base.privacy.models import PersonRequest, RetentionRule, Tombstone

CLASSES = Path(__file__).parent / "classes.yaml"


@dataclass(frozen=True)
class DataClass:
    """A class of personal data, and for how long it is kept."""

    kind: str
    name: str
    name_en: str
    after: str
    after_en: str
    days: int
    least: int
    source: str

    def __str__(self) -> str:
        return self.name_en if _is_english() else self.name

    @property
    def after_words(self) -> str:
        """Return from when the days are counted, in the reader's language."""
        return self.after_en if _is_english() else self.after

    def before(self, at: datetime) -> datetime:
        """Return the time before which things of this class are to be gone."""
        return at - timedelta(days=self.days)


def _is_english() -> bool:
    return (get_language() or "zh").startswith("en")


@functools.cache
def _shipped() -> tuple[DataClass, ...]:
    return tuple(DataClass(**row) for row in yaml.safe_load(CLASSES.read_text(encoding="utf-8")))


def data_classes() -> list[DataClass]:
    """Return the classes with the days in force."""
    newest = (
        RetentionRule.objects.filter(district_id=current_district()).order_by("kind", "-id").distinct("kind")
    )
    rules = {rule.kind: rule for rule in newest}
    return [
        replace(each, days=rules[each.kind].days, source=rules[each.kind].source)
        if each.kind in rules
        else each
        for each in _shipped()
    ]


def data_class(kind: str) -> DataClass:
    """Return one class with the days in force. Raises NotFound."""
    found = next((each for each in data_classes() if each.kind == kind), None)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Standing:
    """A class, how many things of it are over, and how many are gone."""

    data_class: DataClass
    due: int
    gone: int
    last: datetime | None


def standing(at: datetime) -> list[Standing]:
    """Return for each class what is due now and what is gone already."""
    counted = Tombstone.objects.filter(district_id=current_district()).values_list("kind")
    gone = {kind: (count, last) for kind, count, last in counted.annotate(Sum("count"), Max("at"))}
    due = {keeper.kind: keeper.due for keeper in registry.keepers()}
    return [
        Standing(
            each,
            due[each.kind](each.before(at)) if each.kind in due else 0,
            *gone.get(each.kind, (0, None)),
        )
        for each in data_classes()
    ]


def recent_requests(count: int = 20) -> Sequence[PersonRequest]:
    """Return who asked for somebody's data last, and why."""
    found = PersonRequest.objects.filter(district_id=current_district())
    return list(found.select_related("by").order_by("-id")[:count])
