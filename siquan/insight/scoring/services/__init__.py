"""Everything one can do with the rates: load a formula, reckon, appeal and decide."""

from __future__ import annotations

from siquan.insight.scoring.services.appealing import (
    ACTS,
    appeal,
    grant_appeal,
    refuse_appeal,
    revise_appeal,
    withdraw_appeal,
)
from siquan.insight.scoring.services.loading import load_formula
from siquan.insight.scoring.services.reckoning import reckon

__all__ = [
    "ACTS",
    "appeal",
    "grant_appeal",
    "load_formula",
    "reckon",
    "refuse_appeal",
    "revise_appeal",
    "withdraw_appeal",
]
