"""Datum of the sources, found by measuring addresses against the roads they name (see PROVENANCE.md)."""

from collections.abc import Callable

import numpy as np
from coord_convert import transform  # development only: these modules are run by hand, not by the product

from siquan.demo.derivation.frame import ORIGIN, SCALE, Floats


def from_gcj02(points: Floats) -> Floats:
    """Return GCJ-02 longitudes and latitudes as WGS-84."""
    return _each(points, transform.gcj2wgs)


def from_shifted_compounds(points: Floats) -> Floats:
    """Return the compound list's positions as WGS-84.

    Its positions are BD-09 to which the step WGS-84 -> GCJ-02 was applied once more: read as GCJ-02 the
    median distance to the road in the name is 1,244 m, undone in this order 27 m.
    """
    return _each(_each(_each(points, transform.gcj2wgs), transform.bd2gcj), transform.gcj2wgs)


def flat(points: Floats) -> Floats:
    """Return WGS-84 longitudes and latitudes in metres."""
    return np.asarray((points - ORIGIN) * SCALE)


def _each(points: Floats, convert: Callable[[float, float], tuple[float, float]]) -> Floats:
    return np.array([convert(float(lon), float(lat)) for lon, lat in points]).reshape(-1, 2)
