"""A small district on paper: two streets side by side, each of two blocks, each of two cells.

A02001 A02002 | B02001 B02002     north
A01001 A01002 | B01001 B01002     south
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from siquan.city.places import services
from siquan.city.places.services import Loaded
from tests import make

WEST, SOUTH, STEP = 116.40, 39.90, 0.005  # a cell is about 430 by 560 m
A, B = "110101901", "110101902"
STREETS = {A: "东山街道", B: "西水街道"}


def square(column: float, row: float, columns: float = 1, rows: float = 1) -> dict[str, Any]:
    """Return a rectangle of the grid as GeoJSON."""
    west, south = round(WEST + column * STEP, 6), round(SOUTH + row * STEP, 6)
    east, north = round(west + columns * STEP, 6), round(south + rows * STEP, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def middle(column: int, row: int) -> tuple[float, float]:
    """Return the middle of a cell as (lon, lat)."""
    return round(WEST + (column + 0.5) * STEP, 6), round(SOUTH + (row + 0.5) * STEP, 6)


def feature(outline: Any, **properties: str) -> dict[str, Any]:
    """Return one GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": outline}


def streets() -> list[dict[str, Any]]:
    """Return the two streets."""
    named = enumerate(STREETS.items())
    return [feature(square(2 * i, 0, 2, 2), code=code, name=name) for i, (code, name) in named]


def blocks() -> list[dict[str, Any]]:
    """Return the four blocks."""
    return [
        feature(
            square(2 * i, row, 2, 1),
            code=f"{code}B0{row + 1}",
            name=f"{code}第{row + 1}街区",
            kind="culture",
            street=code,
        )
        for i, code in enumerate(STREETS)
        for row in (0, 1)
    ]


def cells() -> list[dict[str, Any]]:
    """Return the eight cells."""
    return [
        feature(square(2 * i + column, row), code=f"{code}B0{row + 1}00{column + 1}")
        for i, code in enumerate(STREETS)
        for row in (0, 1)
        for column in (0, 1)
    ]


def communities() -> list[dict[str, Any]]:
    """Return two communities per street, without outlines."""
    return [
        {"code": f"{code}00{n}", "name": f"{code}{n}社区", "street": code} for code in STREETS for n in (1, 2)
    ]


def sites() -> list[dict[str, Any]]:
    """Return sites: an alley and its school in A, a road in B, and namesakes in both."""
    west, east = middle(0, 0), middle(3, 1)
    return [
        site("S1", "alley", "背街小巷", "柳树胡同", west),
        site("S2", "primary_school", "小学", "柳树胡同小学", (west[0], west[1] + 0.001)),
        site("S3", "road", "道路", "东门大街", east),
        site("S4", "market", "菜市场", "便民菜市场", (west[0], west[1] + 0.002)),
        site("S5", "market", "菜市场", "便民菜市场", (east[0], east[1] + 0.002)),
    ]


def site(code: str, kind: str, kind_zh: str, name: str, at: tuple[float, float]) -> dict[str, Any]:
    """Return one line of sites.csv."""
    return {"code": code, "type": kind, "type_zh": kind_zh, "name": name, "lon": at[0], "lat": at[1]}


def write(folder: Path, **parts: Iterable[Mapping[str, Any]] | None) -> Path:
    """Write the files of the district; `parts` replaces some, None leaves one out."""
    files: dict[str, Iterable[Mapping[str, Any]] | None] = {
        "district": [{"code": "110101", "name": "小区", "name_en": "Small District"}],
        "streets": streets(),
        "communities": communities(),
        "blocks": blocks(),
        "cells": cells(),
        "sites": sites(),
    }
    for stem, rows in (files | parts).items():
        if rows is not None:
            _write(folder, stem, list(rows))
    return folder


def _write(folder: Path, stem: str, rows: list[Mapping[str, Any]]) -> None:
    if "geometry" in rows[0]:
        text = json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False)
        (folder / f"{stem}.geojson").write_text(text, encoding="utf-8")
        return
    with (folder / f"{stem}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def load(folder: Path, **options: Any) -> Loaded:
    """Load the district from a folder, in force since long ago unless told otherwise."""
    return services.load_geography(folder, **({"on": make.LONG_AGO, "by": None, "at": make.NOW} | options))
