"""Everything one can do with the rates: load a formula, reckon, appeal and decide."""

from __future__ import annotations

from siquan.insight.scoring.services.loading import load_formula
from siquan.insight.scoring.services.reckoning import reckon

__all__ = ["load_formula", "reckon"]
