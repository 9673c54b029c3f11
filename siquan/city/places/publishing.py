"""Make the base map and its styles from a folder of geography files, where the web server gives them out."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shapely.geometry import Point, shape

from siquan.city.places import basemap, mapstyle
from siquan.city.places.mapstyle import MAP_TILES

_INPUTS: Final = ("streets.geojson", "blocks.geojson", "roads.geojson", "sites.csv")


def publish_base_map(folder: Path, public: Path) -> bool:
    """Write map and styles below `public`, and say whether anything was to be done.

    Reads streets, blocks, roads (GeoJSON) and sites (CSV) of the folder, each zipped or not; all but the
    streets may be missing. What was made from the same files by the same program is left as it is.
    """
    raw = {name: _bytes(folder, name) for name in _INPUTS}
    target, mark = public / MAP_TILES[1:], public / "map" / "made-from.txt"
    digest = _digest(raw)
    if target.exists() and mark.exists() and mark.read_text(encoding="utf-8") == digest:
        return False
    basemap.build(
        target,
        streets=list(_features(raw["streets.geojson"])),
        blocks=list(_features(raw["blocks.geojson"])),
        roads=_features(raw["roads.geojson"]),
        sites=_sites(raw["sites.csv"]),
    )
    mapstyle.write_styles(target.parent, MAP_TILES)
    mark.write_text(digest, encoding="utf-8")
    return True


def _bytes(folder: Path, name: str) -> bytes:
    if (folder / name).exists():
        return (folder / name).read_bytes()
    zipped = folder / f"{name}.gz"
    return gzip.decompress(zipped.read_bytes()) if zipped.exists() else b""


def _digest(raw: dict[str, bytes]) -> str:
    """Return what the map is made from: the files, the program and the colours."""
    found = hashlib.sha256()
    for part in raw.values():
        found.update(hashlib.sha256(part).digest())
    for module in (basemap.__file__, mapstyle.__file__, mapstyle.TOKENS):
        found.update(Path(module).read_bytes())
    return found.hexdigest()


def _features(raw: bytes) -> Iterator[basemap.Feature]:
    for feature in json.loads(raw)["features"] if raw else ():
        yield feature["properties"], shape(feature["geometry"])


def _sites(raw: bytes) -> Iterator[basemap.Feature]:
    for row in csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))):
        yield row, Point(float(row["lon"]), float(row["lat"]))
