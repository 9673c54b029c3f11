"""Everything one can ask about call-backs."""

from __future__ import annotations

from siquan.work.callbacks.queries.outcomes import Outcome, outcomes
from siquan.work.callbacks.queries.plans import plan_in_force, plans

__all__ = ["Outcome", "outcomes", "plan_in_force", "plans"]
