"""What rooms above show on a person's own page: a template and what it needs, handed in by the wiring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from siquan.base.accounts.models import User


@dataclass(frozen=True)
class Panel:
    """One part of the page; `context` is asked for each person who looks at their own page."""

    template: str
    context: Callable[[User], dict[str, Any]]


_panels: list[Panel] = []


def use(panels: Sequence[Panel]) -> None:
    """Take over the panels, in the order in which they are shown."""
    _panels[:] = panels


def panels_of(user: User) -> list[dict[str, Any]]:
    """Return the panels filled for one person."""
    return [{"template": panel.template, **panel.context(user)} for panel in _panels]
