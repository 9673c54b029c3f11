"""One flat frame in metres for the district, and files that come out identical on every run."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

ORIGIN = np.array([116.41, 39.91])
# metres per degree of longitude and latitude at the origin (series of the WGS-84 ellipsoid)
SCALE = np.array([85_516.7, 111_034.6])


def metres(geometry: Any) -> Any:
    """Return a WGS-84 geometry (or an array of them) in metres from the district's origin."""
    return shapely.transform(geometry, lambda degrees: (degrees - ORIGIN) * SCALE)


def degrees(geometry: Any, digits: int = 6) -> Any:
    """Return a flat geometry (or an array of them) in WGS-84, rounded (6 digits = 0.1 m)."""
    return shapely.transform(geometry, lambda flat: np.round(flat / SCALE + ORIGIN, digits))


def cleaned(shapes: Iterable[BaseGeometry], **how: float) -> Geometries:
    """Return the shapes as a coverage: no overlaps, no gaps, shared borders identical."""
    given = np.array(list(shapes), dtype=object)
    return np.asarray(shapely.coverage_clean(given, **how))  # type: ignore[attr-defined]  # not in the stubs yet


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def features(path: Path) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Return properties and geometry of each feature of a GeoJSON file, zipped or not."""
    raw = path.read_bytes()
    collection = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return [(f["properties"], shape(f["geometry"])) for f in collection["features"]]


def write_text(path: Path, text: str) -> None:
    """Write text, zipped without a time stamp when the name ends in .gz."""
    raw = text.encode("utf-8")
    if path.suffix == ".gz":
        buffer = io.BytesIO()
        with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as zipped:
            zipped.write(raw)
        raw = buffer.getvalue()
    path.write_bytes(raw)


def write_rows(path: Path, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    write_text(path, out.getvalue())


def write_features(path: Path, note: str, lines: Iterable[tuple[dict[str, object], BaseGeometry]]) -> None:
    """Write a GeoJSON file in WGS-84, one feature a line."""
    body = ",\n".join(
        json.dumps(
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(geometry)),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for properties, geometry in lines
    )
    head = json.dumps(note, ensure_ascii=False)
    write_text(
        path, f'{{"type":"FeatureCollection","datum":"WGS-84","note":{head},"features":[\n{body}\n]}}\n'
    )
