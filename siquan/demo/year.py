"""One year of cases: when, where, what, and how each went; drawn with a fixed seed, told as lives.

Category mix, places and hours come from `data/`; how long staff take and how often something goes another
way is assumed. All acts of staff fall into working time.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from siquan.base.kernel.limits import Unit as Measure
from siquan.base.kernel.workcalendar import WorkCalendar
from siquan.city.places import queries as places
from siquan.city.places.models import Site
from siquan.city.rules import queries as rules
from siquan.demo.people import People
from siquan.demo.words import NOTES, WHERE, sentences_for
from siquan.work.cases.models import Source
from siquan.work.cases.services.bulk import Deed, Life

DATA = Path(__file__).parent / "data"
CHUNK = 5000
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
        self.cases, self.until, self.people = cases, until, people
        self.random = np.random.default_rng(seed)
        self.first = timezone.localdate(until) - timedelta(days=365)
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
        where = np.searchsorted(shares, self.random.random(HOT_SPOTS))
        what = np.searchsorted(self.mix[6], self.random.random(HOT_SPOTS))
        return where.clip(0, len(spots) - 1), what

    def lives(self) -> Iterator[Life]:
        """Yield the cases of the year in the order in which they were reported."""
        times = self._times()
        for begin in range(0, len(times), CHUNK):
            yield from self._chunk(times[begin : begin + CHUNK])

    def _times(self) -> npt.NDArray[np.int64]:
        """Return when cases are reported, in order: more on working days, by the hours of `activity.csv`."""
        days = np.arange(365)
        weekday = np.array([(self.first + timedelta(days=int(day))).weekday() for day in days])
        weights = np.where(weekday < 5, 1.0, 0.62)
        drawn = self.random.choice(days, size=self.cases, p=weights / weights.sum())
        present = np.zeros(24)
        for row in rows("activity.csv.gz"):
            present += np.array([float(row[f"{hour:02d}:00"]) for hour in range(24)])
        hours = present * HOUR_BIAS
        hour = self.random.choice(24, size=self.cases, p=hours / hours.sum())
        midnight = datetime.combine(self.first, datetime.min.time(), tzinfo=timezone.get_default_timezone())
        seconds = drawn * 86400 + hour * 3600 + self.random.integers(0, 3600, self.cases)
        times = int(midnight.timestamp()) + np.sort(seconds.astype(np.int64))
        # The last day is only as long as it is now.
        return times[times < int(self.until.timestamp())]

    def _chunk(self, times: npt.NDArray[np.int64]) -> Iterator[Life]:
        count = len(times)
        spots, positions, shares = self.spots
        where = np.searchsorted(shares, self.random.random(count)).clip(0, len(spots) - 1)
        month = ((times + 8 * 3600) // 86400).astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
        draws = self.random.random(count)
        what = (self.mix[month] < draws[:, None]).sum(axis=1).clip(0, len(self.leaves) - 1)
        hot = np.flatnonzero(self.random.random(count) < HOT_SHARE)
        chosen = self.random.integers(0, HOT_SPOTS, len(hot))
        where[hot], what[hot] = self.hot[0][chosen], self.hot[1][chosen]
        points = positions[where] + self.random.normal(0, JITTER, (count, 2))
        found = places.locate_many(points[:, 0], points[:, 1], on=timezone.localdate(self.until))
        outside = ~found.inside
        if outside.any():  # beside a site on the border: stand on the site itself
            points[outside] = positions[where[outside]]
            found = places.locate_many(points[:, 0], points[:, 1], on=timezone.localdate(self.until))
        drawn = _Drawn(
            times=times,
            where=where,
            what=what,
            points=points.round(6),
            street=found.street,
            community=found.community,
            block=found.block,
            cell=found.cell,
            way=np.searchsorted(_WAY_SHARES, self.random.random(count) * _WAY_SHARES[-1]),
            source=np.searchsorted(np.cumsum(SOURCE_SHARES), self.random.random(count)),
            luck=self.random.random((count, 8)),
        )
        acts = self._acts(drawn)
        until = int(self.until.timestamp())
        for number in np.flatnonzero(found.inside).tolist():
            yield self._life(drawn, acts[number], number, until)

    def _acts(self, drawn: _Drawn) -> list[list[tuple[str, int]]]:
        """Return each case's verbs with their times: every delay runs in working time, all at once a step."""
        ways = [WAYS[way][1] for way in drawn.way.tolist()]
        longest = max(map(len, ways))
        clock = self.calendar.office
        handling = self._handling_minutes(drawn)
        now = drawn.times // 60
        acts: list[list[tuple[str, int]]] = [[] for _ in ways]
        for step in range(longest):
            verbs = [way[step] if step < len(way) else "" for way in ways]
            typical = np.array([MINUTES.get(verb, 30) for verb in verbs], dtype=float)
            delay = typical * self.random.lognormal(0, 0.7, len(ways))
            done = np.array([verb == "report-done" for verb in verbs])
            delay[done] = handling[done]
            now = clock.add_many(now, np.maximum(1, delay).astype(np.int64))
            for number, (verb, at) in enumerate(zip(verbs, now.tolist(), strict=True)):
                if verb:
                    acts[number].append((verb, at * 60))
        return acts

    def _handling_minutes(self, drawn: _Drawn) -> npt.NDArray[np.float64]:
        """Return how many working minutes handling takes: part of the limit, beyond it for a few."""
        limits = np.array([self._limit(int(what)) for what in drawn.what])
        share = self.random.beta(2.2, 2.6, len(limits)) * 0.9
        late = self.random.random(len(limits)) < LATE_SHARE
        share[late] = 1.02 + self.random.exponential(0.6, late.sum())
        return limits * share - 45

    def _limit(self, what: int) -> float:
        line = self.book.limit_for(self.leaves[what].id, "handling")
        if line is None:
            return 420.0
        # A calendar day holds one working day's minutes, less the weekends.
        per = {Measure.CALENDAR_DAYS: 300, Measure.CALENDAR_HOURS: 20, Measure.URGENT_HOURS: 35}
        return float(line.amount * per.get(line.measure, line.measure.minutes(self.calendar)))

    def _life(self, drawn: _Drawn, acts: list[tuple[str, int]], number: int, until: int) -> Life:
        spot = self.spots[0][int(drawn.where[number])]
        leaf = self.leaves[int(drawn.what[number])]
        luck = drawn.luck[number]
        street, cell = int(drawn.street[number]), int(drawn.cell[number])
        block, community = int(drawn.block[number]), int(drawn.community[number])
        at = int(drawn.times[number])
        answer = self.book.responsibility_for(
            leaf.id,
            division_ids=[cell or None, block or None, street or None],
            block_kind=self.areas[block].kind if block else "",
            on=self._day(at),
        )
        unit_id = answer.lead_id if answer else None
        told = sentences_for(leaf.code)
        where = f"{spot.name}{WHERE[int(luck[0] * len(WHERE))]}"
        source = SOURCES[min(int(drawn.source[number]), 2)]
        text = told[int(luck[1] * len(told))].format(place=where, name=leaf.name)
        verbs = acts if unit_id else acts[:1]
        return Life(
            text=text,
            at=at,
            source=source,
            source_ref=f"demo-{at}-{number}" if source == Source.HOTLINE else "",
            title=leaf.name if source == Source.HOTLINE else "",
            address=where,
            category_id=leaf.id,
            lon=float(drawn.points[number][0]),
            lat=float(drawn.points[number][1]),
            given_datum="WGS84",
            road_class=spot.road_class,
            street_id=street or None,
            community_id=community or None,
            block_id=block or None,
            cell_id=cell or None,
            site_id=spot.key,
            unit_id=unit_id,
            responsibility_id=answer.rule_id if answer else None,
            name=f"{'赵钱孙李周吴郑王'[int(luck[2] * 8)]}{'女士' if luck[3] < 0.5 else '先生'}"
            if source == Source.HOTLINE
            else "",
            by=self._one(self.people.grid_workers.get(street), luck[4]) if source == Source.GRID else None,
            deeds=[
                self._deed(verb, when, unit_id, street, answer, luck) for verb, when in verbs if when < until
            ],
        )

    def _day(self, at: int) -> date:
        return self.first + timedelta(days=(at - self._midnight) // 86400)

    @cached_property
    def _midnight(self) -> int:
        first = datetime.combine(self.first, datetime.min.time(), tzinfo=timezone.get_default_timezone())
        return int(first.timestamp())

    def _deed(
        self, verb: str, at: int, unit_id: int | None, street: int, answer: Any, luck: npt.NDArray[np.float64]
    ) -> Deed:
        details: dict[str, Any] = {}
        if verb in {"dispatch", "reassign"}:
            details = {"unit": unit_id, "rule": answer.rule_id if answer else None}
        if verb in NOTES:
            word = "note" if verb in {"report-done", "verify-pass", "supervise"} else "reason"
            details[word] = NOTES[verb][int(luck[5] * len(NOTES[verb]))]
        if verb in {"accept", "report-done", "return"}:
            by = self._one(self.people.clerks.get(unit_id or 0), luck[6])
        elif verb in {"verify-pass", "verify-fail"}:
            by = self._one(self.people.checkers.get(street), luck[6])
        elif verb in {"supervise", "void"}:
            by = self.people.lead
        else:
            by = self._one(self.people.dispatchers, luck[7])
        return Deed(verb, at, by, details)

    @staticmethod
    def _one(of: list[int] | None, luck: float) -> int | None:
        return of[int(luck * len(of))] if of else None


_WAY_SHARES = np.cumsum([share for share, _ in WAYS])


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What was drawn for one chunk of cases, an array each."""

    times: npt.NDArray[np.int64]
    where: npt.NDArray[np.int64]
    what: npt.NDArray[np.int64]
    points: npt.NDArray[np.float64]
    street: npt.NDArray[np.int64]
    community: npt.NDArray[np.int64]
    block: npt.NDArray[np.int64]
    cell: npt.NDArray[np.int64]
    way: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    luck: npt.NDArray[np.float64]
