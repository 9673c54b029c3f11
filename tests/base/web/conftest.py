"""The style guide is the test bench of the look."""

from __future__ import annotations

from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[3] / "siquan/base/web"


@pytest.fixture
def web() -> Path:
    """Return the folder of the room."""
    return WEB


@pytest.fixture(autouse=True)
def styleguide(settings: object) -> None:
    """Let the style guide be seen."""
    settings.STYLEGUIDE = True  # type: ignore[attr-defined]
