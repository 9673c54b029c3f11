"""Many cases at once: a year of the demo district, or a file of tickets; the same states, rules and clocks.

A life is told by its deeds; states come from the states table, time limits and due times from the rules in
force on the day, all for a whole chunk at a time. Rows go in by COPY: one transaction a chunk.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from siquan.base.journal import services as journal
from siquan.base.journal.models import By
from siquan.base.kernel import copytext, deadlines
from siquan.base.kernel.checkdigits import case_number
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.limits import Unit as Measure
from siquan.base.kernel.workflow import next_state
from siquan.city.rules import queries as rules
from siquan.work.cases.models import Case, ClockRun, Reporter, Source, new_token
from siquan.work.cases.services.clocks import CLOCK_OF_STATE, PAUSED_IN
from siquan.work.cases.services.ruling import book_on, shortest_line
from siquan.work.cases.services.wording import REPORTER_COLUMNS, Said, reporter_rows, said
from siquan.work.cases.states import EVENTS, TRANSITIONS, State

CHUNK = 5000
HANDLES = frozenset({"accept", "report-done"})
RESTARTS = frozenset({"reassign"})
NOBODYS = frozenset({State.REPORTED, State.FILED})  # returned or reopened: waits for a unit again


@dataclass(slots=True)
class Deed:
    """One verb in a life: what, when (seconds since 1970 UTC), by whom, and its words for the journal.

    `details` is the text of a JSON object: many deeds share the same words, which are written out once.
    """

    verb: str
    at: int
    by: int | None = None
    details: str = "{}"


@dataclass(slots=True)
class Life:
    """A case from its report on; `deeds` are in the order in which they happened.

    `reported_at`: when it was said, where that was before it came here at `at`. Clocks run from `at`.
    """

    text: str
    at: int
    reported_at: int | None = None
    source: str = Source.SNAPSHOT
    source_ref: str = ""
    title: str = ""
    address: str = ""
    category_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    given_datum: str = ""
    road_class: str = ""
    street_id: int | None = None
    community_id: int | None = None
    block_id: int | None = None
    cell_id: int | None = None
    site_id: int | None = None
    unit_id: int | None = None
    responsibility_id: int | None = None
    name: str = ""
    phone: str = ""
    by: int | None = None
    deeds: Sequence[Deed] = ()


@dataclass(slots=True)
class Path:
    """What a sequence of verbs makes of a case: its states, and where clocks begin and end."""

    states: tuple[State, ...]
    runs: tuple[
        tuple[int, int | None, str], ...
    ]  # (step it starts at, step it stops at, clock); 0 is the report


@functools.lru_cache(maxsize=4096)
def path_of(verbs: tuple[str, ...]) -> Path:
    """Return what a sequence of verbs makes of a reported case. Raises NotPossible."""
    states = [State.REPORTED]
    before = State.REPORTED
    for verb in verbs:
        now = next_state(TRANSITIONS, states[-1], verb, previous=before)
        before = states[-1] if now != states[-1] else before
        states.append(now)
    runs: list[tuple[int, int | None, str]] = []
    begun, clock = 0, CLOCK_OF_STATE.get(State.REPORTED)
    for step, state in enumerate(states[1:], start=1):
        wanted = CLOCK_OF_STATE.get(state)
        if wanted != clock or verbs[step - 1] in RESTARTS:
            if clock:
                runs.append((begun, step, clock))
            begun, clock = step, wanted
    if clock:
        runs.append((begun, None, clock))
    return Path(tuple(states), tuple(runs))


def write_lives(
    lives: Iterable[Life],
    *,
    react: bool = False,
    after_chunk: Callable[[], object] | None = None,
    numbers: Sequence[Numbers] = (),
) -> int:
    """Write many cases with their clocks and their history; return how many.

    `react` queues what follows from their reports; history that is taken over from elsewhere has no
    consequences. Pauses (suspended, waiting) are not part of such lives. `numbers` were reserved before,
    as many as there are lives; without them the next ones are taken.
    """
    total = 0
    stream = iter(lives)
    while chunk := list(islice(stream, CHUNK)):
        with transaction.atomic():
            own = numbers[total : total + len(chunk)] or take_numbers(len(chunk))
            _write_chunk(chunk, own, react=react)
        total += len(chunk)
        if after_chunk:
            after_chunk()
    return total


class Numbers(NamedTuple):
    """The key and the serial number of a case that is not there yet."""

    key: int
    serial: int


def take_numbers(count: int) -> list[Numbers]:
    """Return the next keys and serial numbers; whoever asks next gets the ones behind them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval('cases_case_id_seq'), nextval('cases_case_serial') from generate_series(1, %s)",
            [count],
        )
        return [Numbers(*row) for row in cursor.fetchall()]


def _write_chunk(lives: Sequence[Life], numbers: Sequence[Numbers], *, react: bool) -> None:
    paths = [path_of(tuple([deed.verb for deed in life.deeds])) for life in lives]
    runs = _runs(lives, paths)
    ids = [number.key for number in numbers]
    running = {run.life: run for run in runs if run.stopped is None}
    district = current_district()
    words = [said(life.title, life.text, life.address, name=life.name) for life in lives]
    rows = (
        _case_row(district, *numbers[i], life, words[i], paths[i], running.get(i))
        for i, life in enumerate(lives)
    )
    _copy(Case, CASE_COLUMNS, rows)
    _copy(ClockRun, RUN_COLUMNS, (_run_row(ids[run.life], run) for run in runs))
    _copy(Reporter, REPORTER_COLUMNS, reporter_rows(ids, lives, words))
    journal.copy_many(_entries(ids, lives, paths), react=react)


CASE_COLUMNS = (
    "id",
    "district_id",
    "number",
    "token",
    "source",
    "source_ref",
    "state",
    "state_before",
    "title",
    "text",
    "category_id",
    "reported_at",
    "closed_at",
    "lon",
    "lat",
    "accuracy_m",
    "given_datum",
    "address",
    "road_class",
    "street_id",
    "community_id",
    "block_id",
    "cell_id",
    "site_id",
    "unit_id",
    "responsibility_id",
    "handler_ids",
    "clock",
    "due_at",
    "is_paused",
    "is_supervised",
    "rework_count",
    "reopen_count",
)


def _case_row(
    district: int, key: int, serial: int, life: Life, words: Said, path: Path, running: Run | None
) -> tuple[Any, ...]:
    verbs = [deed.verb for deed in life.deeds]
    handlers = {deed.by for deed in life.deeds if deed.verb in HANDLES and deed.by}
    is_dispatched = "dispatch" in verbs and path.states[-1] not in NOBODYS
    closed = life.deeds[-1].at if path.states[-1] == State.CLOSED else None
    return (
        key,
        district,
        case_number(_day(life.at).year, serial),
        new_token(),
        str(life.source),
        life.source_ref,
        str(path.states[-1].value),
        path.states[-2].value if len(path.states) > 1 else "",
        words.title,
        words.text,
        life.category_id,
        _time(life.at if life.reported_at is None else life.reported_at),
        _time(closed) if closed else None,
        life.lon,
        life.lat,
        life.accuracy_m,
        life.given_datum,
        words.address,
        life.road_class,
        life.street_id,
        life.community_id,
        life.block_id,
        life.cell_id,
        life.site_id,
        life.unit_id if is_dispatched else None,
        life.responsibility_id if is_dispatched else None,
        sorted(handlers),
        running.clock if running else "",
        _time(running.due) if running else None,
        path.states[-1] in PAUSED_IN,
        "supervise" in verbs,
        verbs.count("verify-fail"),
        verbs.count("reopen"),
    )


@dataclass(slots=True)
class Run:
    """One run of a clock of one life of the chunk; times in seconds."""

    life: int
    clock: str
    started: int
    stopped: int | None
    line: rules.LimitLine
    calendar_id: int
    due: int = 0


RUN_COLUMNS = (
    "case_id",
    "kind",
    "rule_id",
    "amount",
    "measure",
    "calendar_id",
    "started_at",
    "due_at",
    "stopped_at",
    "warned_percent",
    "warn_at",
)


def _run_row(case_id: int, run: Run) -> tuple[Any, ...]:
    # A clock of the past does not warn; one that still runs warns when it is due, not three times at once.
    warn = _time(run.due) if run.stopped is None else None
    return (
        case_id,
        run.clock,
        run.line.rule_id,
        run.line.amount,
        run.line.measure.value,
        run.calendar_id,
        _time(run.started),
        _time(run.due),
        _time(run.stopped) if run.stopped is not None else None,
        80,
        warn,
    )


def _runs(lives: Sequence[Life], paths: Sequence[Path]) -> list[Run]:
    """Return every clock run of the chunk with its due time, reckoned for all of one unit at a time."""
    runs = []
    in_force = _RulesByDay()
    for number, (life, path) in enumerate(zip(lives, paths, strict=True)):
        for begun, ended, clock in path.runs:
            started = life.deeds[begun - 1].at if begun else life.at
            stopped = life.deeds[ended - 1].at if ended is not None else None
            line, calendar_id = in_force.line(_day(started), life.category_id, clock, life.road_class)
            runs.append(Run(number, clock, started, stopped, line, calendar_id))
    groups: dict[tuple[int, Measure], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.calendar_id, run.line.measure), []).append(run)
    for (calendar_id, measure), group in groups.items():
        starts = np.array([run.started for run in group], dtype=np.int64)
        amounts = np.array([run.line.amount for run in group], dtype=np.int64)
        dues = deadlines.due_many(starts, amounts, measure, rules.calendar_by_id(calendar_id))
        for run, due in zip(group, dues.tolist(), strict=True):
            run.due = due
    return runs


class _RulesByDay:
    """The rules and the calendar of each day of a chunk, asked for once."""

    def __init__(self) -> None:
        self._known: dict[date, tuple[rules.Rulebook, int]] = {}
        self._shortest: dict[tuple[date, str], rules.LimitLine | None] = {}

    def line(
        self, day: date, category_id: int | None, clock: str, road_class: str
    ) -> tuple[rules.LimitLine, int]:
        """Return the limit of a step and the calendar it runs by."""
        if day not in self._known:
            self._known[day] = (book_on(day), rules.calendar_row_in_force(day).pk)
        book, calendar_id = self._known[day]
        if category_id:
            line = book.limit_for(category_id, clock, road_class)
        else:
            if (day, clock) not in self._shortest:
                self._shortest[day, clock] = shortest_line(book, clock, day)
            line = self._shortest[day, clock]
        assert line is not None, "a pack without limits does not pass its checks"
        return line, calendar_id


def _entries(ids: Sequence[int], lives: Sequence[Life], paths: Sequence[Path]) -> Iterator[journal.Row]:
    person, resident, system = By.PERSON.value, By.RESIDENT.value, By.SYSTEM.value
    for key, life, path in zip(ids, lives, paths, strict=True):
        kind = person if life.by else system if life.source == Source.HOTLINE else resident
        details = f'{{"source":"{life.source}","state":"reported"}}'
        yield journal.Row(_time(life.at), "case.reported", "case", key, life.by, kind, details)
        for deed, state in zip(life.deeds, path.states[1:], strict=True):
            kind = person if deed.by else system
            words = _with_state(state.value, deed.details)
            yield journal.Row(_time(deed.at), EVENTS[deed.verb], "case", key, deed.by, kind, words)


@functools.lru_cache(maxsize=8192)
def _with_state(state: str, details: str) -> str:
    return '{"state":"' + state + ('"}' if details == "{}" else '",' + details[1:])


def _copy(model: type[Any], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy {model._meta.db_table} ({names}) from stdin") as copy,
    ):
        for block in copytext.blocks(rows):
            copy.write(block)


def _time(seconds: int) -> str:
    """Return a time as PostgreSQL reads it."""
    return f"{_date_text(seconds // 86400)} {seconds // 3600 % 24}:{seconds // 60 % 60}:{seconds % 60}+00"


@functools.lru_cache(maxsize=8192)
def _date_text(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).date().isoformat()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@functools.lru_cache(maxsize=8192)
def _day_of_hour(hour: int) -> date:
    return timezone.localdate(_EPOCH + timedelta(hours=hour))


def _day(seconds: int) -> date:
    # Days begin on a full hour in Beijing, so the hour is enough.
    return _day_of_hour(seconds // 3600)
