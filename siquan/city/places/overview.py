"""What the pages about divisions show: the tree with its counts, and one division with its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext as _

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.city.places import geography
from siquan.city.places.boundaries import Area, Boundaries
from siquan.city.places.models import BlockKind, Division, Level, Site, kind_in_words


@dataclass(frozen=True, slots=True)
class Line:
    """One division in a list: what lies in it, counted."""

    area: Area
    km2: float | None
    counts: Mapping[str, int]
    sites: int

    @property
    def kind_name(self) -> str:
        """Return the kind of a block in words."""
        return str(BlockKind(self.area.kind).label) if self.area.kind else ""


@dataclass(frozen=True, slots=True)
class Overview:
    """The streets of the district on a day, and the totals."""

    on: date
    version: str
    district: Area | None
    totals: Mapping[str, int]
    sites: int
    streets: list[Line]


@dataclass(frozen=True, slots=True)
class Page:
    """One division on a day: where it stands, what lies in it, how it was before."""

    on: date
    division: Division
    area: Area
    parent: Area | None
    km2: float | None
    middle: tuple[float, float] | None
    communities: list[Line]
    blocks: list[Line]
    cells: int
    kinds: list[tuple[str, int]]
    versions: list[Division]


def overview(on: date) -> Overview:
    """Return the streets in force on a day with what lies in each, in three statements at most."""
    ground = geography.boundaries(on)
    counted = _counts(ground)
    sites = _sites_per_division("street", on)
    sizes = _sizes(Level.STREET, on)
    streets = [
        Line(area, sizes.get(area.id), counted.get(area.code, Counter()), sites.get(area.code, 0))
        for area in ground.of_level(Level.STREET)
    ]
    district = next(iter(ground.of_level(Level.DISTRICT)), None)
    totals = Counter(area.level for area in ground.areas)
    return Overview(on, ground.version, district, totals, sum(sites.values()), streets)


def page_of(code: str, on: date) -> Page:
    """Return one street or block in force on a day. Raises NotFound."""
    ground = geography.boundaries(on)
    area = next((a for a in ground.areas if a.code == code and a.level in {Level.STREET, Level.BLOCK}), None)
    if area is None:
        raise NotFound(_("这一天没有代码为%(code)s的街道或街区。") % {"code": code[:24]})
    rows = Division.objects.filter(district_id=current_district(), code=code).defer("boundary")
    versions = list(rows.order_by("-valid_from"))
    counted, sites, sizes = _counts(ground), _sites_per_division("block", on), _sizes(Level.BLOCK, on)

    def lines(level: Level) -> list[Line]:
        inner = [a for a in ground.of_level(level) if a.parent == code]
        return [Line(a, sizes.get(a.id), counted.get(a.code, Counter()), sites.get(a.code, 0)) for a in inner]

    division = next(row for row in versions if row.pk == area.id)
    return Page(
        on=on,
        division=division,
        km2=_km2(division.area_m2),
        area=area,
        parent=next((a for a in ground.areas if a.code == area.parent), None),
        middle=ground.middles(area.level).get(area.id),
        communities=lines(Level.COMMUNITY),
        blocks=lines(Level.BLOCK),
        cells=counted.get(code, Counter())[Level.CELL],
        kinds=_kinds(area, on),
        versions=versions,
    )


def _counts(ground: Boundaries) -> dict[str, Counter[str]]:
    """Return, per code, how many divisions of each level lie in it, at any depth."""
    above = {area.code: area.parent for area in ground.areas}
    counted: dict[str, Counter[str]] = {}
    for area in ground.areas:
        code = area.parent
        while code:
            counted.setdefault(code, Counter())[area.level] += 1
            code = above.get(code, "")
    return counted


def _sites_per_division(level: str, on: date) -> dict[str, int]:
    sites = Site.objects.filter(district_id=current_district()).as_of(on).order_by()
    found = sites.values_list(f"{level}__code").annotate(count=Count("pk"))
    return {code: count for code, count in found if code}


def _sizes(level: Level, on: date) -> dict[int, float | None]:
    """Return square kilometres by id."""
    rows = Division.objects.filter(district_id=current_district(), level=level).as_of(on)
    return {key: _km2(m2) for key, m2 in rows.values_list("id", "area_m2")}


def _km2(m2: float | None) -> float | None:
    return None if m2 is None else round(m2 / 1e6, 2)


def _kinds(area: Area, on: date) -> list[tuple[str, int]]:
    sites = Site.objects.filter(district_id=current_district(), **{f"{area.level}__code": area.code}).as_of(
        on
    )
    found = sites.order_by().values_list("kind_name", "kind_name_en").annotate(count=Count("pk"))
    named = [(kind_in_words(zh, en), count) for zh, en, count in found]
    return sorted(named, key=lambda kind: (-kind[1], kind[0]))
