"""Everything one can do with rounds of outside evaluation."""

from __future__ import annotations

from siquan.work.evaluations.services.judging import judge
from siquan.work.evaluations.services.rounds import announce_round, cancel_round, close_round, draw_round

# The verb → the service that does it to a round.
ACTS = {"draw": draw_round, "cancel": cancel_round, "close": close_round}

__all__ = ["ACTS", "announce_round", "cancel_round", "close_round", "draw_round", "judge"]
