"""Call-backs of the past, many at once: a year of the demo district, drawn by the plan like any other."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import connection, transaction

from siquan.base.journal import services as journal
from siquan.base.journal.models import By
from siquan.base.kernel import copytext, draws
from siquan.base.kernel.localtime import SHANGHAI
from siquan.work.callbacks.contacts import with_number
from siquan.work.callbacks.models import Answer, Attempt, CallBack, Channel, Draw, Outcome, Plan, Reason
from siquan.work.callbacks.queries.plans import rule_of
from siquan.work.callbacks.services.drawing import keep_list, stratum_of, stretches
from siquan.work.callbacks.states import EVENTS, State
from siquan.work.cases.models import Case


@dataclass(frozen=True)
class Manners:
    """How people answer: shares that are assumed, so that a demo has something to show."""

    callers: Sequence[int]
    phone: Sequence[tuple[str, float]] = (
        (State.ANSWERED, 0.78),
        (State.DECLINED, 0.05),
        (State.UNREACHABLE, 0.13),
        (State.EXPIRED, 0.04),
    )
    link: Sequence[tuple[str, float]] = ((State.ANSWERED, 0.24), (State.EXPIRED, 0.76))
    solved: Sequence[tuple[str, float]] = (("yes", 0.84), ("partly", 0.07), ("no", 0.09))
    satisfied: Mapping[str, Sequence[float]] = field(
        default_factory=lambda: {
            "yes": (0.01, 0.02, 0.09, 0.36, 0.52),
            "partly": (0.06, 0.16, 0.40, 0.30, 0.08),
            "no": (0.42, 0.30, 0.18, 0.08, 0.02),
        }
    )
    contacted: float = 0.94
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Closed(NamedTuple):
    """A closed case as a draw sees it."""

    key: int
    number: str
    source: str
    unit_id: int | None
    unit: str | None
    street_id: int | None
    street: str | None
    at: datetime


def write_history(plan: Plan, *, until: datetime, seed: int, manners: Manners) -> int:
    """Draw and tell every stretch of a plan that is over; return how many call-backs there are.

    The same seed gives the same call-backs. What happened in the last days is still open.
    """
    teller = _Teller(plan, until, seed, manners)
    today = until.astimezone(SHANGHAI).date()
    return sum(teller.tell(first, last) for first, last in stretches(plan, today))


@dataclass
class _Rows:
    """What one stretch of time becomes, table by table."""

    call_backs: list[tuple[Any, ...]] = field(default_factory=list)
    attempts: list[tuple[Any, ...]] = field(default_factory=list)
    answers: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[journal.Row] = field(default_factory=list)


class _Teller:
    def __init__(self, plan: Plan, until: datetime, seed: int, manners: Manners) -> None:
        self.plan, self.until, self.seed, self.manners = plan, until, seed, manners

    @transaction.atomic
    def tell(self, first: date, last: date) -> int:
        """Draw a stretch of time, and tell what became of everybody who was drawn."""
        begins = datetime.combine(first, time(0), tzinfo=SHANGHAI)
        ends = datetime.combine(last, time(0), tzinfo=SHANGHAI) + timedelta(days=1)
        strata: dict[str, list[str]] = defaultdict(list)
        by_number: dict[str, Closed] = {}
        for each in _closed(begins, ends, self.plan.sources):
            by_number[each.number] = each
            strata[stratum_of(self.plan, each.source, each.unit or "-", each.street or "-")].append(
                each.number
            )
        seed = draws.commitment(f"{self.seed}:{first.isoformat()}")[:32]
        chosen = draws.drawn(seed, strata, rule_of(self.plan, strata).sizes(strata))
        draw = Draw.objects.create(
            plan=self.plan,
            first=first,
            last=last,
            seed=seed,
            strata={name: [len(members), len(chosen[name])] for name, members in sorted(strata.items())},
            at=ends + timedelta(hours=8),
        )
        members = keep_list(draw, strata)
        picked = [(by_number[number], name) for name in sorted(chosen) for number in chosen[name]]
        self._write(draw, picked)
        journal.write(
            "callback.drawn", about=draw, by=None, at=draw.at, seed=seed,
            drawn=len(picked), population=len(by_number), members_sha256=members.sha256,
        )  # fmt: skip
        return len(picked)

    def _write(self, draw: Draw, picked: Sequence[tuple[Closed, str]]) -> None:
        random = np.random.default_rng([self.seed, 4, draw.first.toordinal()])
        phones = with_number([each.key for each, _stratum in picked])
        keys = _take_keys("callbacks_callback", len(picked))
        answer_keys = _take_keys("callbacks_answer", len(picked))
        rows = _Rows()
        lucks = random.random((len(picked), 8)).tolist()
        for (case, stratum), key, answer_key, luck in zip(picked, keys, answer_keys, lucks, strict=True):
            lot = _Lot(draw, case, stratum, key, answer_key, luck, has_phone=case.key in phones)
            self._one(lot, rows)
        with connection.cursor() as cursor:  # call-backs and answers name each other
            cursor.execute("set constraints all deferred")
        _copy(CallBack, CALL_BACK_COLUMNS, rows.call_backs)
        _copy(Attempt, ATTEMPT_COLUMNS, rows.attempts)
        _copy(Answer, ANSWER_COLUMNS, rows.answers)
        journal.copy_many(rows.entries, react=False)

    def _one(self, lot: _Lot, rows: _Rows) -> None:
        luck, shares = lot.luck, self.manners.phone if lot.has_phone else self.manners.link
        state = str(_pick(shares, luck[0]))
        planned = lot.draw.at
        # Within some days, at an hour at which people may be called.
        asked = planned + timedelta(days=int(luck[1] * 5), minutes=90 + int(luck[2] * 600))
        due = planned + timedelta(days=self.plan.answer_days)
        settled = due if state == State.EXPIRED else asked
        is_open = settled >= self.until
        by_phone = lot.has_phone
        if is_open:
            state = State.WAITING if by_phone else State.ASKED
        tries = 0 if is_open or not by_phone else 3 if state == State.UNREACHABLE else 1 + (luck[3] > 0.8)
        caller = self.manners.callers[int(luck[4] * len(self.manners.callers))]
        is_answered = state == State.ANSWERED
        rows.call_backs.append(
            (
                lot.key, lot.draw.district_id, lot.case.key, self.plan.pk, lot.draw.pk, lot.stratum,
                str(Reason.CLOSED.value),
                lot.case.at, str((Channel.PHONE if by_phone else Channel.LINK).value), state,
                lot.case.unit_id, lot.case.street_id, lot.case.source, planned, due,
                None, planned if is_open and by_phone else None,
                planned if not by_phone else None if is_open else asked,
                None if is_open else settled, tries, lot.answer_key if is_answered else None,
            )
        )  # fmt: skip
        for number in range(tries):
            rows.attempts.append(self._attempt(lot, state, asked, number, tries, caller))
        if is_answered:
            self._answer(lot, asked, caller if by_phone else None, rows)

    def _attempt(
        self, lot: _Lot, state: str, at: datetime, number: int, tries: int, caller: int
    ) -> tuple[Any, ...]:
        last = {State.ANSWERED: Outcome.ANSWERED, State.DECLINED: Outcome.REFUSED}.get(State(state))
        outcome = last if last and number == tries - 1 else Outcome.NO_ANSWER
        when = at - timedelta(minutes=35 * (tries - 1 - number))
        return (lot.key, when, caller, Channel.PHONE.value, outcome.value, f"demo-{number}", None)

    def _answer(self, lot: _Lot, at: datetime, caller: int | None, rows: _Rows) -> None:
        luck = lot.luck
        solved = _pick(self._solved(lot.case), luck[5])
        satisfied = 1 + _index(self.manners.satisfied[solved], luck[6])
        said = self.manners.words.get(solved, ())
        words = said[int(luck[7] * 4 * len(said))] if said and luck[7] < 0.25 else ""
        contacted = (luck[7] * 7) % 1 < self.manners.contacted
        channel = Channel.PHONE if caller else Channel.LINK
        rows.answers.append(
            (
                lot.answer_key, lot.key, at, caller, channel.value, contacted, solved, satisfied, words,
                "demo", None, False,
            )
        )  # fmt: skip
        told = {"case": lot.case.key, "state": State.ANSWERED.value, "solved": solved, "satisfied": satisfied}
        kind = By.PERSON.value if caller else By.RESIDENT.value
        rows.entries.append(
            journal.Row(at, EVENTS["answer"], "callback", lot.key, caller, kind, json.dumps(told))
        )

    def _solved(self, case: Closed) -> Sequence[tuple[str, float]]:
        """Return the shares for a case: not every unit and street does equally well."""
        bias = (((case.unit_id or 0) * 37 + (case.street_id or 0) * 17) % 21 - 10) / 100
        yes, partly, no = (share for _answer, share in self.manners.solved)
        return (("yes", yes + bias), ("partly", partly - bias / 3), ("no", no - bias / 3 * 2))


@dataclass(frozen=True, slots=True)
class _Lot:
    """One case that was drawn, the keys of its rows, and its luck."""

    draw: Draw
    case: Closed
    stratum: str
    key: int
    answer_key: int
    luck: list[float]
    has_phone: bool


CALL_BACK_COLUMNS = (
    "id", "district_id", "case_id", "plan_id", "draw_id", "stratum", "reason", "anchor_at", "channel",
    "state",
    "unit_id", "street_id", "source", "planned_at", "due_at", "sms_at", "call_at", "asked_at", "settled_at",
    "attempts_made", "answer_id",
)  # fmt: skip
ATTEMPT_COLUMNS = ("call_back_id", "at", "by_id", "channel", "outcome", "key", "corrects_id")
ANSWER_COLUMNS = (
    "id", "call_back_id", "at", "by_id", "channel", "contacted", "solved", "satisfied", "words", "key",
    "corrects_id", "is_taken_back",
)  # fmt: skip


def _closed(begins: datetime, ends: datetime, sources: Sequence[str]) -> Iterator[Closed]:
    rows = Case.objects.filter(closed_at__gte=begins, closed_at__lt=ends, source__in=sources)
    listed = rows.order_by("number").values_list(
        "pk", "number", "source", "unit_id", "unit__code", "street_id", "street__code", "closed_at"
    )
    return (Closed(*row[:7], at=row[7]) for row in listed.iterator(5000) if row[7])


def _pick(shares: Sequence[tuple[str, float]], luck: float) -> str:
    return shares[_index([share for _name, share in shares], luck)][0]


def _index(shares: Sequence[float], luck: float) -> int:
    """Return in which of the shares a number between 0 and 1 falls."""
    reached = 0.0
    for number, share in enumerate(shares):
        reached += share
        if luck < reached:
            return number
    return len(shares) - 1


def _take_keys(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"select nextval('{table}_id_seq') from generate_series(1, %s)", [count])  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[Any], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy {model._meta.db_table} ({', '.join(columns)}) from stdin") as copy,
    ):
        for block in copytext.blocks(rows):
            copy.write(block)
