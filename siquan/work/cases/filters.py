"""The filters of the case list: one object for pages, map, export and API; it lives in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.periods import parse_period
from siquan.city.places.models import Division, Level
from siquan.city.rules import queries as rules
from siquan.work.cases.models import CaseQuerySet, Source
from siquan.work.cases.states import FINAL, OPEN, TRANSITIONS, State
from siquan.work.cases.twins import Twin

DUE = {"overdue": _("已超期"), "today": _("今天到期"), "week": _("七天内到期"), "none": _("未计时")}
LONGEST_WORDS = 100
STATES = {"open": OPEN, "ended": sorted(FINAL)}


# Where a case can still be merged; afterwards nobody has to decide any more whether it repeats another.
MERGEABLE = [state for state, verbs in TRANSITIONS.items() if "merge" in verbs]


def undecided() -> QuerySet[Twin]:
    """Return the pairs of which nobody has decided whether they are one matter, while the other is open."""
    return Twin.objects.filter(parted_at=None, other__state__in=OPEN)


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; an empty field does not narrow. Codes are those of the API."""

    q: str = ""
    state: str = ""
    category: str = ""
    division: str = ""
    unit: str = ""
    source: str = ""
    due: str = ""
    period: str = ""
    place: str = ""
    supervised: str = ""
    twins: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Read the filters of a URL; unknown names are ignored. Raises BadInput for unknown values."""
        wanted = {
            each.name: str(query.get(each.name, "")).replace("\x00", "").strip() for each in fields(cls)
        }
        filters = cls(**wanted)
        filters.check()
        return filters

    def check(self) -> None:
        """Raise BadInput for a value that no list has."""
        if len(self.q) > LONGEST_WORDS:
            raise BadInput(_("搜索词太长，请控制在100字以内。"), field="q")
        for each in self.state.split(",") if self.state else []:
            if each not in State and each not in STATES:
                raise BadInput(_("没有这个状态。"), field="state")
        if self.source and self.source not in Source:
            raise BadInput(_("没有这个来源。"), field="source")
        if self.due and self.due not in DUE:
            raise BadInput(_("没有这种时限筛选。"), field="due")
        if self.period:
            parse_period(self.period)

    def as_query(self, **changes: str) -> str:
        """Return the filters as the query part of a URL, without the empty ones."""
        changed = replace(self, **changes)
        pairs = {each.name: getattr(changed, each.name) for each in fields(changed)}
        return urlencode({name: value for name, value in pairs.items() if value})

    def __bool__(self) -> bool:
        """Tell whether anything is narrowed."""
        return any(getattr(self, each.name) for each in fields(self))

    def apply(self, cases: CaseQuerySet, *, at: datetime) -> CaseQuerySet:
        """Return the cases that fit."""
        narrow = self._words() & self._states() & self._due(at) & self._codes() & self._period()
        return cases.filter(narrow)

    def _words(self) -> Q:
        if not self.q:
            return Q()
        digits = "".join(each for each in self.q if each.isdigit())
        found = Q(text__icontains=self.q) | Q(title__icontains=self.q) | Q(address__icontains=self.q)
        return found | Q(number=digits) if len(digits) == 10 else found

    @property
    def states(self) -> list[str]:
        """The states that are wanted; empty means all."""
        wanted: set[str] = set()
        for each in self.state.split(",") if self.state else []:
            wanted.update(STATES.get(each, [each]))
        return sorted(wanted)

    def only(self, *names: str) -> bool:
        """Tell whether nothing else is narrowed."""
        return not any(getattr(self, each.name) for each in fields(self) if each.name not in names)

    def _states(self) -> Q:
        return Q(state__in=self.states) if self.state else Q()

    def _due(self, at: datetime) -> Q:
        tomorrow = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
            days=1
        )
        return {
            "": Q(),
            "overdue": Q(state__in=OPEN, due_at__lt=at, is_paused=False),
            "today": Q(state__in=OPEN, due_at__gte=at, due_at__lt=tomorrow),
            "week": Q(state__in=OPEN, due_at__gte=at, due_at__lt=at + timedelta(days=7)),
            "none": Q(due_at=None),
        }[self.due]

    def _codes(self) -> Q:
        narrow = Q()
        if self.category:
            narrow &= Q(category_id__in=rules.category_ids_below(self.category))
        if self.division:
            narrow &= self._inside()
        if self.unit:
            narrow &= Q(unit__code=self.unit)
        if self.source:
            narrow &= Q(source=self.source)
        if self.place == "missing":
            narrow &= Q(lon=None)
        if self.twins == "1":
            narrow &= Q(state__in=MERGEABLE, pk__in=undecided().values("case"))
        if self.supervised == "1":
            narrow &= Q(is_supervised=True, state__in=OPEN)
        return narrow

    def _inside(self) -> Q:
        """Return the condition on the one column of the division's level, so that its index serves."""
        found = list(Division.objects.filter(code=self.division).values_list("level", "id"))
        if any(level == Level.DISTRICT for level, _key in found):
            return Q()
        keys: dict[str, list[int]] = {}
        for level, key in found:  # a division that was redrawn has several rows of the same code
            keys.setdefault(f"{level}_id__in", []).append(key)
        narrow = Q(pk__in=[])
        for column, ids in keys.items():
            narrow |= Q(**{column: ids})
        return narrow

    def _period(self) -> Q:
        if not self.period:
            return Q()
        period = parse_period(self.period)
        return Q(reported_at__gte=period.start, reported_at__lt=period.end)
