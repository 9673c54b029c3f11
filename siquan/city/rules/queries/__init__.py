"""What one can ask about rules: which apply (held in memory), and what the pages list."""

from siquan.city.rules.queries.in_force import (
    calendar_by_id,
    calendar_in_force,
    calendar_row_in_force,
    category_ids_below,
    pack_in_force,
    resolve_many,
    rulebook,
)
from siquan.city.rules.queries.listings import (
    divisions_with_codes,
    draft_by_id,
    faults_of,
    faults_of_pack,
    files_of,
    pack_by_id,
    pack_named,
    packs,
    units_with_codes,
)
from siquan.city.rules.rulebook import (
    CategoryEntry,
    LimitLine,
    Question,
    Responsibility,
    ResponsibilityLine,
    Rulebook,
)

__all__ = [
    "CategoryEntry",
    "LimitLine",
    "Question",
    "Responsibility",
    "ResponsibilityLine",
    "Rulebook",
    "calendar_by_id",
    "calendar_in_force",
    "calendar_row_in_force",
    "category_ids_below",
    "divisions_with_codes",
    "draft_by_id",
    "faults_of",
    "faults_of_pack",
    "files_of",
    "pack_by_id",
    "pack_in_force",
    "pack_named",
    "packs",
    "resolve_many",
    "rulebook",
    "units_with_codes",
]
