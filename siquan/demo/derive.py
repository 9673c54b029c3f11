"""Make the files of `siquan/demo/data` from the collected public material.

Run by hand, once, from the root of the repository; the same input gives the same bytes:

    python -m siquan.demo.derive ../shared/data

What each file holds, where it comes from and what was decided is told in `siquan/demo/data/PROVENANCE.md`.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from siquan.demo.derivation import blocks, cells, places, roads, romanised, weights, wording
from siquan.demo.derivation.cells import Tiling
from siquan.demo.derivation.frame import (
    Floats,
    Geometries,
    cleaned,
    degrees,
    features,
    metres,
    rows,
    write_features,
    write_rows,
)
from siquan.demo.derivation.places import Site
from siquan.demo.derivation.roads import Road

OUT = Path(__file__).parent / "data"
NOT_OFFICIAL = "made for the demonstration by dividing the streets; not the official 81"


@dataclass
class District:
    """Everything worked out before the first file is written."""

    names: list[str]
    codes: list[str]
    sources: list[BaseGeometry]
    roads: list[Road]
    tiling: Tiling
    sites: list[Site]
    left_out: dict[str, int]
    residents: Floats
    presence: Floats
    block: Floats


def main(arguments: Sequence[str]) -> None:
    """Read the folder given, write the files and print what came out."""
    folder = Path(arguments[0])
    OUT.mkdir(exist_ok=True)
    district = _worked_out(folder / "geo")
    cell_codes, shapes = _write_divisions(district)
    _write_communities(folder / "geo")
    _write_sites(district, shapes)
    _write_roads(district)
    _write_wording(district)
    _write_weights(district, cell_codes)
    print("left out:", district.left_out)


def _worked_out(folder: Path) -> District:
    given = features(folder / "dongcheng_streets_17_wgs84.geojson")
    streets = cleaned((metres(geometry) for _, geometry in given), snapping_distance=0.5, gap_width=10.0)
    lines = roads.read(folder / "roads_dongcheng_gcj02.geojson.gz")
    tiling = cells.tile(list(streets), lines)
    found, left_out = places.read(folder, lines, shapely.union_all(streets))
    residents = weights.residents(folder, tiling)
    return District(
        names=[properties["name"] for properties, _ in given],
        codes=[properties["code"] for properties, _ in given],
        sources=[metres(geometry) for _, geometry in given],
        roads=lines,
        tiling=tiling,
        sites=found,
        left_out=left_out,
        residents=residents,
        presence=weights.presence(folder, tiling),
        block=np.array(blocks.group(tiling, residents)),
    )


def _write_divisions(district: District) -> tuple[list[str], list[BaseGeometry]]:
    """Write cells, then blocks and streets as unions of them; return cell codes and street shapes."""
    pieces = degrees(np.array(district.tiling.pieces, dtype=object))
    street_of = np.array(district.tiling.street)
    count = int(district.block.max()) + 1
    members = [np.flatnonzero(district.block == b) for b in range(count)]
    shapes = [shapely.coverage_union_all(pieces[cells_in]) for cells_in in members]
    owner = [int(street_of[cells_in[0]]) for cells_in in members]
    kinds, names = _described(district, members, owner)
    block_codes = [f"{district.codes[s]}B{owner[: b + 1].count(s):02d}" for b, s in enumerate(owner)]
    lines = []
    for b, cells_in in enumerate(members):
        order = sorted(
            cells_in.tolist(), key=lambda i: (-round(pieces[i].centroid.y, 3), pieces[i].centroid.x)
        )
        lines += [(f"{block_codes[b]}{n + 1:03d}", i) for n, i in enumerate(order)]
    write_features(
        OUT / "cells.geojson.gz",
        "unit cells of about 10,000 m², made for the demonstration along roads and alleys",
        (({"code": code}, pieces[i]) for code, i in lines),
    )
    write_features(
        OUT / "blocks.geojson",
        NOT_OFFICIAL,
        (
            (
                {
                    "code": block_codes[b],
                    "name": names[b],
                    "name_en": romanised.block(names[b]),
                    "kind": kinds[b],
                    "street": district.codes[owner[b]],
                },
                shapes[b],
            )
            for b in range(count)
        ),
    )
    streets = [
        shapely.coverage_union_all(np.array([shapes[b] for b in range(count) if owner[b] == s], dtype=object))
        for s in range(len(district.names))
    ]
    write_features(
        OUT / "streets.geojson",
        "street boundaries, simplified together",
        (
            ({"code": c, "name": n, "name_en": romanised.street(n)}, g)
            for c, n, g in zip(district.codes, district.names, streets, strict=True)
        ),
    )
    _tell(district, streets, pieces, kinds)
    district.residents = district.residents[[i for _, i in lines]]
    district.presence = district.presence[[i for _, i in lines]]
    return [code for code, _ in lines], streets


def _described(
    district: District, members: Sequence[npt.NDArray[np.intp]], owner: Sequence[int]
) -> tuple[list[str], list[str]]:
    """Return kind and name of each block."""
    flat = np.array(district.tiling.pieces, dtype=object)
    shapes = [shapely.coverage_union_all(flat[cells_in]) for cells_in in members]
    found = weights.evidence(
        shapes,
        district.sites,
        district.roads,
        np.array([district.residents[cells_in].sum() for cells_in in members]),
        np.array([district.presence[cells_in].sum(0) for cells_in in members]),
    )
    kinds = blocks.kinds(found, np.array([shape.area for shape in shapes]))
    return kinds, blocks.names(shapes, district.roads, [district.names[s] for s in owner])


def _tell(
    district: District, streets: Sequence[BaseGeometry], pieces: Geometries, kinds: Sequence[str]
) -> None:
    """Print areas before and after, and the counts."""
    print("valid coverage:", shapely.coverage_is_valid(pieces), shapely.coverage_is_valid(np.array(streets)))
    for name, before, after in zip(district.names, district.sources, streets, strict=True):
        flat = metres(after)
        moved = before.symmetric_difference(flat).area
        print(f"{name} {before.area / 1e6:.4f} -> {flat.area / 1e6:.4f} km² (moved {moved:.0f} m²)")
    area = np.array([metres(piece).area for piece in pieces])
    print(f"total {sum(s.area for s in district.sources) / 1e6:.4f} -> {area.sum() / 1e6:.4f} km²")
    print(f"cells {len(area)}, mean {area.mean():.0f} m², 5-95 %: {np.percentile(area, [5, 95]).round()}")
    print("kinds:", Counter(kinds), "sites:", Counter(site.kind for site in district.sites))


def _write_communities(folder: Path) -> None:
    write_rows(
        OUT / "communities.csv",
        ("code", "name", "short_name", "name_en", "street"),
        (
            (
                r["community_code"],
                r["community_name"],
                r["community_name"].removesuffix("居委会"),
                romanised.community(r["community_name"].removesuffix("居委会")),
                r["street_code"],
            )
            for r in rows(folder / "communities_169_2023.csv")
        ),
    )


def _write_sites(district: District, streets: Sequence[BaseGeometry]) -> None:
    points = degrees(shapely.points([(site.x, site.y) for site in district.sites]))
    tree = shapely.STRtree(list(streets))
    street = [int(tree.nearest(point)) for point in points]  # nearest: a point on the edge still has a street
    write_rows(
        OUT / "sites.csv.gz",
        ("code", "type", "type_zh", "name", "lon", "lat", "street", "address", "source"),
        (
            (
                f"S{number + 1:05d}",
                site.kind,
                places.TYPES[site.kind][0],
                site.name,
                f"{points[number].x:.6f}",
                f"{points[number].y:.6f}",
                district.codes[street[number]],
                site.address,
                site.source,
            )
            for number, site in enumerate(district.sites)
        ),
    )
    write_rows(
        OUT / "site_types.csv",
        ("code", "name_zh", "name_en", "source"),
        (
            (slug, zh, en, "assumed: grouping of the collected lists")
            for slug, (zh, en) in places.TYPES.items()
        ),
    )


def _write_roads(district: District) -> None:
    write_features(
        OUT / "roads.geojson.gz",
        "road lines; class main, secondary, branch or alley read from name and length",
        (
            ({"name": road.name, "class": road.kind}, degrees(road.line, digits=5 if not road.name else 6))
            for road in district.roads
        ),
    )


def _write_wording(district: District) -> None:
    """Write crossings, house numbers and other names: what a place told in words is found by."""
    crossings = wording.crossings(district.roads)
    points = _told(degrees(shapely.points([(c.x, c.y) for c in crossings])))
    drawn = "roads_dongcheng_gcj02.geojson"
    write_rows(
        OUT / "crossings.csv.gz",
        ("one", "other", "lon", "lat", "source"),
        ((c.one, c.other, *at, drawn) for c, at in zip(crossings, points, strict=True)),
    )
    doors = wording.doors(district.sites, district.roads)
    points = _told(degrees(shapely.points([(d.x, d.y) for d in doors])))
    write_rows(
        OUT / "doors.csv.gz",
        ("road", "number", "lon", "lat", "source"),
        ((d.road, d.number, *at, d.source) for d, at in zip(doors, points, strict=True)),
    )
    write_rows(
        OUT / "aliases.csv",
        ("alias", "name", "sort", "source"),
        wording.aliases(district.sites, district.roads, crossings),
    )


def _told(points: Geometries) -> list[tuple[str, str]]:
    return [(f"{point.x:.6f}", f"{point.y:.6f}") for point in points]


def _write_weights(district: District, codes: Sequence[str]) -> None:
    write_rows(
        OUT / "population.csv.gz",
        ("cell", "residents"),
        ((code, f"{value:.1f}") for code, value in zip(codes, district.residents, strict=True)),
    )
    write_rows(
        OUT / "activity.csv.gz",
        ("cell", *weights.HOURS),
        (
            (code, *(f"{value:.0f}" for value in line))
            for code, line in zip(codes, district.presence, strict=True)
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
