"""The offline base map: one vector file (.pmtiles) drawn from the district's own data.

Everything is in WGS-84; nothing is asked of any server. Layers of the tiles, from zoom 10 to 16 (browsers
draw closer by enlarging the last):

| layer | geometry | from zoom | fields |
|---|---|---|---|
| `district` | area | 10 | |
| `blocks` | areas | 11 | code, name, name_en, kind (government, culture, residential, industry) |
| `borders` | lines, each once | 10 | level: district, street, block (block from 12) |
| `roads` | lines | main 10, secondary 11, branch 13, alley 13, nameless 14 | class, named (1 or 0) |
| `road_names` | one line per carriageway pair | main 11, secondary 12, branch and alley 14 | class, name |
| `labels` | points | street 10, block 13 | level, code, name, name_en, short, short_en, kind (of a block) |
| `places` | points | by type, see `PLACES` | type, name |

Parks and green spaces are points, because no outlines are known; a style may draw them as symbols only.
Water is not in the data and is not drawn. The same input gives the same bytes.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import mapbox_vector_tile
import numpy as np
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write
from shapely.geometry import MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from siquan.city.places.mapstyle import MAX_ZOOM, MIN_ZOOM

Feature = tuple[Mapping[str, Any], BaseGeometry]  # properties and geometry in WGS-84 degrees

_UNITS = 4096  # to a tile's side
_BUFFER = 128  # around a tile, so that lines and names run on
_BLUR = 6  # units: what is smaller is not seen
# first zoom of a place by the type of its site
PLACES = {
    "metro_station": 12,
    "park": 12,
    "green": 14,
    "heritage": 15,
    "compound": 15,
    "primary_school": 15,
    "secondary_school": 15,
    "kindergarten": 15,
    "health_centre": 15,
    "health_station": 15,
    "market": 15,
    "culture": 15,
    "courtyard": 16,
    "bus_stop": 16,
}
_ROADS = {"main": 10, "secondary": 11, "branch": 13, "alley": 13}
_ROAD_NAMES = {"main": 11, "secondary": 12, "branch": 14, "alley": 14}


@dataclass(frozen=True)
class _Drawn:
    """Something on the map: its layer, its fields, its shape in the square [0, 1], its first zoom."""

    layer: str
    fields: Mapping[str, Any]
    shape: BaseGeometry
    first: int


def build(
    out: Path,
    *,
    streets: Sequence[Feature],
    blocks: Sequence[Feature] = (),
    roads: Iterable[Feature] = (),
    sites: Iterable[Feature] = (),
    name: str = "siquan",
) -> None:
    """Write the base map of a district to `out`.

    Streets and blocks are areas with code, name, name_en (blocks also kind), each set without gaps; roads
    are lines with name and class; sites are points with type and name.
    """
    district = shapely.coverage_union_all([shape for _, shape in streets])
    drawn = [
        _Drawn("district", {}, _square(district), MIN_ZOOM),
        *_areas(blocks),
        *_borders(district, streets, blocks),
        *_roads(roads),
        *_labels(streets, blocks),
        *_places(sites),
    ]
    bounds = district.bounds
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".unfinished")
    with write(str(unfinished)) as writer:
        for zoom, column, row, data in _tiles(drawn):
            writer.write_tile(zxy_to_tileid(zoom, column, row), gzip.compress(data, mtime=0))
        writer.finalize(_header(bounds), _metadata(name))
    unfinished.replace(out)  # a reader sees the old map or the new one, never half of it


def _square(shape: BaseGeometry) -> BaseGeometry:
    """Return a WGS-84 geometry in the square web maps use: x to the east, y to the south, both 0 to 1."""

    def project(degrees: Any) -> Any:
        phi = np.radians(degrees[:, 1])
        y = 0.5 - np.log(np.tan(np.pi / 4 + phi / 2)) / (2 * np.pi)
        return np.column_stack([degrees[:, 0] / 360 + 0.5, y])

    return shapely.transform(shape, project)


def _areas(blocks: Sequence[Feature]) -> Iterator[_Drawn]:
    for properties, shape in blocks:
        yield _Drawn("blocks", _some(properties, "code", "name", "name_en", "kind"), _square(shape), 11)


def _some(properties: Mapping[str, Any], *wanted: str) -> dict[str, Any]:
    return {key: properties[key] for key in wanted if properties.get(key) not in {None, ""}}


def _borders(
    district: BaseGeometry, streets: Sequence[Feature], blocks: Sequence[Feature]
) -> Iterator[_Drawn]:
    """Yield every border once, at its highest level."""
    taken: BaseGeometry = district.boundary
    yield _Drawn("borders", {"level": "district"}, _square(taken), MIN_ZOOM)
    for level, areas, first in (("street", streets, MIN_ZOOM), ("block", blocks, 12)):
        lines = shapely.union_all([shape.boundary for _, shape in areas])
        own = shapely.line_merge(shapely.difference(lines, taken))
        taken = shapely.union(taken, lines)
        for line in shapely.get_parts(own):
            yield _Drawn("borders", {"level": level}, _square(line), first)


def _roads(roads: Iterable[Feature]) -> Iterator[_Drawn]:
    for properties, shape in roads:
        kind, name = properties["class"], properties.get("name", "")
        first = _ROADS[kind] if name else 14
        for part in shapely.get_parts(shape):
            yield _Drawn("roads", {"class": kind, "named": int(bool(name))}, _square(part), first)
        if name:
            for part in _one_carriageway(shape):
                fields = {"class": kind, "name": name}
                yield _Drawn("road_names", fields, _square(part), _ROAD_NAMES[kind])


def _one_carriageway(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """Yield the parts of a road without those that run beside a longer part: one name is enough."""
    near = 0.0005  # degrees, about 50 m
    covered: BaseGeometry = Point()
    for part in sorted(shapely.get_parts(shape), key=lambda p: (-p.length, p.bounds)):
        if shapely.difference(part, covered).length > 0.5 * part.length:
            yield part
            covered = shapely.union(covered, part.buffer(near))


def _labels(streets: Sequence[Feature], blocks: Sequence[Feature]) -> Iterator[_Drawn]:
    for level, areas, first in (("street", streets, MIN_ZOOM), ("block", blocks, 13)):
        for properties, shape in areas:
            circle = shapely.maximum_inscribed_circle(cast(Polygon, shape), 0.0001)
            fields = {"level": level, **_some(properties, "code", "name", "name_en", "kind")}
            if level == "street":
                fields["short"] = properties["name"].removesuffix("街道")
                fields["short_en"] = properties.get("name_en", "").removesuffix(" Street")
            yield _Drawn("labels", fields, _square(Point(circle.coords[0])), first)


def _places(sites: Iterable[Feature]) -> Iterator[_Drawn]:
    for properties, shape in sites:
        first = PLACES.get(properties["type"])
        if first is not None:
            name = properties["name"].removesuffix("地铁站")  # the mark on the map says what it is
            yield _Drawn("places", {"type": properties["type"], "name": name}, _square(shape), first)


def _tiles(drawn: Sequence[_Drawn]) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield zoom, column, row and content of every tile that has content, in the order of the file."""
    found = []
    for zoom in range(MIN_ZOOM, MAX_ZOOM + 1):
        visible = [thing for thing in drawn if thing.first <= zoom]
        scale = 2**zoom * _UNITS
        shapes = shapely.transform(np.array([thing.shape for thing in visible], dtype=object), _times(scale))
        shapes = _simplified(visible, shapes, zoom)
        tree = shapely.STRtree(shapes)
        for column, row in _columns_and_rows(tree.geometries[0]):
            data = _tile(visible, tree, column, row)
            if data:
                found.append((zxy_to_tileid(zoom, column, row), (zoom, column, row, data)))
    for _number, tile in sorted(found):
        yield tile


def _times(scale: float) -> Any:
    return lambda points: points * scale


def _simplified(things: Sequence[_Drawn], shapes: Any, zoom: int) -> Any:
    """Return the shapes without what is too small to see; areas together, so that borders stay shared."""
    out = shapely.simplify(shapes, _BLUR / 2 if zoom < MAX_ZOOM else 1)
    areas = [i for i, thing in enumerate(things) if thing.layer == "blocks"]
    if areas:
        out[areas] = shapely.coverage_simplify(shapes[areas], _BLUR if zoom < MAX_ZOOM else 2)
    return out


def _columns_and_rows(district: BaseGeometry) -> Iterator[tuple[int, int]]:
    west, north, east, south = (int(edge // _UNITS) for edge in district.bounds)
    for column in range(west, east + 1):
        for row in range(north, south + 1):
            yield column, row


def _tile(things: Sequence[_Drawn], tree: shapely.STRtree, column: int, row: int) -> bytes:
    """Return the content of one tile, or nothing."""
    west, north = column * _UNITS, row * _UNITS
    window = (west - _BUFFER, north - _BUFFER, west + _UNITS + _BUFFER, north + _UNITS + _BUFFER)
    found = np.sort(tree.query(shapely.box(*window)))
    clipped = shapely.clip_by_rect(tree.geometries[found], *window)
    own = shapely.transform(clipped, lambda points: points - (west, north))
    alike: dict[tuple[str, tuple[tuple[str, Any], ...]], list[BaseGeometry]] = defaultdict(list)
    for index, shape in zip(found.tolist(), shapely.set_precision(own, 1.0), strict=True):
        if not shape.is_empty:
            alike[things[index].layer, tuple(things[index].fields.items())].append(shape)
    layers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (layer, fields), shapes in alike.items():
        layers[layer].append({"geometry": _joined(shapes), "properties": dict(fields)})
    content = [{"name": layer, "features": features} for layer, features in sorted(layers.items())]
    return (
        bytes(mapbox_vector_tile.encode(content, default_options={"y_coord_down": True})) if layers else b""
    )


def _joined(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return several shapes of one sort as one: a tile with few things is small and quickly drawn."""
    parts = shapely.get_parts(np.array(shapes, dtype=object)).tolist()
    if len(parts) == 1:
        return shapes[0]
    return {0: MultiPoint, 1: MultiLineString, 2: MultiPolygon}[int(shapely.get_dimensions(parts[0]))](parts)


def _header(bounds: tuple[float, float, float, float]) -> dict[str, Any]:
    west, south, east, north = (round(edge * 10_000_000) for edge in bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": 12,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }


def _metadata(name: str) -> dict[str, Any]:
    fields = {
        "district": {},
        "blocks": {"code": "String", "name": "String", "name_en": "String", "kind": "String"},
        "borders": {"level": "String"},
        "roads": {"class": "String", "named": "Number"},
        "road_names": {"class": "String", "name": "String"},
        "labels": dict.fromkeys(("level", "code", "name", "name_en", "short", "short_en", "kind"), "String"),
        "places": {"type": "String", "name": "String"},
    }
    return {
        "name": name,
        "format": "pbf",
        "vector_layers": [
            {"id": layer, "fields": known, "minzoom": MIN_ZOOM, "maxzoom": MAX_ZOOM}
            for layer, known in fields.items()
        ],
    }
