"""Read a folder of geography files; every row that cannot be used is named with its file and line.

`docs/reference/geography-files.md` tells the files and their columns.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import shapely
from django.utils.translation import gettext as _

from siquan.base.kernel.coordinates import Datum, convert, distance_m, parse_datum
from siquan.base.kernel.errors import BadInput, SiquanError
from siquan.city.places import outlines, wordfiles
from siquan.city.places.changes import Fault, Wanted
from siquan.city.places.models import BlockKind, Division, Level
from siquan.city.places.positions import SiteLine

T = TypeVar("T")

_PARENT_COLUMN: Final = {
    Level.DISTRICT: "",
    Level.STREET: "district",
    Level.COMMUNITY: "street",
    Level.BLOCK: "street",
    Level.CELL: "block",
}
FILES: Final = {
    Level.DISTRICT: "district",
    Level.STREET: "streets",
    Level.COMMUNITY: "communities",
    Level.BLOCK: "blocks",
    Level.CELL: "cells",
}
_LARGEST_FILE: Final = 200 * 1024 * 1024  # unpacked
_FAULTS_TOLD: Final = 200
_UNREADABLE: Final = (
    SiquanError, ValueError, TypeError, LookupError, AttributeError, EOFError, OSError, zlib.error, csv.Error,
)  # fmt: skip


@dataclass
class Draft:
    """What a folder holds, and what is wrong in it."""

    divisions: list[Wanted] = field(default_factory=list)
    sites: list[SiteLine] = field(default_factory=list)
    wording: dict[str, list[wordfiles.Told]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: Any, error: SiquanError | str, code: str = "") -> None:
        """Note what is wrong with a line."""
        known = error.code if isinstance(error, SiquanError) else "bad-input"
        if len(self.faults) < _FAULTS_TOLD:
            self.faults.append(Fault(line.file, line.row, code or known, str(error)))


@dataclass(frozen=True, slots=True)
class _Row:
    """One row or feature before it is understood."""

    file: str
    row: int
    values: Mapping[str, Any]
    outline: Any = None
    note: str = ""

    def text(self, *names: str, longest: int, needed: bool = False) -> str:
        """Return the first of these columns that is filled."""
        value = next((str(self.values[n]).strip() for n in names if self.values.get(n) not in (None, "")), "")
        if "\0" in value or len(value) > longest:
            raise BadInput(_("“%(column)s”太长或含有不可用的字符。") % {"column": names[0]}, field=names[0])
        if needed and not value:
            raise BadInput(_("缺少“%(column)s”。") % {"column": names[0]}, field=names[0])
        return value

    def number(self, name: str) -> float:
        """Return a column as a number."""
        try:
            value = float(self.values.get(name) or "")
        except (TypeError, ValueError):
            value = float("nan")
        if not np.isfinite(value):
            raise BadInput(_("“%(column)s”不是数字。") % {"column": name}, field=name)
        return value


def read(folder: Path) -> Draft:
    """Return everything the folder holds. Raises BadInput when there is no such folder or no file to load."""
    draft = Draft()
    for level, stem in FILES.items():
        draft.divisions += _understood(draft, folder, stem, partial(_division, level=level))
    _give_cells_their_block(draft)
    kinds, reach = _kind_names(draft, folder), _road_reach(draft, folder)
    draft.sites += _understood(draft, folder, "sites", partial(_site, kinds=kinds, reach=reach))
    for stem in wordfiles.FILES:
        told = [one for one in _understood(draft, folder, stem, partial(wordfiles.understand, stem)) if one]
        if told:
            draft.wording[stem] = told
    if not (draft.divisions or draft.sites or draft.wording or draft.faults):
        raise BadInput(_("这个文件夹里没有可载入的文件：%(folder)s") % {"folder": folder}, field="folder")
    _find_doubles(draft)
    return draft


def _understood(draft: Draft, folder: Path, stem: str, understand: Callable[[_Row], T]) -> Iterator[T]:
    """Give what the rows of a file mean; a row that means nothing is noted as a fault."""
    for row in _rows(draft, folder, stem):
        try:
            yield understand(row)
        except BadInput as error:
            draft.fault(row, error)


def _division(row: _Row, level: Level) -> Wanted:
    code = row.text("code", longest=24, needed=True)
    kind = row.text("kind", longest=12)
    if kind and kind not in BlockKind.values:
        raise BadInput(_("不认识这种街区类型：%(kind)s。") % {"kind": kind}, field="kind")
    above = _PARENT_COLUMN[level]
    return Wanted(
        file=row.file,
        row=row.row,
        level=level,
        code=code,
        name=row.text("short_name", "name", longest=60, needed=level is not Level.CELL) or code,
        name_en=row.text("name_en", longest=80),
        kind=kind,
        parent=row.text(above, "parent", longest=24) if above else "",
        shape=outlines.read(row.outline) if row.outline is not None else None,
        source=row.text("source", longest=200) or f"{row.file}: {row.note}"[:200].rstrip(": "),
    )


def _give_cells_their_block(draft: Draft) -> None:
    """Fill the block of cells whose file leaves it to the code: the cell's code begins with the block's."""
    blocks = {line.code for line in draft.divisions if line.level is Level.BLOCK}
    blocks |= set(Division.objects.filter(level=Level.BLOCK, valid_to=None).values_list("code", flat=True))
    for line in draft.divisions:
        if line.level is Level.CELL and not line.parent:
            line.parent = next(
                (line.code[:n] for n in range(len(line.code), 0, -1) if line.code[:n] in blocks), ""
            )


def _site(
    row: _Row, kinds: Mapping[str, tuple[str, str]], reach: Mapping[str, tuple[str, float | None]]
) -> SiteLine:
    kind = row.text("kind", "type", longest=30, needed=True)
    name_zh, name_en = kinds.get(kind, ("", ""))
    name = row.text("name", longest=100, needed=True)
    datum = parse_datum(row.text("datum", longest=40) or Datum.WGS84)
    lon, lat = convert(row.number("lon"), row.number("lat"), datum, Datum.WGS84)
    road_class, extent = reach.get(name, ("", None)) if kind in {"road", "alley"} else ("", None)
    return SiteLine(
        file=row.file,
        row=row.row,
        code=row.text("code", longest=24, needed=True),
        kind=kind,
        kind_name=row.text("kind_name", "type_zh", longest=40) or name_zh or kind,
        kind_name_en=row.text("kind_name_en", "type_en", longest=60) or name_en,
        name=name,
        lon=round(lon, outlines.DIGITS),
        lat=round(lat, outlines.DIGITS),
        address=row.text("address", longest=200),
        road_class=row.text("road_class", longest=12) or road_class,
        extent_m=extent,
        source=row.text("source", longest=200) or row.file,
    )


def _kind_names(draft: Draft, folder: Path) -> dict[str, tuple[str, str]]:
    """Return, per kind of site, its name in Chinese and in English."""
    return dict(_understood(draft, folder, "site_types", _kind_name))


def _kind_name(row: _Row) -> tuple[str, tuple[str, str]]:
    code = row.text("code", longest=30, needed=True)
    return code, (row.text("name_zh", longest=40), row.text("name_en", longest=60))


def _road_reach(draft: Draft, folder: Path) -> dict[str, tuple[str, float | None]]:
    """Return, per road name, its class and how far its ends lie from its middle, in metres."""
    return dict(_understood(draft, folder, "roads", _road))


def _road(row: _Row) -> tuple[str, tuple[str, float | None]]:
    line = shapely.from_geojson(json.dumps(row.outline), on_invalid="ignore")
    reach = None
    if line is not None and not line.is_empty:
        west, south, east, north = line.bounds
        reach = round(distance_m(west, south, east, north) / 2, 1)
    return row.text("name", longest=100), (row.text("class", "road_class", longest=12), reach)


def _find_doubles(draft: Draft) -> None:
    for lines in (draft.divisions, draft.sites):
        seen: dict[str, int] = {}
        for line in lines:
            if line.code in seen:
                draft.fault(line, _("代码%(code)s重复。") % {"code": line.code}, "double")
            seen[line.code] = line.row


def _rows(draft: Draft, folder: Path, stem: str) -> Iterator[_Row]:
    """Give the rows of `stem`.geojson or `stem`.csv, zipped or not; nothing when there is no such file."""
    for ending, read_rows in ((".geojson", _features), (".csv", _lines)):
        for path in (folder / f"{stem}{ending}", folder / f"{stem}{ending}.gz"):
            if path.is_file():
                try:
                    yield from read_rows(path.name, _unpacked(path))
                except _UNREADABLE as error:
                    words = _("文件读不懂：%(why)s") % {"why": error}
                    draft.faults.append(Fault(path.name, 0, "unreadable", words))
                return


def _unpacked(path: Path) -> str:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as handle:
        raw = handle.read(_LARGEST_FILE + 1)
    if len(raw) > _LARGEST_FILE:
        raise ValueError(_("文件太大"))
    return raw.decode("utf-8-sig")


def _features(name: str, text: str) -> Iterator[_Row]:
    collection = json.loads(text)
    if parse_datum(str(collection.get("datum") or Datum.WGS84)) is not Datum.WGS84:
        raise ValueError(_("边界文件须用WGS-84坐标"))
    note = str(collection.get("note") or "")
    for number, feature in enumerate(collection["features"], start=1):
        yield _Row(name, number, feature.get("properties") or {}, feature.get("geometry"), note)


def _lines(name: str, text: str) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for values in reader:
        yield _Row(name, reader.line_num, values)
