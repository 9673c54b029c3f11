"""What a change of divisions would make of the map, whether that map is sound, and how it is written.

Every verb of this room comes down to divisions wanted from a day on and divisions that end on that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput
from siquan.city.places import outlines
from siquan.city.places.models import Division, Level
from siquan.city.places.outlines import GeoJSON
from siquan.city.places.versioning import close, may_follow, open_

ABOVE: Final = {
    Level.STREET: Level.DISTRICT,
    Level.COMMUNITY: Level.STREET,
    Level.BLOCK: Level.STREET,
    Level.CELL: Level.BLOCK,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row of a file; `row` is its line, or the feature's number from 1."""

    file: str
    row: int
    code: str
    message: str


class GeographyFaults(BadInput):
    """Some of what was handed in cannot be used; nothing was changed."""

    code = "geography-faults"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults, in the order of files and rows."""
        self.faults = tuple(faults)
        first = faults[0]
        where = _("%(file)s 第%(row)d行：") % {"file": first.file, "row": first.row} if first.file else ""
        super().__init__(
            _("%(count)d 处有误，什么都没有改动。第一处：%(where)s%(message)s")
            % {"count": len(faults), "where": where, "message": first.message}
        )


@dataclass(slots=True)
class Wanted:
    """A division as it is to be from a day on; `file` and `row` say where that was asked."""

    level: Level
    code: str
    name: str
    name_en: str
    kind: str
    parent: str
    shape: BaseGeometry | None
    source: str
    file: str = ""
    row: int = 0

    @classmethod
    def like(cls, division: Division, *, parent: str) -> Wanted:
        """Return what leaves a division as it is."""
        shape = outlines.read(division.boundary) if division.boundary else None
        level = Level(division.level)
        names = division.name, division.name_en
        return cls(level, division.code, *names, division.kind, parent, shape, division.source)

    @property
    def boundary(self) -> GeoJSON | None:
        """Return the outline as it is stored."""
        return outlines.write(self.shape) if self.shape is not None else None


@dataclass
class Plan:
    """What will be written on a day, and what is wrong with it."""

    on: date
    opened: list[tuple[Wanted, Division | None]] = field(default_factory=list)
    ended: list[Division] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fault(self, wanted: Wanted, code: str, message: str) -> None:
        """Note what is wrong with a wanted division."""
        self.faults.append(Fault(wanted.file, wanted.row, code, message))


def newest_divisions() -> dict[str, Division]:
    """Return the newest row of every code, closed ones too."""
    rows = Division.objects.filter(district_id=current_district()).select_related("parent")
    return {row.code: row for row in rows.defer("parent__boundary").order_by("valid_from")}


def parent_code(row: Division) -> str:
    """Return the code of the division above."""
    return row.parent.code if row.parent else ""


def plan(wanted: Sequence[Wanted], ended: Iterable[str], on: date) -> Plan:
    """Return what a change does, with every fault in it; nothing is written."""
    known, made = newest_divisions(), Plan(on)
    for line in wanted:
        before = known.get(line.code)
        if before and _still_so(line, before, on):
            made.unchanged += 1
            continue
        _note_order(made, line, before)
        if before and before.level != line.level:
            words = _("代码%(code)s已经用于%(level)s。") % {
                "code": line.code,
                "level": before.get_level_display(),
            }
            made.fault(line, "other-level", words)
        made.opened.append((line, before if before and before.valid_to is None else None))
    made.ended = [known[code] for code in ended if code in known and known[code].valid_to is None]
    for row in made.ended:
        _note_order(made, Wanted.like(row, parent=""), row)
    _check_map(made, _map_after(made, known))
    return made


def carry_out(made: Plan) -> list[Division]:
    """Write a sound plan: close and open rows, larger divisions first. Raises GeographyFaults."""
    if made.faults:
        raise GeographyFaults(made.faults)
    close([before for _line, before in made.opened if before] + made.ended, made.on)
    keys = dict(
        Division.objects.filter(district_id=current_district(), valid_to=None).values_list("code", "id")
    )
    written: list[Division] = []
    for level in Level:
        rows = [_row(line, made.on, keys) for line, _before in made.opened if line.level is level]
        open_(rows)
        keys |= {row.code: row.pk for row in rows}
        written += rows
    return written


def _still_so(line: Wanted, row: Division, on: date) -> bool:
    """Tell whether a division is already as wanted; an outline that is not given is not a change."""
    if row.valid_to is not None or row.valid_from > on:
        return False
    told = (line.level, line.name, line.name_en, line.kind, line.parent)
    held = (row.level, row.name, row.name_en, row.kind, parent_code(row))
    return told == held and (line.shape is None or line.boundary == row.boundary)


def _note_order(made: Plan, line: Wanted, before: Division | None) -> None:
    try:
        may_follow(before, made.on)
    except BadInput as error:
        made.fault(line, "too-early", str(error))


def _map_after(made: Plan, known: dict[str, Division]) -> list[Wanted]:
    """Return the divisions in force after the change, the wanted ones as they were handed in."""
    gone = {row.code for row in made.ended}
    replaced = {line.code: line for line, _before in made.opened}
    for line, before in made.opened:
        if line.shape is None and before and before.boundary:
            line.shape = outlines.read(before.boundary)  # only the name or the parent changes
    rest = [row for row in known.values() if row.valid_to is None and row.code not in gone | replaced.keys()]
    return list(replaced.values()) + [Wanted.like(row, parent=parent_code(row)) for row in rest]


def _check_map(made: Plan, after: Sequence[Wanted]) -> None:
    """Note every wanted division that does not fit: its parent, its neighbours, its own outline."""
    by_code = {line.code: line for line in after}
    new = {id(line) for line, _before in made.opened}
    for line in after:
        above = ABOVE.get(line.level)
        parent = by_code.get(line.parent)
        if above and (parent is None or parent.level is not above):
            words = _("%(code)s 的上级 %(parent)s 不是在用的%(level)s。")
            made.fault(
                line,
                "no-parent",
                words % {"code": line.code, "parent": line.parent or "—", "level": above.label},
            )
    drawn = [line for line in after if line.shape is not None]
    if not drawn or not any(id(line) in new for line in drawn):
        return
    flat = outlines.metres(np.array([line.shape for line in drawn], dtype=object))
    place = {line.code: i for i, line in enumerate(drawn)}
    _check_nesting(made, drawn, flat, place, new)
    for level in Level:
        _check_overlaps(made, drawn, flat, level, new)


def _check_nesting(
    made: Plan, drawn: Sequence[Wanted], flat: outlines.Shapes, place: dict[str, int], new: set[int]
) -> None:
    """A division lies in the one above it, whichever of the two is new."""
    pairs = [(i, place[line.parent]) for i, line in enumerate(drawn) if line.parent in place]
    pairs = [(i, j) for i, j in pairs if id(drawn[i]) in new or id(drawn[j]) in new]
    if not pairs:
        return
    inner, outer = np.array(pairs).T
    for i, m2 in outlines.sticking_out(flat[inner], flat[outer]):
        line = drawn[int(inner[i])]
        words = _("%(code)s 有 %(m2)d 平方米在上级 %(parent)s 之外。")
        made.fault(
            line, "outside-parent", words % {"code": line.code, "m2": round(m2), "parent": line.parent}
        )


def _check_overlaps(
    made: Plan, drawn: Sequence[Wanted], flat: outlines.Shapes, level: Level, new: set[int]
) -> None:
    members = [i for i, line in enumerate(drawn) if line.level is level]
    if not any(id(drawn[i]) in new for i in members):
        return
    for i, j, m2 in outlines.overlaps(flat[members]):
        one, other = drawn[members[i]], drawn[members[j]]
        blamed, with_ = (one, other) if id(one) in new else (other, one)
        if id(blamed) in new:
            words = _("%(code)s 与 %(other)s 重叠 %(m2)d 平方米。")
            made.fault(blamed, "overlap", words % {"code": blamed.code, "other": with_.code, "m2": round(m2)})


def _row(line: Wanted, on: date, keys: dict[str, int]) -> Division:
    area = float(shapely.area(outlines.metres(line.shape))) if line.shape is not None else None
    return Division(
        level=line.level,
        code=line.code,
        name=line.name,
        name_en=line.name_en,
        parent_id=keys.get(line.parent),
        kind=line.kind,
        boundary=line.boundary,
        area_m2=round(area, 1) if area is not None else None,
        valid_from=on,
        source=line.source[:200],
    )
