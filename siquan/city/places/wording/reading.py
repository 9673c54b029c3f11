"""Read a text for the place it means: names, what stands around them, and whether one place is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _

from siquan.base.kernel.coordinates import distance_m
from siquan.city.places.models import AliasSort, Level
from siquan.city.places.names import plain
from siquan.city.places.wording import explaining
from siquan.city.places.wording.answers import (
    POINT_LIKE,
    PRECISION,
    WAYS,
    Candidate,
    Named,
    Outcome,
    Reading,
)
from siquan.city.places.wording.letters import STOP, evened
from siquan.city.places.wording.mentions import SHORT_TEXT, Lexicon, Mention
from siquan.city.places.wording.phrases import PRECISION as OF_CLAIM
from siquan.city.places.wording.phrases import (
    Claim,
    Group,
    Option,
    Phrases,
    Walk,
    is_half_a_crossing,
    number_after,
    walk_after,
)
from siquan.city.places.wording.ways import Spot, Ways

_WIDE: Final = 0.2  # a whole street or community is not a place to send somebody to
_SAME_PLACE_M: Final = 300.0
_CLEARLY_BETTER: Final = 0.05
_SURE: Final = 0.7  # below, the words are only like the name
_SEVERAL: Final = 0.6  # what a slip that fits several names is worth
_BESIDE_M: Final = 150.0
_ELSEWHERE_M: Final = 600.0
_SLIPPABLE: Final = WAYS | {"compound", "metro_station", "park"}
_AFTER_OUTSIDE: Final = 10
_CROSS: Final = "×"

StreetOf = Callable[[float, float], tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class OtherName:
    """Another name of a place; `name` is what the map says, two roads joined by × for a crossing."""

    alias: str
    name: str
    sort: str


class Reader:
    """Knows the names, roads and other names of a day, and reads texts for places."""

    def __init__(
        self, entries: Sequence[Named], roads: Ways, others: Iterable[OtherName], street_of: StreetOf
    ) -> None:
        """Index everything; `street_of` tells the street of a point."""
        self._by_name: dict[str, list[Named]] = defaultdict(list)
        for entry in entries:
            self._by_name[plain(entry.name)].append(entry)
        self._ways, self._street_of = roads, street_of
        self._others: dict[str, list[OtherName]] = defaultdict(list)
        for other in others:
            self._others[evened(other.alias)].append(other)
        self._shown = {name: rows[0].name for name, rows in self._by_name.items()}
        in_texts = [name for name, rows in self._by_name.items() if not all(e.is_too_common() for e in rows)]
        slips = [n for n in in_texts if any(e.kind in _SLIPPABLE for e in self._by_name[n])]
        called = [a for a, told in self._others.items() if told[0].sort == AliasSort.SHORT]
        self._lexicon = Lexicon(
            [*self._by_name, *roads.lines, *self._others],
            ways=roads.lines,
            slips=slips,
            called=called,
        )
        self._phrases = Phrases(roads, is_way=roads.lines.__contains__, pairs=self._pair)

    def read(self, text: str) -> Reading:
        """Find the one place that a text means."""
        even = evened(text)
        mentions = self._lexicon.find(even)
        if not mentions:
            return Reading(None, Outcome.NOTHING, _("文中没有本区的地名。"))
        groups, is_outside = self._groups(even, mentions)
        if not groups:
            reason = _("文中的地名在本区以外。") if is_outside else _("文中没有本区的地名。")
            return Reading(None, Outcome.NOTHING, reason)
        claims, used = self._phrases.read(even, groups)
        rest = [group for i, group in enumerate(groups) if i not in used]
        candidates = [*self._of_claims(claims), *self._of_names(even, rest)]
        roads = [option.name for group in rest for option in group.options if option.name in self._ways.lines]
        return self._judged(
            self._weighed(candidates, rest, roads), claims, roads if len(even) <= SHORT_TEXT else []
        )

    def _groups(self, even: str, mentions: Sequence[Mention]) -> tuple[list[Group], bool]:
        """Return what the mentions may mean; what follows a place outside is left out."""
        groups, outside_until, is_outside = [], -1, False
        for (start, end), same in groupby(mentions, key=lambda m: (m.start, m.end)):
            options = [option for mention in same for option in self._options(mention)]
            if not options:
                outside_until, is_outside = end + _AFTER_OUTSIDE, True
            elif start < outside_until and STOP not in even[outside_until - _AFTER_OUTSIDE : start]:
                outside_until = end + _AFTER_OUTSIDE
            else:
                if len(options) > 1 and min(o.likeness for o in options) < 1:
                    options = [replace(o, likeness=min(o.likeness, _SEVERAL)) for o in options]
                groups.append(Group(start, end, tuple(options)))
        return groups, is_outside

    def _options(self, mention: Mention) -> Iterator[Option]:
        if mention.name in self._by_name or mention.name in self._ways.lines:
            yield Option(mention.name, mention.likeness, mention.written)
        for other in self._others.get(mention.name, ()):
            if other.sort != AliasSort.OUTSIDE:
                name = mention.name if other.sort == AliasSort.CROSSING else plain(other.name)
                yield Option(name, mention.likeness, mention.written, other.sort)

    def _pair(self, name: str) -> tuple[str, str] | None:
        for other in self._others.get(name, ()):
            if other.sort == AliasSort.CROSSING:
                one, _cross, two = other.name.partition(_CROSS)
                return plain(one), plain(two)
        return None

    def _of_claims(self, claims: Iterable[Claim]) -> Iterator[Candidate]:
        for claim in claims:
            if claim.spot is None:
                yield from (
                    self._of_entry(e, o)
                    for o in claim.options
                    for e in self._by_name.get(o.name, ())
                    if e.kind in WAYS
                )
                continue
            lon, lat = claim.spot.at
            street, street_id = self._street_of(lon, lat)
            name = explaining.name_of(claim, self._shown)
            yield Candidate(
                kind=claim.kind if claim.kind in ("crossing", "between") else "door",
                kind_name=_("路口") if claim.kind == "crossing" else _("路上一点"),
                name=name,
                lon=round(lon, 6),
                lat=round(lat, 6),
                accuracy_m=round(claim.spot.accuracy_m, 1),
                street=street,
                street_id=street_id,
                road_class=self._class_of(claim.names),
                score=round(OF_CLAIM[claim.kind] * claim.likeness, 3),
                why=explaining.why_claim(claim, name),
                id=0,
                is_site=False,
                likeness=claim.likeness,
            )

    def _class_of(self, names: Sequence[str]) -> str:
        classes = [e.road_class for name in names for e in self._by_name.get(name, ()) if e.road_class]
        order = ("main", "secondary", "branch", "alley")
        return min(classes, key=lambda c: order.index(c) if c in order else len(order), default="")

    def _of_names(self, even: str, groups: Iterable[Group]) -> Iterator[Candidate]:
        for group in groups:
            walk, _end = walk_after(even, group.end)
            is_stop = even.startswith(("站", "公交", "车站"), group.end)
            for option in group.options:
                entries = self._by_name.get(option.name, [])
                is_half = option.name in self._ways.lines and is_half_a_crossing(even, group)
                meant = replace(option, likeness=min(option.likeness, _SEVERAL)) if is_half else option
                if any(e.kind in WAYS for e in entries) and not is_stop:
                    entries = [e for e in entries if e.kind != "bus_stop"]
                for entry in entries:
                    if not entry.is_too_common() or group.start == 0 == len(even) - group.end:
                        found = self._moved(self._of_entry(entry, meant), entry, walk)
                        yield self._unnumbered(found, even, group)

    def _unnumbered(self, candidate: Candidate, even: str, group: Group) -> Candidate:
        """Return the candidate; where a house number was told that is not known, its reason says so."""
        label = number_after(even, group.end) if candidate.kind in WAYS else ""
        if not label:
            return candidate
        unknown = _("门牌%(number)s号的位置未知，取这条路的中点。") % {"number": label}
        return replace(candidate, why=candidate.why + unknown)

    def _moved(self, candidate: Candidate, entry: Named, walk: Walk | None) -> Candidate:
        if walk is None or not entry.is_site or entry.kind in WAYS:
            return candidate
        if candidate.lon is None or candidate.lat is None or candidate.accuracy_m is None:
            return candidate
        spot = self._phrases.walked(Spot((candidate.lon, candidate.lat), candidate.accuracy_m), walk, ())
        return replace(
            candidate,
            lon=round(spot.at[0], 6),
            lat=round(spot.at[1], 6),
            accuracy_m=round(spot.accuracy_m, 1),
            name=candidate.name + explaining.walked(walk),
        )

    def _of_entry(self, entry: Named, option: Option) -> Candidate:
        precision = PRECISION.get(entry.kind, POINT_LIKE)[0] if entry.is_site else _WIDE
        why = _("文中提到%(kind)s“%(name)s”。") % {"kind": entry.kind_in_words(), "name": entry.name}
        return Candidate(
            kind=entry.kind,
            kind_name=entry.kind_in_words(),
            name=entry.name,
            lon=entry.lon if entry.is_site else None,
            lat=entry.lat if entry.is_site else None,
            accuracy_m=entry.accuracy(),
            street=entry.street,
            street_id=entry.street_id,
            road_class=entry.road_class,
            score=round(precision * option.likeness + 0.01 * min(len(option.name), 10), 3),
            why=why + explaining.noted([option]),
            id=entry.id,
            is_site=entry.is_site,
            likeness=option.likeness,
        )

    def _weighed(
        self, candidates: Sequence[Candidate], rest: Sequence[Group], roads: Sequence[str]
    ) -> list[Candidate]:
        """Return the candidates best first: the street and the road that the text names speak for some."""
        said = {
            entry.street_id
            for group in rest
            for option in group.options
            for entry in self._by_name.get(option.name, ())
            if entry.kind == Level.STREET
        }
        weighed = []
        for candidate in candidates:
            score = candidate.score
            if candidate.lon is not None and said:
                score += 0.1 if candidate.street_id in said else -0.1
            if candidate.kind not in WAYS and self._is_beside(candidate, roads):
                score += 0.06
            weighed.append(replace(candidate, score=round(score, 3)))
        return sorted(weighed, key=lambda c: (-c.score, c.kind, c.id))

    def _is_beside(self, candidate: Candidate, roads: Sequence[str], metres: float = _BESIDE_M) -> bool:
        if candidate.lon is None or candidate.lat is None:
            return False
        at = candidate.lon, candidate.lat
        near = (self._ways.nearest(road, at) for road in roads)
        return any(spot and spot.accuracy_m <= metres for spot in near)

    def _judged(
        self, candidates: Sequence[Candidate], claims: Sequence[Claim], roads: Sequence[str]
    ) -> Reading:
        kept = _one_per_place(candidates)
        if not kept:
            return Reading(None, Outcome.NOTHING, _("文中没有本区的地名。"))
        best, all_ = kept[0], tuple(kept)
        if best.lon is None:
            reason = _("文中只提到%(name)s，还不能确定到一个点。") % {"name": best.name}
            return Reading(None, Outcome.TOO_WIDE, reason, all_)
        if doubt := _doubt(kept, claims) or self._contradiction(best, roads):
            return Reading(None, Outcome.AMBIGUOUS, doubt, all_)
        return Reading(best, Outcome.FOUND, best.why, all_)

    def _contradiction(self, best: Candidate, roads: Sequence[str]) -> str:
        """Return why a short text contradicts itself: the place is nowhere near the road it names."""
        others = [road for road in roads if self._shown.get(road) != best.name]
        if others and not self._is_beside(best, others, _ELSEWHERE_M):
            names = {"one": best.name, "other": self._shown.get(others[0], others[0])}
            return _("文中的“%(one)s”与“%(other)s”相距较远，请确认。") % names
        return ""


def _doubt(candidates: Sequence[Candidate], claims: Sequence[Claim]) -> str:
    """Return why no candidate may be chosen; nothing when the best one may."""
    best = candidates[0]
    for claim in claims:
        if claim.spot is None:
            return _("“%(one)s”与“%(other)s”在地图上不相交，请确认。") % {
                "one": claim.names[0],
                "other": claim.names[1],
            }
    for other in candidates[1:]:
        if other.score > best.score - _CLEARLY_BETTER and _apart(best, other) > _SAME_PLACE_M:
            return _("文中的地名可能指%(one)s（%(street)s），也可能指%(other)s（%(other_street)s）。") % {
                "one": best.name,
                "street": best.street,
                "other": other.name,
                "other_street": other.street,
            }
    if best.likeness < _SURE:
        return _("文中的写法像是“%(name)s”，但不能确定。") % {"name": best.name}
    return ""


def _one_per_place(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates without those of the same name within a few steps of a better one."""
    kept: list[Candidate] = []
    for candidate in candidates:
        if not any(c.name == candidate.name and _apart(c, candidate) <= _SAME_PLACE_M for c in kept):
            kept.append(candidate)
    return kept


def _apart(one: Candidate, other: Candidate) -> float:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return 0.0  # an area is no rival of a place
    return distance_m(one.lon, one.lat, other.lon, other.lat)
