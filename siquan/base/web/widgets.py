"""Form controls of our own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


class DrawnSelect(forms.Select):
    """A select whose options are written without a template: a list of cases has some thousand of them."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the control, as Django's own templates draw it."""
        chosen = set(self.format_value(value))
        about = flatatt(self.build_attrs(self.attrs, attrs))
        drawn = "".join(_drawn(self.choices, chosen))
        return SafeString(f'<select name="{conditional_escape(name)}"{about}>{drawn}</select>')


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


class SearchSelect(DrawnSelect):
    """A select with many options: found by typing, and an ordinary select without JavaScript."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the control within the element that makes it searchable."""
        return SafeString(f"<search-select>{super().render(name, value, attrs, renderer)}</search-select>")
