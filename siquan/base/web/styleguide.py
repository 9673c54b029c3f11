"""Samples of every component, for the style guide."""

from typing import Any


def samples(frame: str) -> dict[str, Any]:
    """Return what the style guide shows, in the frame of the desk or of the portal."""
    return {"frame": f"web/{'portal' if frame == 'portal' else 'desk'}.html"}
