"""What can be chosen in the filters and forms: categories, places, units, periods; a value is its code."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from siquan.base.kernel.errors import NotFound
from siquan.city.places import queries as places
from siquan.city.places.models import Level
from siquan.city.rules import queries as rules
from siquan.city.units import queries as units
from siquan.city.units.models import Kind

Option = tuple[str, str]
Group = tuple[str, tuple[Option, ...]]
Options = tuple[Option | Group, ...]

MONTHS = 13
LISTED = (Level.STREET, Level.BLOCK, Level.COMMUNITY)


def categories(on: date, *, leaves_only: bool = False) -> Options:
    """Return the category tree of the rules in force: one group per second level.

    With `leaves_only` just what a case can be filed under; else every level can be chosen.
    """
    try:
        book = rules.rulebook(rules.pack_in_force(on))
    except NotFound:
        return ()
    return _categories(book, leaves_only, get_language())


@lru_cache(maxsize=8)
def _categories(book: rules.Rulebook, leaves_only: bool, _language: str | None) -> Options:
    """Return the tree of a book, which never changes, in the language that is spoken now."""
    below: dict[int | None, list[rules.CategoryEntry]] = {}
    for entry in book.by_id.values():
        below.setdefault(entry.parent_id, []).append(entry)
    leaves = {entry.id for entry in book.leaf_categories}
    options: list[Option | Group] = []
    for top in below.get(None, []):
        if not leaves_only:
            options.append((top.code, _("%(name)s（全部）") % {"name": top}))
        for middle in below.get(top.id, []):
            under = list(_below(middle, below))
            shown = [each for each in under if each.id in leaves] if leaves_only else under
            named = tuple((each.code, _all(each) if each.id not in leaves else str(each)) for each in shown)
            options.append((f"{top} › {middle}", named))
    return tuple(options)


def _below(
    entry: rules.CategoryEntry, below: dict[int | None, list[rules.CategoryEntry]]
) -> Iterable[rules.CategoryEntry]:
    yield entry
    for child in below.get(entry.id, []):
        yield from _below(child, below)


def _all(entry: rules.CategoryEntry) -> str:
    return _("%(name)s（全部）") % {"name": entry}


def divisions(on: date) -> Options:
    """Return streets, and per street its communities and blocks; cells are too many for a list."""
    streets, *others = (places.divisions_listed(level, on) for level in LISTED)
    below: dict[int | None, list[Option]] = {}
    for each in (each for level in others for each in level):
        below.setdefault(each.parent_id, []).append((each.code, str(each)))
    options: list[Option | Group] = [(_("街道"), tuple((each.code, str(each)) for each in streets))]
    for street in streets:
        if inside := below.get(street.pk):
            options.append((str(street), tuple(inside)))
    return tuple(options)


def unit_options(on: date) -> Options:
    """Return the units in force, grouped by kind."""
    groups: dict[str, list[Option]] = {}
    for unit in units.units_listed(on):
        groups.setdefault(unit.kind, []).append((unit.code, str(unit)))
    return tuple((str(Kind(kind).label), tuple(named)) for kind, named in groups.items())


def periods(on: date) -> Options:
    """Return the periods one asks for: this year and last, the quarters of this year, the last months."""
    quarter = (on.month - 1) // 3 + 1
    years = [(str(year), _("%(year)d年") % {"year": year}) for year in (on.year, on.year - 1)]
    quarters = [
        (f"{on.year}Q{n}", _("%(year)d年第%(n)d季度") % {"year": on.year, "n": n})
        for n in range(quarter, 0, -1)
    ]
    return (*_months(on), *quarters, *years)


def _months(on: date) -> list[Option]:
    found = []
    year, month = on.year, on.month
    for _each in range(MONTHS):
        words = _("%(year)d年%(month)d月") % {"year": year, "month": month}
        found.append((f"{year}-{month:02d}", words))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def name_of(options: Iterable[Option | Group], value: str) -> str:
    """Return the words of a chosen value; the value itself when the list does not have it."""
    for code, words in options:
        if isinstance(words, tuple):
            found = name_of(words, value)
            if found != value:
                return found
        elif code == value:
            return words
    return value


def today() -> date:
    """Return the day by which the lists are made."""
    return timezone.localdate()
