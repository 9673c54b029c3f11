"""Cells of tables that leave as CSV, where a spreadsheet guesses what they are."""

from __future__ import annotations

from typing import Any, Final

# A cell that begins so is a formula to a spreadsheet; a text from outside must never become one.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """Return a text that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
