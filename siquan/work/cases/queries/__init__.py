"""Everything one can ask about cases, scoped by who asks."""

from __future__ import annotations

from siquan.work.cases.queries.casefile import Act, CaseFile, acts_of, case_file, masked_name, masked_phone
from siquan.work.cases.queries.cases import (
    REPORTER_TOKENS,
    Deadline,
    Found,
    case_by_number,
    case_by_token,
    deadline_of,
    history,
    my_work,
    newest,
    overdue_count,
    possible_verbs,
    sees_photo,
    visible_to,
)
from siquan.work.cases.queries.chips import Chip, chip_of
from siquan.work.cases.queries.lists import CasePage, count_up_to, page_of, with_deadlines
from siquan.work.cases.queries.maps import Window, in_window
from siquan.work.cases.queries.timeline import Happening, offices_of, timeline_of
from siquan.work.cases.queries.worklists import (
    Figures,
    Section,
    StreetRow,
    by_street,
    figures,
    placeless,
    placeless_count,
    sections_of,
    waiting_count,
)

__all__ = [
    "REPORTER_TOKENS", "Act", "CaseFile", "CasePage", "Chip", "Deadline", "Figures", "Found",
    "Happening", "Section", "StreetRow", "Window", "acts_of", "by_street", "case_by_number",
    "case_by_token", "case_file", "chip_of", "count_up_to", "deadline_of", "figures", "history",
    "in_window", "masked_name", "masked_phone", "my_work", "newest", "offices_of", "overdue_count",
    "page_of", "placeless", "placeless_count", "possible_verbs", "sections_of", "sees_photo",
    "timeline_of", "visible_to", "waiting_count", "with_deadlines",
]  # fmt: skip
