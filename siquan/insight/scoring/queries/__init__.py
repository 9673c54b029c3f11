"""Everything one can ask about the rates."""

from __future__ import annotations

from siquan.insight.scoring.queries.appeals import (
    Closing,
    appeal_by_id,
    appeal_until,
    appeals_for,
    case_to_appeal,
    closing_for,
    outcome_of,
    possible_verbs,
    sees_photo,
    verdicts_of,
    waiting_appeals,
)
from siquan.insight.scoring.queries.figures import (
    COMPOSITE,
    Board,
    Figure,
    Row,
    board,
    composite_of,
    figure_of,
    newest,
    newest_of_kind,
    own_unit_codes,
    row_of,
    trends,
    unit_in,
)
from siquan.insight.scoring.queries.lists import (
    PARTS,
    PER_PAGE,
    Asked,
    CaseLine,
    every_line,
    has_lists,
    lines_of,
    part_counts,
    reasons_of,
)
from siquan.insight.scoring.queries.packs import formula_of, pack_for, pack_on, packs

__all__ = [
    "COMPOSITE", "PARTS", "PER_PAGE", "Asked", "Board", "CaseLine", "Closing", "Figure", "Row",
    "appeal_by_id", "appeal_until", "appeals_for", "board", "case_to_appeal", "closing_for", "composite_of",
    "every_line", "figure_of", "formula_of", "has_lists", "lines_of", "newest", "newest_of_kind",
    "outcome_of", "own_unit_codes", "pack_for", "pack_on", "packs", "part_counts", "possible_verbs",
    "reasons_of", "row_of", "sees_photo", "trends", "unit_in", "verdicts_of", "waiting_appeals",
]  # fmt: skip
