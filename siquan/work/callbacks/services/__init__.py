"""Everything one can do with call-backs."""

from __future__ import annotations

from siquan.work.callbacks.services.answering import answer_by_link, correct_answer, rate_by_link
from siquan.work.callbacks.services.asking import ask_due, expire_due
from siquan.work.callbacks.services.calling import (
    reveal_phone,
    save_and_take_next,
    save_call,
    take_back,
    take_next,
)
from siquan.work.callbacks.services.drawing import draw_due, draw_period
from siquan.work.callbacks.services.planning import plan_call_back, publish_plan, withdraw_open

__all__ = [
    "answer_by_link",
    "ask_due",
    "correct_answer",
    "draw_due",
    "draw_period",
    "expire_due",
    "plan_call_back",
    "publish_plan",
    "rate_by_link",
    "reveal_phone",
    "save_and_take_next",
    "save_call",
    "take_back",
    "take_next",
    "withdraw_open",
]
