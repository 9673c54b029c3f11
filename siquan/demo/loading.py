"""Write the year into the database: in several processes, while indexes and foreign keys stand aside.

Both pay only for many rows into a new district: 350 µs of PostgreSQL's time a case with them in place, and
a build that is interrupted begins anew, so nothing can be left half aside.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, connections, transaction
from tqdm import tqdm

from siquan.base.journal import seals
from siquan.demo.people import People
from siquan.demo.waking import wake
from siquan.demo.year import CHUNK, Year
from siquan.work.cases.services.bulk import Numbers, take_numbers, write_lives

TABLES = ("cases_case", "cases_clockrun", "cases_reporter")
ALONE_UP_TO = 40_000  # cases; below, a second process would still be starting when the first is done


@dataclass(frozen=True)
class Order:
    """All that a process needs to tell and write its part of the year."""

    cases: int
    seed: int
    until: datetime
    people: People
    first: Numbers  # keys and serial numbers from here on are the year's


def load(order: Order, *, is_quiet: bool) -> int:
    """Write the cases of the year, and return how many."""
    chunks = range(-(-order.cases // CHUNK))
    bar = tqdm(total=order.cases, unit=" cases", desc="a year of cases", disable=is_quiet, mininterval=0.3)
    total = 0
    with bar, _aside(TABLES):
        for written in _written(order, chunks):
            bar.update(written)
            total += written
    return total


def reserve(cases: int) -> Numbers:
    """Return the first of as many numbers as there are cases, taken for good."""
    return take_numbers(cases)[0] if cases else Numbers(0, 0)


def _written(order: Order, chunks: Sequence[int]) -> Iterator[int]:
    if order.cases <= ALONE_UP_TO:
        begin(order)
        yield from map(_write, chunks)
        return
    connections.close_all()
    with ProcessPoolExecutor(
        max_workers=max(2, min(os.cpu_count() or 2, 8)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=wake,
        initargs=(pickle.dumps(order),),
    ) as pool:
        yield from pool.map(_write, chunks)


_year: list[tuple[Order, Year]] = []  # of this process


def begin(order: Order) -> None:
    """Get ready to tell and write any part of the year, in this process."""
    year = Year(cases=order.cases, seed=order.seed, until=order.until, people=order.people)
    _year[:] = [(order, year)]


def _write(chunk: int) -> int:
    order, year = _year[0]
    lives = list(year.lives(chunk))
    numbers = [
        Numbers(order.first.key + each, order.first.serial + each)
        for each in range(chunk * CHUNK, chunk * CHUNK + len(lives))
    ]
    return write_lives(lives, numbers=numbers, after_chunk=lambda: seals.seal(order.until))


@contextmanager
def _aside(tables: Sequence[str]) -> Iterator[None]:
    """Fill tables without their foreign keys and all indexes but the primary keys; then make these again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # what waits for its check would hold the tables
        cursor.execute(CONSTRAINTS, [list(tables)])
        constraints = cursor.fetchall()
        cursor.execute(INDEXES, [list(tables)])
        indexes = cursor.fetchall()
        for table, name, _ in constraints:
            cursor.execute(f'alter table {table} drop constraint "{name}"')
        for name, _ in indexes:
            cursor.execute(f'drop index "{name}"')
    yield
    with transaction.atomic(), connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f'alter table {table} add constraint "{name}" {definition}')


# Unique ones before foreign keys: u sorts last, so descending.
CONSTRAINTS = """select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where conrelid = any(%s::regclass[]) and contype in ('f', 'u') order by contype desc, conname"""
INDEXES = """select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
    where indrelid = any(%s::regclass[])
    and not exists (select from pg_constraint where conindid = indexrelid) order by 1"""
