"""Everything one can ask about cases, scoped by who asks."""

from __future__ import annotations

from siquan.work.cases.queries.casefile import Act, CaseFile, acts_of, case_file
from siquan.work.cases.queries.cases import (
    Deadline,
    Found,
    case_by_number,
    case_by_token,
    deadline_of,
    history,
    my_work,
    newest,
    possible_verbs,
    visible_to,
)
from siquan.work.cases.queries.chips import Chip, chip_of
from siquan.work.cases.queries.duplicates import Alike, Asked, duplicates_of, possible_duplicates
from siquan.work.cases.queries.following import FollowUp, Told, case_by_key, follow_up, sent_again
from siquan.work.cases.queries.ground import open_within
from siquan.work.cases.queries.joined import (
    PublicAlike,
    category_id,
    joined_by_token,
    public_duplicates,
    seen_by,
)
from siquan.work.cases.queries.lists import CasePage, count_up_to, page_of, with_deadlines
from siquan.work.cases.queries.maps import Window, in_window
from siquan.work.cases.queries.photos import (
    REPORTER_TOKENS,
    doubt_count,
    doubts,
    photo_by_key,
    photos_of,
    possible_photo_verbs,
    public_photo,
    public_photos,
    sees_photo,
)
from siquan.work.cases.queries.public import (
    PublicCase,
    PublicFilters,
    Week,
    category_groups,
    point_feature,
    public_case,
    public_page,
    public_rows,
    public_window,
    recently_closed,
    usual_categories,
    week_of,
)
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
    "REPORTER_TOKENS", "Act", "Alike", "Asked", "CaseFile", "CasePage", "Chip", "Deadline", "Figures",
    "FollowUp", "Found", "Happening", "PublicAlike", "PublicCase", "PublicFilters", "Section",
    "StreetRow", "Told", "Week", "Window", "acts_of", "by_street", "case_by_key", "case_by_number",
    "case_by_token", "case_file", "category_groups", "category_id", "chip_of", "count_up_to",
    "deadline_of", "doubt_count", "doubts", "duplicates_of", "figures", "follow_up", "history",
    "in_window", "joined_by_token", "my_work", "newest", "offices_of", "open_within", "page_of",
    "photo_by_key", "photos_of", "placeless", "placeless_count", "point_feature", "possible_duplicates",
    "possible_photo_verbs", "possible_verbs", "public_case", "public_duplicates", "public_page",
    "public_photo", "public_photos", "public_rows", "public_window", "recently_closed", "sections_of",
    "seen_by", "sees_photo", "sent_again", "timeline_of", "usual_categories", "visible_to", "waiting_count",
    "week_of", "with_deadlines",
]  # fmt: skip
