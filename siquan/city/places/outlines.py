"""Outlines of areas: read from GeoJSON, measured, judged against their neighbours and what they lie in."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from siquan.base.kernel.errors import BadInput

Shapes = npt.NDArray[np.object_]
GeoJSON = dict[str, Any]

DIGITS: Final = 6  # decimals of a degree: 0.1 m
_OVERLAP_M2: Final = 30.0  # drawing noise along a border; a cell has 10,000 m²
_OUTSIDE_M2: Final = 100.0
_OUTSIDE_SHARE: Final = 0.01


def read(outline: object) -> BaseGeometry:
    """Return a GeoJSON polygon or multipolygon in WGS-84 as a shape. Raises BadInput with what is wrong."""
    if not isinstance(outline, Mapping) or outline.get("type") not in {"Polygon", "MultiPolygon"}:
        raise BadInput(_("边界须是GeoJSON的Polygon或MultiPolygon。"), field="boundary")
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(outline)))
    except (shapely.GEOSException, TypeError, ValueError) as error:
        raise BadInput(_("边界读不懂，请检查坐标是否完整。"), field="boundary") from error
    if shape.is_empty:
        raise BadInput(_("边界是空的。"), field="boundary")
    west, south, east, north = shape.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):  # also false for NaN
        raise BadInput(_("边界的坐标超出范围：经度在前，纬度在后，单位是度。"), field="boundary")
    if not shape.is_valid:
        where = shapely.is_valid_reason(shape)
        raise BadInput(_("边界自相交或不闭合：%(where)s。") % {"where": where}, field="boundary")
    return shape


def write(shape: BaseGeometry) -> GeoJSON:
    """Return a shape as GeoJSON, rounded to 0.1 m."""
    rounded = shapely.transform(shape, lambda degrees: np.round(degrees, DIGITS))
    written: GeoJSON = json.loads(shapely.to_geojson(rounded))
    return written


def metres(shapes: Any) -> Any:
    """Return WGS-84 shapes in a flat frame in metres around their middle (series of the ellipsoid)."""
    bounds = shapely.total_bounds(shapes)
    middle = np.array([(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2])
    phi = math.radians(middle[1])
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    north = 111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    return shapely.transform(shapes, lambda degrees: (degrees - middle) * np.array([east, north]))


def overlaps(flat: Shapes) -> list[tuple[int, int, float]]:
    """Return pairs of flat shapes that overlap by more than drawing noise, with the square metres."""
    one, other = shapely.STRtree(flat).query(flat, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(flat[one], flat[other]))
    return [
        (int(i), int(j), float(m2)) for i, j, m2 in zip(one, other, shared, strict=True) if m2 > _OVERLAP_M2
    ]


def sticking_out(flat: Shapes, around: Shapes) -> list[tuple[int, float]]:
    """Return which shapes lie outside the one around them by more than noise, with the square metres."""
    outside = shapely.area(shapely.difference(flat, around))
    allowed = np.maximum(_OUTSIDE_M2, _OUTSIDE_SHARE * shapely.area(flat))
    return [(int(i), float(outside[i])) for i in np.flatnonzero(outside > allowed)]


def union(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return the outline around all shapes."""
    return shapely.union_all(list(shapes))
