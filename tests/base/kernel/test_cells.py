"""No cell of a CSV is a formula."""

from __future__ import annotations

import pytest

from siquan.base.kernel.cells import harmless


@pytest.mark.parametrize("text", ["=1+1", "+8613", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_what_a_spreadsheet_would_reckon_becomes_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["路灯不亮", "1+1=2", "", " =1", -3, 1.5, None])
def test_everything_else_stays(value: object) -> None:
    assert harmless(value) == value
