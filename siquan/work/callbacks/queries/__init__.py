"""Everything one can ask about call-backs."""

from __future__ import annotations

from siquan.work.callbacks.queries.desk import (
    Call,
    Waiting,
    call_of,
    current_call,
    last_call,
    sees_photo,
    waiting,
    waiting_count,
)
from siquan.work.callbacks.queries.outcomes import Outcome, outcomes
from siquan.work.callbacks.queries.plans import draw_by_key, plan_in_force, plans, told_of
from siquan.work.callbacks.queries.results import (
    CallBackPage,
    Result,
    answers_in,
    call_back_by_key,
    of_period,
    page_of,
    result_of,
)
from siquan.work.callbacks.queries.said import Said, said_of

__all__ = [
    "Call",
    "CallBackPage",
    "Outcome",
    "Result",
    "Said",
    "Waiting",
    "answers_in",
    "call_back_by_key",
    "call_of",
    "current_call",
    "draw_by_key",
    "last_call",
    "of_period",
    "outcomes",
    "page_of",
    "plan_in_force",
    "plans",
    "result_of",
    "said_of",
    "sees_photo",
    "told_of",
    "waiting",
    "waiting_count",
]
