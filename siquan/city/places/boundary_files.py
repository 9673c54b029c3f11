"""Read a GeoJSON file of changed divisions, and tell what it would change on the ground.

A feature names its division by `code`. A known code gets the new outline (and name, if one is given); an
unknown one needs `level`, `name` and `parent`; `"ended": true` ends a division. WGS-84.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from siquan.base.kernel.errors import BadInput
from siquan.city.places import changes, outlines
from siquan.city.places.changes import Fault, Wanted
from siquan.city.places.models import Division, Level

MOST_FEATURES: Final = 5000
COLUMNS: Final = {"code": 24, "level": 10, "name": 60, "name_en": 80, "parent": 24, "kind": 12}
ADDED, CHANGED, ENDED = "added", "changed", "ended"


@dataclass(frozen=True)
class AreaChange:
    """What becomes of one division: its area before and after in km², and how much ground changes hands."""

    kind: str
    level: str
    code: str
    name: str
    km2_before: float | None
    km2_after: float | None
    km2_moved: float
    ground: BaseGeometry | None


@dataclass
class Preview:
    """What a file would change on a day, and what is wrong with it."""

    changes: list[AreaChange] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unchanged: int = 0

    @property
    def is_sound(self) -> bool:
        """Tell whether it can be published."""
        return bool(self.changes) and not self.faults

    @property
    def ground(self) -> BaseGeometry | None:
        """Return all the ground that changes hands, in WGS-84."""
        moved = [each.ground for each in self.changes if each.ground is not None]
        return shapely.union_all(moved) if moved else None


@dataclass
class Read:
    """The divisions a file wants and ends, and the features that cannot be understood."""

    wanted: list[Wanted] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def features_of(raw: bytes) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file. Raises BadInput with what to do."""
    try:
        collection = json.loads(raw.decode("utf-8-sig"))
        features = collection["features"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise BadInput(_("这不是GeoJSON文件：要有一个“features”列表。"), field="file") from error
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise BadInput(_("这不是GeoJSON文件：要有一个“features”列表。"), field="file")
    if not 0 < len(features) <= MOST_FEATURES:
        words = _("文件里须有1到%(most)d个区划。") % {"most": MOST_FEATURES}
        raise BadInput(words, field="file")
    return features


def understand(features: Sequence[Mapping[str, Any]], name: str) -> Read:
    """Return what the features ask for."""
    known, found = changes.newest_divisions(), Read()
    seen: set[str] = set()
    for number, feature in enumerate(features, start=1):
        try:
            told = _told(feature)
            code = told["code"]
            if code in seen:
                raise BadInput(_("代码%(code)s在文件里出现了两次。") % {"code": code})
            seen.add(code)
            row = known.get(code)
            row = row if row is not None and row.valid_to is None else None
            if feature["properties"].get("ended") is True:
                _check_known(row, code)
                found.ended.append(code)
            else:
                found.wanted.append(_wanted(told, feature.get("geometry"), row, name, number))
        except BadInput as error:
            found.faults.append(Fault(name, number, error.code, str(error)))
    return found


def preview(features: Sequence[Mapping[str, Any]], name: str, on: date) -> Preview:
    """Return what the features would change on a day; nothing is written."""
    read = understand(features, name)
    made = changes.plan(read.wanted, read.ended, on)
    found = Preview(faults=[*read.faults, *made.faults], unchanged=made.unchanged)
    for line, before in made.opened:
        found.changes.append(_change(CHANGED if before else ADDED, line, before, line.shape))
    for row in made.ended:
        found.changes.append(_change(ENDED, Wanted.like(row, parent=""), row, None))
    return found


def _told(feature: Mapping[str, Any]) -> dict[str, str]:
    given = feature.get("properties")
    if not isinstance(given, dict):
        raise BadInput(_("这个区划没有属性（properties）。"))
    told = {}
    for name, longest in COLUMNS.items():
        value = str(given.get(name) or "").strip()
        if len(value) > longest or not value.isprintable():
            raise BadInput(_("“%(column)s”太长或含有不可用的字符。") % {"column": name})
        told[name] = value
    if not told["code"]:
        raise BadInput(_("缺少“%(column)s”。") % {"column": "code"})
    return told


def _check_known(row: Division | None, code: str) -> None:
    if row is None:
        raise BadInput(_("没有代码为%(code)s的现行区划。") % {"code": code})


def _wanted(told: Mapping[str, str], geometry: Any, row: Division | None, name: str, number: int) -> Wanted:
    """Return a division as the feature wants it; what it does not say stays as it is."""
    if row is None:
        if told["level"] not in Level.values or not told["name"]:
            raise BadInput(_("新的区划须写明level（district、street、community、block、cell）和name。"))
        names = told["name"], told["name_en"]
        level = Level(told["level"])
        line = Wanted(level, told["code"], *names, told["kind"], told["parent"], None, name)
    else:
        line = Wanted.like(row, parent=told["parent"] or changes.parent_code(row))
        line.name, line.name_en = told["name"] or line.name, told["name_en"] or line.name_en
        line.kind = told["kind"] or line.kind
    if geometry is not None:
        line.shape = outlines.read(geometry)
    elif row is None:
        raise BadInput(_("新的区划须有边界（geometry）。"))
    line.file, line.row, line.source = name, number, name
    return line


def _change(kind: str, line: Wanted, before: Division | None, after: BaseGeometry | None) -> AreaChange:
    was = outlines.read(before.boundary) if before and before.boundary else None
    ground: BaseGeometry | None
    if was is not None and after is not None:
        ground = shapely.symmetric_difference(was, after)
    else:
        ground = after if was is None else was
    return AreaChange(
        kind=kind,
        level=str(line.level.label),
        code=line.code,
        name=line.name,
        km2_before=_km2(was),
        km2_after=_km2(after),
        km2_moved=_km2(ground) or 0.0,
        ground=ground if ground is not None and not ground.is_empty else None,
    )


def _km2(shape: BaseGeometry | None) -> float | None:
    if shape is None or shape.is_empty:
        return None
    return round(float(shapely.area(outlines.metres(shape))) / 1e6, 4)
