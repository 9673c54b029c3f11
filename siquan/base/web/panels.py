"""What rooms above add to a page of a room below: a template and what it needs, handed in by the wiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One part of a page; `context(thing, reader)` is asked each time, and an empty dict hides the part.

    The template finds what it needs under `panel`.
    """

    template: str
    context: Callable[[Any, Any], Mapping[str, Any]]


_panels: dict[str, Sequence[Panel]] = {}


def use(panels: Mapping[str, Sequence[Panel]]) -> None:
    """Take over the panels of every page that has a place for them, in the order in which they are shown."""
    _panels.clear()
    _panels.update(panels)


def panels_on(page: str, thing: Any, reader: Any) -> list[dict[str, Any]]:
    """Return the panels of a page (`account`, `unit`) filled for the thing it shows and for who reads it."""
    filled = [(panel.template, panel.context(thing, reader)) for panel in _panels.get(page, ())]
    return [{"template": template, **context} for template, context in filled if context]
