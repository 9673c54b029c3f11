"""Which column of a foreign table means what: titles that are known, and a mapping file for the others."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.coordinates import Datum, parse_datum
from siquan.base.kernel.errors import BadInput, UnknownDatum, Words
from siquan.work.cases.imports.sheets import Cell, open_sheet

FIELDS: Final[Mapping[str, Words]] = {
    "ref": _("来件编号"),
    "title": _("标题"),
    "text": _("内容"),
    "time": _("时间"),
    "name": _("反映人"),
    "phone": _("电话"),
    "address": _("地点"),
    "street": _("街道"),
    "community": _("社区"),
    "category": _("类别"),
    "lon": _("经度"),
    "lat": _("纬度"),
    "datum": _("坐标系"),
}
SEVERAL: Final = {"category"}  # levels in columns of their own are one path
NOT_TAKEN: Final = "-"  # the mapping file's word for a column that is left out
_SYNONYMS: Final = Path(__file__).with_name("columns.csv")
_BRACKETS: Final = re.compile(r"\([^)]*\)$")


@dataclass(frozen=True)
class Columns:
    """Where each field stands; `unknown` are titles nobody takes over, `datum` is named in a title."""

    titles: tuple[str, ...]
    positions: Mapping[str, tuple[int, ...]]
    unknown: tuple[str, ...]
    datum: Datum | None

    def title(self, field: str) -> str:
        """Return the title under which a field stands in this file."""
        places = self.positions.get(field, ())
        return self.titles[places[0]] if places else str(FIELDS[field])


def plain(title: object) -> str:
    """Return a title for comparison: width, case, spaces, marks for obligatory fields made equal."""
    text = unicodedata.normalize("NFKC", str(title)).casefold()
    return "".join(each for each in text if not each.isspace() and each not in "*:_\ufeff")


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, str]:
    """Return the known titles: plain title → field. Source: columns.csv of this folder."""
    with _SYNONYMS.open(encoding="utf-8", newline="") as file:
        return {plain(row["header"]): row["field"] for row in csv.DictReader(file)}


def known_titles(cells: Sequence[Cell], mapping: Mapping[str, str] | None = None) -> int:
    """Return how many different fields a row of titles shows."""
    return len({field for cell in cells if (field := _field(cell, mapping or {})[0])})


def recognise(cells: Sequence[Cell], mapping: Mapping[str, str] | None = None) -> Columns:
    """Return what the columns of a row of titles mean."""
    titles = tuple(" ".join(str(cell).replace("\ufeff", "").split())[:80] for cell in cells)
    positions: dict[str, tuple[int, ...]] = {}
    unknown: list[str] = []
    declared: Datum | None = None
    for place, title in enumerate(titles):
        field, datum = _field(title, mapping or {})
        if field and (field in SEVERAL or field not in positions):
            positions[field] = (*positions.get(field, ()), place)
            declared = declared or datum
        elif title:
            unknown.append(title)
    return Columns(titles, positions, tuple(unknown), declared)


def _field(title: Cell, mapping: Mapping[str, str]) -> tuple[str, Datum | None]:
    wanted = plain(title)
    if wanted in mapping:
        field = mapping[wanted]
        return ("" if field == NOT_TAKEN else field), None
    known = synonyms()
    for each in (wanted, _BRACKETS.sub("", wanted)):
        if each in known:
            return known[each], _datum_in(wanted[len(each) :])
    for start in ("经度", "纬度", "longitude", "latitude", "lon", "lng", "lat"):
        if wanted.startswith(start) and (datum := _datum_in(wanted[len(start) :])):
            return known[start], datum
    return "", None


def _datum_in(rest: str) -> Datum | None:
    try:
        return parse_datum(rest.strip("()[]")) if rest else None
    except UnknownDatum:
        return None


def read_mapping(file: IO[bytes]) -> dict[str, str]:
    """Return a mapping file: rows `column,field`, the field by its name or its Chinese title, `-` for none.

    Raises BadInput.
    """
    names = (
        {plain(field): field for field in FIELDS} | dict(synonyms()) | {NOT_TAKEN: NOT_TAKEN, "": NOT_TAKEN}
    )
    mapping: dict[str, str] = {}
    for number, cells in open_sheet(file).rows():
        pair = [str(cell).strip() for cell in cells if cell is not None]
        if not any(pair):
            continue
        if number == 1 and plain(pair[0]) in {"column", "列", "列名", "表头"}:
            continue
        field = names.get(plain(pair[1])) if len(pair) > 1 else None
        if field is None or not pair[0]:
            words = _("对照文件第%(row)d行读不懂。每行写两格：文件里的列名,含义；含义可以是：%(fields)s。")
            raise BadInput(words % {"row": number, "fields": _("、").join(FIELDS)}, field="map")
        mapping[plain(pair[0])] = field
    if not mapping:
        raise BadInput(_("对照文件里没有内容。每行写两格：文件里的列名,含义。"), field="map")
    return mapping
