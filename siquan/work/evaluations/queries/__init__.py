"""Everything one can ask about rounds of outside evaluation."""

from __future__ import annotations

from siquan.work.evaluations.queries.blind import (
    Mine,
    Sheet,
    mine,
    sees_photo,
    sheet_of,
    waiting_count,
)
from siquan.work.evaluations.queries.replays import told_of
from siquan.work.evaluations.queries.results import Line, Results, items_of, results_of, round_by_key, rounds

__all__ = [
    "Line",
    "Mine",
    "Results",
    "Sheet",
    "items_of",
    "mine",
    "results_of",
    "round_by_key",
    "rounds",
    "sees_photo",
    "sheet_of",
    "told_of",
    "waiting_count",
]
