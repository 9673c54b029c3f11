"""One year of cases: when, where, what, and how each went; drawn with a fixed seed, told as lives.

Category mix, places and hours come from `data/`; how long staff take and how often something goes another
way is assumed. All acts of staff fall into working time.
"""

from __future__ import annotations

import csv
import functools
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from siquan.base.kernel.limits import Unit as Measure
from siquan.base.kernel.workcalendar import WorkCalendar
from siquan.city.places import queries as places
from siquan.city.places.models import Site
from siquan.city.rules import queries as rules
from siquan.city.rules.queries import Responsibility
from siquan.demo.people import SURNAMES, People
from siquan.demo.words import NOTE_VERBS, NOTES, WHERE, sentences_for
from siquan.work.cases.models import Source
from siquan.work.cases.services.bulk import Deed, Life

DATA = Path(__file__).parent / "data"
CHUNK = 2000
JITTER = 0.0003  # degrees, about 30 m: people stand beside what they report
HOT_SPOTS = 40
HOT_SHARE = 0.06
SOURCES = (Source.SNAPSHOT, Source.HOTLINE, Source.GRID)
SOURCE_SHARES = (0.35, 0.40, 0.25)  # assumed

# How a case goes: the verbs, and how many of a hundred go this way (assumed).
WAYS: tuple[tuple[float, tuple[str, ...]], ...] = (
    (79.0, ("file", "dispatch", "accept", "report-done", "verify-pass", "close")),
    (5.0, ("reject",)),
    (
        5.0,
        ("file", "dispatch", "accept", "report-done", "verify-fail", "report-done", "verify-pass", "close"),
    ),
    (4.0, ("file", "dispatch", "return", "dispatch", "accept", "report-done", "verify-pass", "close")),
    (2.0, ("file", "dispatch", "accept", "reassign", "accept", "report-done", "verify-pass", "close")),
    (3.0, ("file", "dispatch", "accept", "supervise", "report-done", "verify-pass", "close")),
    (
        1.5,
        ("file", "dispatch", "accept", "report-done", "verify-pass", "close")
        + ("reopen", "dispatch", "accept", "report-done", "verify-pass", "close"),
    ),
    (0.5, ("file", "void")),
)
# Typical working minutes each act takes (log-normal around them); report-done follows the time limit.
MINUTES = {"file": 40, "reject": 50, "dispatch": 20, "accept": 45, "verify-pass": 150, "verify-fail": 150}
MINUTES |= {"close": 60, "return": 60, "reassign": 90, "supervise": 120, "reopen": 600, "void": 30}
LATE_SHARE = 0.08  # of handling, assumed

# Category (or its beginning) → factor per month, January first; assumed.
SEASONS: dict[str, tuple[float, ...]] = {
    "900401": (4, 3, 2, 0.1, 0, 0, 0, 0, 0, 0.3, 4, 4),
    "200112": (6, 4, 0.5, 0, 0, 0, 0, 0, 0, 0, 0.5, 4),
    "200111": (0, 0, 0.2, 0.5, 1, 2, 5, 4, 1, 0.3, 0, 0),
    "900402": (0.3, 0.3, 0.5, 0.7, 1, 2, 4, 3, 1, 0.5, 0.4, 0.3),
    "200104": (0.7, 0.7, 1, 1, 1, 1, 1, 1, 1, 1.6, 2, 1),
    "900103": (0.3, 0.3, 0.7, 1.2, 1.6, 1.8, 1.8, 1.6, 1.3, 0.9, 0.5, 0.3),
}
HOUR_BIAS = np.array([1, 1, 1, 1, 1, 2, 5, 9, 12, 12, 11, 10, 8, 8, 10, 11, 10, 9, 8, 7, 6, 4, 2, 1])


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a data file of the demo district."""
    path = DATA / name
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return list(csv.DictReader(text.splitlines()))


@dataclass(frozen=True, slots=True)
class Spot:
    """A site as the year sees it."""

    key: int
    name: str
    road_class: str
    is_road: bool


class Year:
    """Draws the cases of the year that ends at `until`."""

    def __init__(self, *, cases: int, seed: int, until: datetime, people: People) -> None:
        self.cases, self.seed, self.until, self.people = cases, seed, until, people
        self.first = timezone.localdate(until) - timedelta(days=364)
        day = timezone.localdate(until)
        self.book = rules.rulebook(rules.pack_in_force(day))
        self.calendar: WorkCalendar = rules.calendar_in_force(day)
        self.leaves = [each for each in self.book.leaf_categories]
        self.areas = places.areas_on(day).by_id

    @cached_property
    def mix(self) -> npt.NDArray[np.float64]:
        """The share of each leaf category, a row a month."""
        given = {row["category"]: float(row["weight"]) for row in rows("case_mix.csv")}
        base = np.array([given.get(each.code, 0.0) for each in self.leaves])
        months = np.tile(base, (12, 1))
        for column, each in enumerate(self.leaves):
            for beginning, factors in SEASONS.items():
                if each.code.startswith(beginning):
                    months[:, column] *= np.array(factors)
        shares: npt.NDArray[np.float64] = months.cumsum(axis=1) / months.sum(axis=1, keepdims=True)
        return shares

    @cached_property
    def spots(self) -> tuple[list[Spot], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The sites people name, their positions, and how often each is the place of a case (cumulated)."""
        sites = list(Site.objects.select_related("cell").defer("cell__boundary").order_by("code"))
        residents = {row["cell"]: float(row["residents"]) for row in rows("population.csv.gz")}
        present = {
            row["cell"]: sum(float(value) for hour, value in row.items() if hour != "cell") / 24
            for row in rows("activity.csv.gz")
        }
        codes = [site.cell.code if site.cell else "" for site in sites]
        crowd = {code: codes.count(code) for code in set(codes)}
        weights = np.array(
            [(0.6 * residents.get(code, 0) + 0.4 * present.get(code, 0) + 5) / crowd[code] for code in codes]
        )
        positions = np.array([(site.lon, site.lat) for site in sites])
        spots = [Spot(site.pk, site.name, site.road_class, site.kind in {"road", "alley"}) for site in sites]
        return spots, positions, weights.cumsum() / weights.sum()

    @cached_property
    def hot(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Hot spots: a site and the category that comes back there."""
        spots, _, shares = self.spots
        random = np.random.default_rng([self.seed, 1])
        where = np.searchsorted(shares, random.random(HOT_SPOTS))
        what = np.searchsorted(self.mix[6], random.random(HOT_SPOTS))
        return where.clip(0, len(spots) - 1), what.clip(0, len(self.leaves) - 1)

    @cached_property
    def times(self) -> npt.NDArray[np.int64]:
        """When cases are reported, in order: more on working days, by the hours of `activity.csv`."""
        random = np.random.default_rng([self.seed, 0])
        days = np.arange(365)
        weekday = np.array([(self.first + timedelta(days=int(day))).weekday() for day in days])
        weights = np.where(weekday < 5, 1.0, 0.62)
        drawn = random.choice(days, size=self.cases, p=weights / weights.sum())
        present = np.zeros(24)
        for row in rows("activity.csv.gz"):
            present += np.array([float(row[f"{hour:02d}:00"]) for hour in range(24)])
        hours = present * HOUR_BIAS
        hour = random.choice(24, size=self.cases, p=hours / hours.sum())
        seconds = drawn * 86400 + hour * 3600 + random.integers(0, 3600, self.cases)
        times: npt.NDArray[np.int64] = self._midnight + seconds.astype(np.int64)
        times[times >= self._end] -= 86400  # the last day is only as long as it is now
        times.sort()
        return times

    @property
    def chunks(self) -> int:
        """In how many chunks the year is told; each is drawn with a seed of its own, so in any order."""
        return -(-len(self.times) // CHUNK)

    def lives(self, chunk: int) -> Iterator[Life]:
        """Yield the cases of a chunk in the order in which they were reported."""
        random = np.random.default_rng([self.seed, 2, chunk])
        times = self.times[chunk * CHUNK : (chunk + 1) * CHUNK]
        count = len(times)
        spots, positions, shares = self.spots
        where = np.searchsorted(shares, random.random(count)).clip(0, len(spots) - 1)
        month = ((times + 8 * 3600) // 86400).astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
        draws = random.random(count)
        what = (self.mix[month] < draws[:, None]).sum(axis=1).clip(0, len(self.leaves) - 1)
        hot = np.flatnonzero(random.random(count) < HOT_SHARE)
        chosen = random.integers(0, HOT_SPOTS, len(hot))
        where[hot], what[hot] = self.hot[0][chosen], self.hot[1][chosen]
        points, found = self._places(positions[where], random)
        way = np.searchsorted(_WAY_SHARES, random.random(count) * _WAY_SHARES[-1])
        acts = self._acts(times, what, way, random)
        source = np.searchsorted(np.cumsum(SOURCE_SHARES), random.random(count)).clip(0, len(SOURCES) - 1)
        columns = (times, where, what, found.street, found.community, found.block, found.cell, source, way)
        drawn = zip(
            range(chunk * CHUNK, chunk * CHUNK + count),
            *(column.tolist() for column in columns),
            points.round(6).tolist(),
            random.random((count, 8)).tolist(),
            acts.tolist(),
            strict=True,
        )
        for each in drawn:
            yield self._life(_Drawn(*each))

    def _places(
        self, sites: npt.NDArray[np.float64], random: np.random.Generator
    ) -> tuple[npt.NDArray[np.float64], places.Located]:
        """Return where people stood, beside the sites, and the divisions they stood in."""
        day = timezone.localdate(self.until)
        points = sites + random.normal(0, JITTER, sites.shape)
        outside = ~places.locate_many(points[:, 0], points[:, 1], on=day).inside
        points[outside] = sites[outside]  # beside a site on the border: on the site itself
        return points, places.locate_many(points[:, 0], points[:, 1], on=day)

    def _acts(
        self,
        times: npt.NDArray[np.int64],
        what: npt.NDArray[np.int64],
        way: npt.NDArray[np.int64],
        random: np.random.Generator,
    ) -> npt.NDArray[np.int64]:
        """Return when each case's verbs happened, a row a case: every delay runs in working time."""
        acts = np.zeros((len(times), _STEPS.shape[1]), dtype=np.int64)
        now, handling = times // 60, self._handling_minutes(what, random)
        for step in range(_STEPS.shape[1]):
            goes_on = np.flatnonzero(_STEPS[way, step] >= 0)
            delay = _STEPS[way[goes_on], step] * random.lognormal(0, 0.7, len(goes_on))
            done = _IS_DONE[way[goes_on], step]
            delay[done] = handling[goes_on][done]
            now[goes_on] = self.calendar.office.add_many(now[goes_on], np.maximum(1, delay).astype(np.int64))
            acts[:, step] = now * 60
        return acts

    def _handling_minutes(
        self, what: npt.NDArray[np.int64], random: np.random.Generator
    ) -> npt.NDArray[np.float64]:
        """Return how many working minutes handling takes: part of the limit, beyond it for a few."""
        limits = self._limits[what]
        share = random.beta(2.2, 2.6, len(limits)) * 0.9
        late = random.random(len(limits)) < LATE_SHARE
        share[late] = 1.02 + random.exponential(0.6, late.sum())
        return limits * share - 45

    @cached_property
    def _limits(self) -> npt.NDArray[np.float64]:
        return np.array([self._limit(number) for number in range(len(self.leaves))])

    def _limit(self, what: int) -> float:
        line = self.book.limit_for(self.leaves[what].id, "handling")
        if line is None:
            return 420.0
        # A calendar day holds one working day's minutes, less the weekends.
        per = {Measure.CALENDAR_DAYS: 300, Measure.CALENDAR_HOURS: 20, Measure.URGENT_HOURS: 35}
        return float(line.amount * per.get(line.measure, line.measure.minutes(self.calendar)))

    def _life(self, drawn: _Drawn) -> Life:
        spot, leaf = self.spots[0][drawn.where], self.leaves[drawn.what]
        street, block, luck = drawn.street, drawn.block, drawn.luck
        source, at = SOURCES[drawn.source], drawn.at
        answer = self._answer(leaf.id, drawn)
        unit_id = answer.lead_id if answer else None
        told = self._told(drawn.what)
        where = f"{spot.name}{WHERE[int(luck[0] * len(WHERE))]}"
        is_hotline = source is Source.HOTLINE
        return Life(
            text=told[int(luck[1] * len(told))].format(place=where, name=leaf.name),
            at=at,
            source=source,
            source_ref=f"demo-{drawn.number}" if is_hotline else "",
            title=leaf.name if is_hotline else "",
            address=where,
            category_id=leaf.id,
            lon=drawn.point[0],
            lat=drawn.point[1],
            given_datum="WGS84",
            road_class=spot.road_class,
            street_id=street or None,
            community_id=drawn.community or None,
            block_id=block or None,
            cell_id=drawn.cell or None,
            site_id=spot.key,
            unit_id=unit_id,
            responsibility_id=answer.rule_id if answer else None,
            name=SURNAMES[int(luck[2] * len(SURNAMES))] + ("女士" if luck[3] < 0.5 else "先生")
            if is_hotline
            else "",
            # No phone in China begins with 100000: a demo calls nobody.
            phone=f"100000{drawn.number % 100_000:05d}" if is_hotline else "",
            by=_one(self.people.grid_workers.get(street), luck[4]) if source is Source.GRID else None,
            deeds=self._deeds(drawn, unit_id, answer),
        )

    def _deeds(self, drawn: _Drawn, unit_id: int | None, answer: Responsibility | None) -> list[Deed]:
        """Return what was done until now; a case nobody answers for waits for its dispatch."""
        deeds = []
        for verb, at in zip(WAYS[drawn.way][1], drawn.acts, strict=False):
            if at >= self._end or (verb == "dispatch" and unit_id is None):
                break
            deeds.append(Deed(verb, at, *self._hand(verb, unit_id, answer, drawn)))
        return deeds

    def _hand(
        self, verb: str, unit_id: int | None, answer: Responsibility | None, drawn: _Drawn
    ) -> tuple[int | None, str]:
        """Return who does it, and the words of the journal."""
        luck, people = drawn.luck, self.people
        words = _WORDS.get(verb)
        details = words[int(luck[5] * len(words))] if words else "{}"
        if verb in _SENDS and answer:
            details = _sent_to(unit_id, answer.rule_id, details)
        if verb in _OF_UNIT:
            return _one(people.clerks.get(unit_id or 0), luck[6]), details
        if verb in _ON_SITE:
            return _one(people.checkers.get(drawn.street), luck[6]), details
        if verb in _OF_LEAD:
            return people.lead, details
        return _one(people.dispatchers, luck[7]), details

    def _answer(self, leaf: int, drawn: _Drawn) -> Responsibility | None:
        places_of = (drawn.cell, drawn.block, drawn.community, drawn.street)
        return self.book.responsibility_for(
            leaf,
            division_ids=[place for place in places_of if place],
            block_kind=self.areas[drawn.block].kind if drawn.block else "",
            on=self._days[(drawn.at - self._midnight) // 86400],
        )

    @functools.lru_cache(maxsize=1024)  # noqa: B019 - there is one year, and it lives as long as the build
    def _told(self, what: int) -> tuple[str, ...]:
        return sentences_for(self.leaves[what].code)

    @cached_property
    def _days(self) -> list[date]:
        return [self.first + timedelta(days=day) for day in range(367)]

    @cached_property
    def _end(self) -> int:
        return int(self.until.timestamp())

    @cached_property
    def _midnight(self) -> int:
        first = datetime.combine(self.first, datetime.min.time(), tzinfo=timezone.get_default_timezone())
        return int(first.timestamp())


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What was drawn for one case; numbers of sites, categories and divisions."""

    number: int
    at: int
    where: int
    what: int
    street: int
    community: int
    block: int
    cell: int
    source: int
    way: int
    point: list[float]
    luck: list[float]
    acts: list[int]


def _one(of: list[int] | None, luck: float) -> int | None:
    return of[int(luck * len(of))] if of else None


@functools.lru_cache(maxsize=8192)
def _sent_to(unit_id: int | None, rule_id: int, details: str) -> str:
    return json.dumps({"unit": unit_id, "rule": rule_id, **json.loads(details)}, ensure_ascii=False)


_SENDS = frozenset({"dispatch", "reassign"})
_OF_UNIT = frozenset({"accept", "report-done", "return"})
_ON_SITE = frozenset({"verify-pass", "verify-fail"})
_OF_LEAD = frozenset({"supervise", "void"})
_WORDS = {
    verb: tuple(
        json.dumps({"note" if verb in NOTE_VERBS else "reason": words}, ensure_ascii=False)
        for words in NOTES[verb]
    )
    for verb in NOTES
}
_WAY_SHARES = np.cumsum([share for share, _ in WAYS])
_LONGEST = max(len(verbs) for _, verbs in WAYS)
# A row a way, a column a step: the typical minutes of the act, -1 when the way has ended.
_STEPS = np.array(
    [[MINUTES.get(verb, 30) for verb in verbs] + [-1] * (_LONGEST - len(verbs)) for _, verbs in WAYS]
)
_IS_DONE = np.array(
    [[verb == "report-done" for verb in verbs] + [False] * (_LONGEST - len(verbs)) for _, verbs in WAYS]
)
