"""Form controls of our own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


class SearchSelect(forms.Select):
    """A select with many options: found by typing, and an ordinary select without JavaScript.

    Its options are written without a template, which takes too long for some thousand of them.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the control within the element that makes it searchable."""
        about = {"name": name, **self.build_attrs(self.attrs, attrs)}
        drawn = "".join(_drawn(self.choices, set(self.format_value(value))))
        return _select(about, drawn, is_searchable=True)


def drawn_select(
    name: str, choices: tuple[Any, ...], value: str, *, element_id: str, is_searchable: bool = False
) -> SafeString:
    """Return a select outside a form; the options of a list that is drawn often are written once."""
    mark = f'<option value="{conditional_escape(value)}"'
    drawn = _undecided(choices).replace(mark, f"{mark} selected", 1)
    return _select({"name": name, "id": element_id}, drawn, is_searchable=is_searchable)


def _select(about: dict[str, Any], drawn: str, *, is_searchable: bool) -> SafeString:
    select = f"<select{flatatt(about)}>{drawn}</select>"
    return SafeString(f"<search-select>{select}</search-select>" if is_searchable else select)


@lru_cache(maxsize=64)
def _undecided(choices: tuple[Any, ...]) -> str:
    return "".join(_drawn(choices, set()))


def _drawn(choices: Iterable[Any], chosen: set[str]) -> Iterable[str]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield f'<optgroup label="{conditional_escape(value)}">'
            yield from _drawn(label, chosen)
            yield "</optgroup>"
        else:
            code = "" if value is None else str(value)
            mark = " selected" if code in chosen else ""
            yield f'<option value="{conditional_escape(code)}"{mark}>{conditional_escape(label)}</option>'
