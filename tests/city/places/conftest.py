"""The small district, loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from siquan.city.places.services import Loaded
from tests.city.places import ground


@pytest.fixture
def small_district(db: None, tmp_path: Path) -> Loaded:
    """Return what loading the small district did."""
    folder = tmp_path / "geography"
    folder.mkdir()
    return ground.load(ground.write(folder))
