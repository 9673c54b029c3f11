"""Build the demo district through the rooms' own services: places, units, rules, people, a year of cases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from siquan.base.journal import seals
from siquan.base.journal import services as journal
from siquan.base.journal.models import Entry
from siquan.city.places.models import Division
from siquan.city.places.services import load_geography
from siquan.city.rules.models import Pack
from siquan.city.rules.services import load_pack
from siquan.demo import asking, judging, stories
from siquan.demo.loading import Order, load, reserve
from siquan.demo.people import make_people
from siquan.demo.rates import reckon_year, tell_appeals
from siquan.insight.scoring.services import load_formula

HERE = Path(__file__).parent
IN_FORCE = date(2020, 1, 1)  # before every case of the demo year


def built() -> dict[str, int] | None:
    """Return how the demo district that stands was built (cases, seed); None when none stands complete."""
    entry = Entry.objects.filter(event="demo.built").order_by("-id").first()
    return entry.details if entry else None


def is_begun() -> bool:
    """Tell whether something of it is there: what an interrupted first start left behind."""
    return Entry.objects.filter(event="demo.begun").exists()


def is_elsewhere() -> bool:
    """Tell whether the database holds a district that is no demo, and must not be touched."""
    return Division.objects.exists() and not is_begun()


def wipe() -> None:
    """Empty the whole database and make its tables again; only ever called for a demo district."""
    assert is_begun()
    with connection.cursor() as cursor:
        cursor.execute("drop schema public cascade; create schema public")
    call_command("migrate", verbosity=0, interactive=False)


def build(*, cases: int, seed: int, at: datetime, is_quiet: bool = False) -> int:
    """Build the district with a year of cases that ends at `at`; return how many cases it has."""
    with transaction.atomic():
        load_geography(HERE / "data", on=IN_FORCE, by=None, at=at)
        load_pack(HERE / "pack", by=None, at=at)
        load_formula((HERE / "pack/rates.yaml").read_bytes(), by=None, at=at)
        people = make_people(on=IN_FORCE, at=at)
        journal.write("demo.begun", about=Pack.objects.latest("id"), by=None, at=at, cases=cases, seed=seed)
    with transaction.atomic():
        told = stories.count_for(cases)
        order = Order(cases=cases - told, seed=seed, until=at, people=people, first=reserve(cases - told))
    written = load(order, is_quiet=is_quiet)
    stories.tell(told, people=people, seed=seed, until=at)
    written += told
    asking.ask(people, first=timezone.localdate(at) - timedelta(days=364), seed=seed, until=at)
    judging.judge(cases=cases, seed=seed, until=at)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    tell_appeals(people, at)
    reckon_year(at)
    with transaction.atomic():
        pack = Pack.objects.latest("id")
        journal.write("demo.built", about=pack, by=None, at=at, cases=written, asked=cases, seed=seed)
    seals.seal(at)
    return written
