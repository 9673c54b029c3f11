"""Cases on a piece of ground, whatever division they were given."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from siquan.city.places.models import InWindow
from siquan.work.cases.models import Case
from siquan.work.cases.states import OPEN


def open_within(ground: BaseGeometry | None) -> int:
    """Return how many open cases of the district lie on this ground (WGS-84)."""
    if ground is None or ground.is_empty:
        return 0
    found = Case.objects.filter(InWindow(*ground.bounds), state__in=OPEN).values_list("lon", "lat")
    shapely.prepare(ground)
    points = np.array(list(found), dtype=float).reshape(-1, 2)
    return int(shapely.contains_xy(ground, points[:, 0], points[:, 1]).sum())
