"""Datum of the sources, found by measuring addresses against the roads they name (see PROVENANCE.md)."""

import numpy as np

from siquan.base.kernel.coordinates import Datum, convert_many
from siquan.demo.derivation.frame import ORIGIN, SCALE, Floats


def from_gcj02(points: Floats) -> Floats:
    """Return GCJ-02 longitudes and latitudes as WGS-84."""
    return _converted(points, Datum.GCJ02)


def from_shifted_compounds(points: Floats) -> Floats:
    """Return the compound list's positions as WGS-84.

    Its positions are BD-09 to which the step WGS-84 -> GCJ-02 was applied once more: read as GCJ-02 the
    median distance to the road in the name is 1,244 m, undone in this order 27 m.
    """
    return _converted(_converted(points, Datum.GCJ02), Datum.BD09)


def flat(points: Floats) -> Floats:
    """Return WGS-84 longitudes and latitudes in metres."""
    return np.asarray((points - ORIGIN) * SCALE)


def _converted(points: Floats, datum: Datum) -> Floats:
    return np.column_stack(convert_many(points[:, 0], points[:, 1], datum, Datum.WGS84))
